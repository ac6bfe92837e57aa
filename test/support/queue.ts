// A pipeline with a queue over a real store, whose upstream is a function and whose clock is in the test's hand.

import { ClassicLevel } from 'classic-level'
import type { QueueSettings } from '../../src/config/queue-settings.ts'
import { decodeWriteRequest, encodeWriteRequest, type LabelInput, snappyBlock } from '../../src/dev/encode.ts'
import { commandQueues, proxyEndpoints } from '../../src/pipeline/live-endpoint.ts'
import type { QueueDropped } from '../../src/pipeline/queues.ts'
import type { Level } from '../../src/send/store/database.ts'
import type { StoreOptions } from '../../src/send/store/open-store.ts'
import type { Store } from '../../src/send/store/store.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { type Bench, type BenchOptions, pushOf, startBench, textOf } from './pipeline.ts'
import { openTestStore } from './store.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

export const queueDefaults: QueueSettings = {
  mergeWindowMs: 20,
  ackGraceMs: 1000,
  haLabels: ['cluster', '__replica__'],
  capacity: 10_000,
  minShards: 1,
  maxShards: 50,
  maxSamplesPerSend: 2000,
  batchSendDeadlineMs: 5000,
  minBackoffMs: 30,
  maxBackoffMs: 5000,
  retryOnHttp429: true,
  sampleAgeLimitMs: 0,
}

export interface QueueBenchOptions extends Omit<BenchOptions, 'pipeline'> {
  readonly queue?: Partial<QueueSettings>
  /** Default: a new folder. */
  readonly path?: string
  readonly store?: Partial<StoreOptions>
  /** Default: half of the jitter. */
  readonly random?: () => number
}

export interface QueueBench extends Bench {
  readonly store: Store
  readonly commands: ReturnType<typeof commandQueues>
  readonly dropped: QueueDropped[]
  /** A push of one series for each `tenant` or `tenant/name`, all with this timestamp; resolves to `status` or `status text`. */
  readonly put: (names: readonly string[], tsMs: number, more?: { readonly cluster?: string }) => Promise<string>
  /** Moves the clock on, in steps, and lets what is due happen. */
  readonly pass: (ms: number) => Promise<void>
  /** Moves the clock on until something has happened. */
  readonly passUntil: (what: string, look: () => boolean) => Promise<void>
  /** What upstream got so far, request by request: `tenant name@ts name@ts`. */
  readonly seen: () => string[]
}

export async function startQueueBench(options: QueueBenchOptions = {}): Promise<QueueBench> {
  const { queue, path = temporaryFolder(), store: more, random = () => 0.5, ...rest } = options
  const { store } = await openTestStore(path, more)
  const dropped: QueueDropped[] = []
  const settings = { queue: { ...queueDefaults, ...queue }, ...rest.settings }
  const onQueueDropped = (one: QueueDropped) => void dropped.push(one)
  const bench = startBench({ ...rest, settings, pipeline: { store, random, onQueueDropped } })
  const tick = async (): Promise<void> => {
    bench.pipeline.queues?.metrics.tick()
    bench.pipeline.queues?.logs.tick()
    // What a write to the disk or an answer leads to needs some turns of the loop.
    for (let k = 0; k < 12; k++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    ...bench,
    get upstream() {
      return bench.upstream
    },
    set upstream(upstream) {
      bench.upstream = upstream
    },
    store,
    commands: commandQueues(store, () => proxyEndpoints(bench.pipeline)),
    dropped,
    put: async (names, tsMs, { cluster } = {}) => {
      const answer = await bench.push(pushOf(bodyOf(names, tsMs, cluster)))
      return `${answer.status} ${textOf(answer).replace(/^.*?\n/, '')}`.trim()
    },
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= 10) {
        bench.clock.now += Math.min(10, left)
        await tick()
      }
    },
    passUntil: async (what, look) => {
      await soon(what, () => {
        bench.clock.now += 2
        bench.pipeline.queues?.metrics.tick()
        return look()
      })
    },
    seen: () => bench.sent.map(({ tenant, request }) => `${tenant} ${itemsIn(request.body).join(' ')}`),
  }
}

/** A compressed body: one series for each `tenant` or `tenant/name`. */
export function bodyOf(names: readonly string[], tsMs: number, cluster?: string): Buffer {
  const series = names.map((full) => {
    const [tenant = '', name = 'm'] = full.split('/')
    const labels: LabelInput[] = [['__name__', name]]
    if (cluster !== undefined) labels.push(['cluster', cluster])
    labels.push(['tenant', tenant])
    return { labels, samples: [[1, tsMs] as const] }
  })
  return snappyBlock(encodeWriteRequest({ series }))
}

/** What a compressed body holds: `name@ts`, series by series. */
export function itemsIn(body: Uint8Array): string[] {
  return decodeWriteRequest(uncompress(body, 64 << 20)).series.map(({ labels, samples }) => {
    const name = labels.find(([key]) => key === '__name__')?.[1]
    return `${name}@${samples.map(({ tsMs }) => tsMs).join(',')}`
  })
}

/** Waits, in real time, for what disk and promises take. */
export const soon = (what: string, look: () => boolean): Promise<boolean> => until(look, { what, everyMs: 2 })

/** Whether every read and every write of a store that was asked for, from now on, has returned. */
export function watchDisk(store: Store): () => boolean {
  const { append, read } = store
  let pending = 0
  const watched = <T>(work: Promise<T>): Promise<T> => {
    pending++
    return work.finally(() => pending--)
  }
  store.append = (...what) => watched(append.apply(store, what))
  store.read = (...what) => watched(read.apply(store, what))
  return () => pending === 0
}

/** LevelDB whose writes wait for the test, or fail as it says. */
export function faultyDisk() {
  const state = { fail: '', hold: undefined as Promise<void> | undefined }
  const connect = (directory: string): Level => {
    const level = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
      createIfMissing: false,
    })
    const batch = level.batch.bind(level) as (...values: unknown[]) => Promise<void>
    const write = async (...values: unknown[]): Promise<void> => {
      if (state.fail !== '') throw Object.assign(new Error(`IO error: ${state.fail}`), { code: 'LEVEL_IO_ERROR' })
      await batch(...values)
      await state.hold
    }
    return Object.assign(level, { batch: write })
  }
  return { state, connect }
}
