// The last pushes that the test receiver saw, refused and broken ones too. Bounded; the oldest go first.

import type { DecodedLabel } from '../decode.ts'

export interface LoggedRequest {
  /** 0 for the first push since the start; goes on over resets. */
  readonly index: number
  /** When its body was complete, ms since 1970. */
  readonly at: number
  readonly method: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly tenant: string
  /** What it was answered; 0 if a fault took the answer away (hang, reset). */
  readonly status: number
  /** The answer's text; empty for the usual 204. */
  readonly text: string
  /** Body as it came, and unpacked. */
  readonly compressedBytes: number
  readonly bytes: number
  /** Series or streams, samples (histograms included) or entries, metadata entries. */
  readonly series: number
  readonly samples: number
  readonly metadata: number
  /** Labels of the first series; a first stream's text as one label called `stream`. */
  readonly firstSeries: readonly DecodedLabel[]
  /** Top-level fields that the schema does not know, tag included, as hex: the first 16, of at most 1 KiB each. */
  readonly unknownFields: readonly string[]
}

export interface RequestLog {
  add(request: Omit<LoggedRequest, 'index'>): LoggedRequest
  /** Oldest first. */
  readonly all: readonly LoggedRequest[]
  clear(): void
}

/** `max`: how many are kept. */
export function makeRequestLog(max: number): RequestLog {
  let requests: LoggedRequest[] = []
  let next = 0
  return {
    add: (request) => {
      const logged = { index: next++, ...request }
      requests.push(logged)
      // Cut in halves: dropping one at a time would move the whole list for every push.
      if (requests.length >= max * 2) requests = requests.slice(-max)
      return logged
    },
    get all() {
      return requests.slice(-max)
    },
    clear: () => {
      requests = []
    },
  }
}
