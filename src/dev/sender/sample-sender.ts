// The sample application as a sender: a push of all tenants when told to, over remote write 1, with the manners
// of Prometheus' own client: it is retried with the same bytes until it is taken or refused for good.

import { setMaxListeners } from 'node:events'
import { type Clock, systemClock } from '../clock.ts'
import { encodeWriteRequest, snappyBlock } from '../encode.ts'
import { postPush } from './post-push.ts'
import { sampleMetadata, sampleSeriesAt, sampleTenants } from './sample-metrics.ts'

export interface SampleSenderOptions {
  /** Where to push to, for example `http://127.0.0.1:8080/api/v1/push`. */
  readonly url: string
  /** Default team-a, team-b, team-c. */
  readonly tenants?: readonly string[]
  /** Label that carries the tenant. Default `tenant`. */
  readonly tenantLabel?: string
  /** Sent beside the protocol's own headers, which they cannot replace. */
  readonly headers?: Readonly<Record<string, string>>
  /** Pushes on the way at once, each with its own retries, as with as many shards of Prometheus. Default 1. */
  readonly maxInFlight?: number
  /** Pushes that wait behind those; the oldest goes (and is counted) beyond. Default 1000. */
  readonly maxQueued?: number
  /** First pause before a retry, in ms; doubles up to `maxBackoffMs`. Retry-After goes before. Defaults 30 and 5000. */
  readonly minBackoffMs?: number
  readonly maxBackoffMs?: number
  /** Time for one attempt, in ms. Default 30,000. */
  readonly timeoutMs?: number
  /** Metadata is sent, alone, with the first push and then every so many. 0: never. Default 60. */
  readonly metadataEvery?: number
  readonly clock?: Clock
}

/** All counters only grow, except `pending`. */
export interface SenderStats {
  /** Pushes made, metadata included. */
  pushes: number
  /** Answered 2xx. */
  delivered: number
  /** Answered with what asks for no retry (3xx, 4xx but 429). */
  refused: number
  /** Gone unsent because too many waited, or because the sender stopped. */
  dropped: number
  /** Attempts after the first of their push. */
  retries: number
  /** Samples made, and of pushes that were delivered. */
  samples: number
  samplesDelivered: number
  /** Attempts by status; 0: no answer. */
  readonly answers: Map<number, number>
  /** On the way or waiting. */
  pending: number
  /** Text of the last answer that was not 2xx. */
  lastError: string | undefined
}

export interface SampleSender {
  readonly stats: Readonly<SenderStats>
  /** Makes one push with the samples of `tsMs` (default: now). Resolves once it is settled: delivered, refused or dropped. */
  push(tsMs?: number): Promise<'delivered' | 'refused' | 'dropped'>
  /** Resolves when nothing is on the way or waiting. */
  idle(): Promise<void>
  /** Waits for nothing more and drops what is pending. */
  stop(): Promise<void>
}

interface Job {
  readonly body: Buffer
  readonly samples: number
  readonly settle: (outcome: 'delivered' | 'refused' | 'dropped') => void
}

/** A sender that pushes when told to. */
export function makeSampleSender(options: SampleSenderOptions): SampleSender {
  const clock = options.clock ?? systemClock
  const tenants = options.tenants ?? sampleTenants
  const metadataEvery = options.metadataEvery ?? 60
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const queue: Job[] = []
  const active = new Set<Promise<void>>()
  const waiters = new Set<() => void>()
  let dataPushes = 0
  const stats: SenderStats = {
    pushes: 0,
    delivered: 0,
    refused: 0,
    dropped: 0,
    retries: 0,
    samples: 0,
    samplesDelivered: 0,
    answers: new Map(),
    pending: 0,
    lastError: undefined,
  }

  const settle = (job: Job, outcome: 'delivered' | 'refused' | 'dropped'): void => {
    stats[outcome]++
    stats.pending--
    if (outcome === 'delivered') stats.samplesDelivered += job.samples
    job.settle(outcome)
    if (stats.pending > 0) return
    for (const wake of waiters) wake()
    waiters.clear()
  }

  const send = async (job: Job): Promise<void> => {
    let backoffMs = options.minBackoffMs ?? 30
    for (let attempt = 0; !stopping.signal.aborted; attempt++) {
      const answer = await postPush(options, job.body, attempt, stopping.signal, clock)
      if (stopping.signal.aborted) break
      stats.answers.set(answer.status, (stats.answers.get(answer.status) ?? 0) + 1)
      if (answer.status >= 200 && answer.status < 300) return settle(job, 'delivered')
      stats.lastError = `${answer.status === 0 ? 'no answer' : answer.status}: ${answer.text.trim()}`
      if (!answer.retry) return settle(job, 'refused')
      const pauseMs = answer.retryAfterMs ?? backoffMs
      await clock.sleep(pauseMs, stopping.signal)
      backoffMs = Math.min(pauseMs * 2, options.maxBackoffMs ?? 5000)
      if (!stopping.signal.aborted) stats.retries++
    }
    settle(job, 'dropped')
  }

  const pump = (): void => {
    while (active.size < (options.maxInFlight ?? 1)) {
      const job = queue.shift()
      if (job === undefined) return
      const sending = send(job).finally(() => {
        active.delete(sending)
        pump()
      })
      active.add(sending)
    }
  }

  const enqueue = (body: Uint8Array, samples: number): Promise<'delivered' | 'refused' | 'dropped'> =>
    new Promise((resolve) => {
      stats.pushes++
      stats.pending++
      stats.samples += samples
      const job = { body: snappyBlock(body), samples, settle: resolve }
      if (stopping.signal.aborted) return settle(job, 'dropped')
      queue.push(job)
      pump()
      if (queue.length > (options.maxQueued ?? 1000)) settle(queue.shift() as Job, 'dropped')
    })

  return {
    stats,
    push: (tsMs = clock.now()) => {
      const series = sampleSeriesAt(tenants, options.tenantLabel ?? 'tenant', tsMs)
      const pushed = enqueue(encodeWriteRequest({ series }), series.length)
      if (metadataEvery > 0 && dataPushes++ % metadataEvery === 0) {
        void enqueue(encodeWriteRequest({ metadata: sampleMetadata() }), 0)
      }
      return pushed
    },
    idle: () => (stats.pending === 0 ? Promise.resolve() : new Promise((resolve) => void waiters.add(resolve))),
    stop: async () => {
      stopping.abort()
      for (const job of queue.splice(0)) settle(job, 'dropped')
      await Promise.all(active)
    },
  }
}
