// A sender that keeps a ledger: one push after the other, each repeated until it is answered for good, as Prometheus
// does. Sample n of every series has the time `baseMs + n`, which is its value too.

import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { onTestFinished } from 'vitest'
import { encodeWriteRequest, snappyBlock } from '../../../src/dev/encode.ts'
import type { Book } from './book.ts'

export interface SenderOptions {
  readonly book: Book
  readonly url: string
  /** Its name; no other sender of the book has it. */
  readonly source: string
  readonly tenants: readonly string[]
  /** Series of each tenant; default 1. */
  readonly series?: number
  /** Time between the starts of two pushes at least; default 0: one after the other. */
  readonly everyMs?: number
  /** The longest wait before a push is repeated, whatever Retry-After says; default 100. */
  readonly repeatMs?: number
  /** Ends by itself after so many pushes. */
  readonly pushes?: number
}

export interface Sender {
  /** Answers by status; 0: none came. */
  readonly answers: ReadonlyMap<number, number>
  /** Times of final answers since the first attempt, in ms, in their order. */
  readonly answerMs: readonly number[]
  /** Pushes that were answered for good. */
  readonly settled: number
  /** No new push is begun; resolves once the last one is answered for good. */
  stop(): Promise<void>
  /** Resolves when `pushes` are settled, or after `stop`. */
  readonly ended: Promise<void>
}

const headers = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'user-agent': 'ledger/1',
  'x-prometheus-remote-write-version': '0.1.0',
}

/** Sends until it is stopped, or the test ends. */
export function startSender(options: SenderOptions): Sender {
  const {
    book,
    url,
    source,
    tenants,
    series = 1,
    everyMs = 0,
    repeatMs = 100,
    pushes = Number.POSITIVE_INFINITY,
  } = options
  const record = book.open(source, tenants, series)
  const agent = new Agent({ connections: 1, headersTimeout: 120_000, keepAliveTimeout: 10_000 })
  const answers = new Map<number, number>()
  const answerMs: number[] = []
  const cut = new AbortController()
  let isStopping = false

  const attempt = async (body: Buffer): Promise<{ status: number; retryAfter: number }> => {
    try {
      const answer = await request(url, { method: 'POST', body, headers, dispatcher: agent, signal: cut.signal })
      await answer.body.dump()
      return { status: answer.statusCode, retryAfter: Number(answer.headers['retry-after'] ?? 0) }
    } catch {
      return { status: 0, retryAfter: 0 }
    }
  }
  const settle = async (n: number): Promise<void> => {
    const body = bodyOf(book.baseMs + n)
    record.sentAt[n] = performance.now()
    record.statuses[n] = 0
    while (!cut.signal.aborted) {
      record.attempts[n] = (record.attempts[n] ?? 0) + 1
      const { status, retryAfter } = await attempt(body)
      answers.set(status, (answers.get(status) ?? 0) + 1)
      record.statuses[n] = status
      if (status >= 200 && status < 500 && status !== 429 && status !== 408) break
      await wait(Math.min(repeatMs, retryAfter > 0 ? retryAfter * 1000 : 20), undefined, { ref: false })
    }
    answerMs.push(performance.now() - record.sentAt[n]!)
  }
  const bodyOf = (time: number): Buffer =>
    snappyBlock(
      encodeWriteRequest({
        series: tenants.flatMap((tenant) =>
          Array.from({ length: series }, (_, i) => ({
            labels: [
              ['__name__', 'ledger'],
              ['i', String(i)],
              ['owner', tenant],
              ['source', source],
              ['tenant', tenant],
            ] as const,
            samples: [[time, time]] as const,
          })),
        ),
      }),
    )
  const run = async (): Promise<void> => {
    const started = performance.now()
    for (let n = 1; n <= pushes && !isStopping; n++) {
      const ahead = started + (n - 1) * everyMs - performance.now()
      if (ahead > 0) await wait(ahead)
      await settle(n)
    }
  }
  const ended = run().finally(() => agent.destroy())
  onTestFinished(async () => {
    isStopping = true
    cut.abort()
    await ended
  })
  return {
    answers,
    answerMs,
    get settled() {
      return answerMs.length
    },
    ended,
    stop: () => {
      isStopping = true
      return ended
    },
  }
}
