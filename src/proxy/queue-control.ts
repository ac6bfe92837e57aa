// What people see of the queues and can do to them, for the admin listener and the command line. A store that no
// process has open gives the same views without what only a running proxy knows.

import type { commandQueues } from '../pipeline/live-endpoint.ts'
import { proxyEndpointIds } from '../pipeline/queues.ts'
import type { Queue } from '../send/store/key.ts'
import { matchesQueue, type QueueFilter } from '../send/store/queue-filter.ts'
import type { Store } from '../send/store/store.ts'

/** One tenant's queue of one signal at one endpoint. */
export interface QueueView extends Queue {
  /** On disk, waiting to be sent. */
  readonly batches: number
  readonly bytes: number
  readonly series: number
  readonly samples: number
  /** When the oldest stored batch was taken, in ms since 1970; absent where nothing is stored. */
  readonly oldestMs?: number
  readonly paused: boolean
  /** Of upstream's latest answer, where the proxy runs. */
  readonly lastStatus?: number
  readonly lastError?: string
  readonly failingSinceMs?: number
  /** For how long its oldest request is out, and its rate limit lets nothing go. */
  readonly requestOutMs?: number
  readonly rateLimitedMs?: number
}

/** Which queues: all of their properties must agree. */
export type QueueChoice = Partial<QueueFilter>

export interface StoreView {
  readonly writable: boolean
  readonly bytes: number
  readonly maxBytes: number
  readonly batches: number
}

/** What some queues have stored. */
export interface Amount {
  readonly batches: number
  readonly bytes: number
  readonly series: number
  readonly samples: number
}

export interface QueueControl {
  store(): StoreView
  /** Queues that have something stored or are paused, by tenant. */
  list(choice?: QueueChoice): QueueView[]
  /** They keep storing and send nothing, over restarts too. */
  pause(filter: QueueFilter): Promise<void>
  /** False: a wider pause still holds some of them. */
  resume(filter: QueueFilter): Promise<boolean>
  /** Deletes what they have stored at this moment; says how much that was. */
  drop(filter: QueueFilter): Promise<Amount>
  /** Waits until they have nothing stored, at most this long; says what is left. */
  drain(filter: QueueFilter, how: DrainOptions): Promise<Amount>
}

export interface DrainOptions {
  readonly waitMs: number
  /** The next attempt is made now, not when its wait is over. */
  readonly hurry?: boolean
}

/** The proxy's. */
const proxyQueues = [
  { endpoint: proxyEndpointIds.metrics, signal: 'metrics' },
  { endpoint: proxyEndpointIds.logs, signal: 'logs' },
] as const

const lookMs = 100

type Sending = Pick<QueueView, 'lastStatus' | 'lastError' | 'failingSinceMs' | 'requestOutMs' | 'rateLimitedMs'>

export interface QueueControlOptions {
  readonly store: Store
  /** What there is, for pauses that name no endpoint; default: the proxy's, as nothing runs that could tell. */
  readonly endpoints?: () => readonly Pick<Queue, 'endpoint' | 'signal'>[]
  /** What is known of a queue's sending; absent where nothing runs. */
  readonly sending?: (queue: Queue) => Sending
  /** The queues that run, and tell the store; absent where none do. */
  readonly live?: ReturnType<typeof commandQueues>
}

export function createQueueControl(options: QueueControlOptions): QueueControl {
  const { store, endpoints = () => proxyQueues, sending = () => ({}), live } = options
  const viewOf = (queue: Queue): QueueView => {
    const { batches, bytes, series, samples, oldestMs } = store.stats(queue)
    const { endpoint, signal, tenant } = queue
    return {
      ...{ endpoint, signal, tenant, batches, bytes, series, samples },
      ...(oldestMs !== undefined && { oldestMs }),
      paused: store.isPaused(queue),
      ...sending(queue),
    }
  }
  const list = (choice: QueueChoice = {}): QueueView[] => {
    const queues = new Map<string, Queue>()
    for (const queue of [...store.list().map((one) => one.queue), ...store.pauses().flatMap(queuesOf(endpoints()))]) {
      if (matchesQueue({ ...choice, tenant: choice.tenant ?? queue.tenant }, queue)) queues.set(nameOf(queue), queue)
    }
    return [...queues].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, queue]) => viewOf(queue))
  }
  const stored = (filter: QueueFilter): Amount => sumOf(store.list((queue) => matchesQueue(filter, queue)))
  return {
    list,
    store: () => {
      const { isWritable, bytes, maxBytes, batches } = store
      return { writable: isWritable, bytes, maxBytes, batches }
    },
    pause: (filter) => (live ?? store).pause(filter),
    resume: (filter) => (live ?? store).resume(filter),
    async drop(filter) {
      const before = stored(filter)
      await (live ?? store).drop(filter)
      return before
    },
    async drain(filter, { waitMs, hurry = false }) {
      if (hurry) live?.drain(filter)
      const end = performance.now() + waitMs
      for (;;) {
        const left = stored(filter)
        const restMs = end - performance.now()
        if (left.batches === 0 || restMs <= 0) return left
        await new Promise((resolve) => setTimeout(resolve, Math.min(lookMs, restMs)))
      }
    },
  }
}

/** The queues that a pause is about: of the endpoint that it names, there or not, or of those that there are. */
function queuesOf(endpoints: readonly Pick<Queue, 'endpoint' | 'signal'>[]): (pause: QueueFilter) => Queue[] {
  return ({ tenant, endpoint, signal }) => {
    const known = endpoints.filter((one) => endpoint === undefined || one.endpoint === endpoint)
    const named =
      endpoint === undefined || known.length > 0
        ? known
        : [{ endpoint, signal: 'metrics' } as const, { endpoint, signal: 'logs' } as const]
    return named
      .filter((one) => signal === undefined || one.signal === signal)
      .map((one) => ({ tenant, endpoint: one.endpoint, signal: one.signal }))
  }
}

const nameOf = ({ tenant, endpoint, signal }: Queue): string => `${tenant}\0${endpoint}\0${signal}`

function sumOf(amounts: readonly Amount[]): Amount {
  const sum = { batches: 0, bytes: 0, series: 0, samples: 0 }
  for (const { batches, bytes, series, samples } of amounts) {
    sum.batches += batches
    sum.bytes += bytes
    sum.series += series
    sum.samples += samples
  }
  return sum
}
