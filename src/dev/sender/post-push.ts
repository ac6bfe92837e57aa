// One attempt to push, and what its answer asks for: the rules of a remote write 1.0 sender (5xx must, 429 may be
// retried; nothing else; Retry-After goes before the sender's own pause).

import type { Clock } from '../clock.ts'

export interface PushAnswer {
  /** 0: there was no answer. */
  readonly status: number
  readonly text: string
  readonly retry: boolean
  /** From Retry-After; absent if there was none, or if it is over. */
  readonly retryAfterMs?: number
}

export interface PostOptions {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** Never rejects. `attempt` is 0 for the first. */
export async function postPush(
  options: PostOptions,
  body: Uint8Array,
  attempt: number,
  stop: AbortSignal,
  clock: Clock,
): Promise<PushAnswer> {
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      redirect: 'manual',
      body,
      headers: {
        ...options.headers,
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'user-agent': 'sluice-sample-sender/1',
        'x-prometheus-remote-write-version': '0.1.0',
        ...(attempt > 0 ? { 'retry-attempt': String(attempt) } : {}),
      },
      signal: AbortSignal.any([stop, AbortSignal.timeout(options.timeoutMs ?? 30_000)]),
    })
    const text = await response.text()
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), clock.now())
    return {
      status: response.status,
      text,
      retry: response.status >= 500 || response.status === 429,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  } catch (error) {
    const { message, cause } = error as Error
    return { status: 0, text: cause instanceof Error ? cause.message : message, retry: true }
  }
}

/** Seconds or an HTTP date (RFC 9110, section 10.2.3) as ms from now; undefined if absent, unreadable or over. */
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return ms > 0 ? ms : undefined
}
