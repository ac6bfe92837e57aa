// The two forms of remote write, and which of them each upstream takes, as its answers show. 2.0 is tried again after
// ten minutes: upstreams are renewed.

import type { ProtobufMessage } from '../config/tenancy-settings.ts'
import type { Protocol } from '../wire/codecs.ts'
import type { HttpResponse } from '../wire/message.ts'
import { confirmed } from './confirmed.ts'

/** How one request of an attempt ended: by a response or an error. */
export interface Ended {
  readonly form: Protocol
  readonly response: HttpResponse | undefined
}

const formOf: Readonly<Record<ProtobufMessage, Protocol>> = {
  'prometheus.WriteRequest': 'remote-write-1',
  'io.prometheus.write.v2.Request': 'remote-write-2',
}

const rememberedMs = 10 * 60_000

export class Forms {
  readonly #now: () => number
  readonly #known = new Map<string, { readonly form: Protocol; readonly until: number }>()

  /** Time in ms that never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** In which form goes to the URL what is `wanted` to go in one. */
  first(url: string, wanted: Protocol): Protocol {
    return wanted === 'remote-write-2' && this.#knownOf(url) === 'remote-write-1' ? 'remote-write-1' : wanted
  }

  /** In which form it goes once more, at once; undefined: how it ended stands. */
  second(url: string, wanted: Protocol, { form, response }: Ended): Protocol | undefined {
    if (wanted !== 'remote-write-2' || response === undefined) return undefined
    const { status } = response
    if (form === 'remote-write-1') {
      // What it took for lately it takes no more.
      if (status !== 415) return undefined
      this.#known.delete(url)
      return 'remote-write-2'
    }
    if (status === 415) this.#note(url, 'remote-write-1')
    else if (!mayBeUnread(response) || (status < 300 && this.#knownOf(url) === 'remote-write-2')) return undefined
    return 'remote-write-1'
  }

  /** Which of two requests of one attempt tells how it ended. */
  judge<E extends Ended>(url: string, first: E, second: E): E {
    const status = second.response?.status ?? 0
    if (first.form === 'remote-write-1') return second
    if (status !== 415) {
      if (status >= 200 && status < 300) this.#note(url, 'remote-write-1')
      return second
    }
    // There is no form but 2.0 here, whether it counts what was written or not.
    if (first.response!.status < 300) this.#note(url, 'remote-write-2')
    else this.#known.delete(url)
    return first
  }

  #knownOf(url: string): Protocol | undefined {
    const known = this.#known.get(url)
    return known !== undefined && known.until > this.#now() ? known.form : undefined
  }

  #note(url: string, form: Protocol): void {
    this.#known.set(url, { form, until: this.#now() + rememberedMs })
  }
}

/** The form in which a body would go to an upstream that takes any. */
export function wantedOf(protocol: Protocol, message: ProtobufMessage | undefined): Protocol {
  return protocol === 'loki' || message === undefined ? protocol : formOf[message]
}

/**
 * Receivers of 1.x find nothing in a 2.0 body: they say 400, or 2xx without counting what was written, as who takes 2.0
 * must do with either. A 202 promises no count.
 */
function mayBeUnread({ status, headers }: HttpResponse): boolean {
  return (status < 300 || status === 400) && status !== 202 && confirmed(headers) === undefined
}
