// What is stored, by queue and lane, in memory: a few numbers for each lane that has something, none for a batch.
// Figures change only when the write that makes them true has returned.

import { type LaneId, type Queue, queueName } from './key.ts'
import { type CountedRecord, type LaneCount, nothing } from './lane-count.ts'

/** What one queue has stored. */
export interface QueueStats {
  readonly queue: Queue
  readonly batches: number
  readonly bytes: number
  readonly series: number
  readonly samples: number
  /** When the oldest batch arrived, ms since 1970; never later than true. Undefined: nothing is stored. */
  readonly oldestMs: number | undefined
  /** Numbers of the lanes that have something stored. */
  readonly lanes: readonly number[]
}

/** One lane that has something stored, or is about to. */
export class LaneState {
  readonly queue: QueueState
  readonly lane: number
  count: LaneCount = nothing
  /** Handed out and not removed yet, oldest first. Made when needed: most lanes have none. */
  out: Map<number, CountedRecord> | undefined
  /** Every record up to this one was handed out, evicted, or is gone. */
  readThrough = 0
  /** Appended, counted, and their appender does not know it yet. */
  settling = 0

  #reads = 0
  // Removed since the oldest read under way began: it may still see them.
  #goneMeanwhile: Set<number> | undefined

  constructor(queue: QueueState, lane: number) {
    this.queue = queue
    this.lane = lane
  }

  /** A read begins; `endRead` must follow. */
  beginRead(): void {
    this.#reads++
  }

  endRead(): void {
    if (--this.#reads === 0) this.#goneMeanwhile = undefined
  }

  /** These records are gone from the database. */
  forget(records: readonly CountedRecord[]): void {
    if (this.#reads === 0) return
    this.#goneMeanwhile ??= new Set()
    for (const { sequence } of records) this.#goneMeanwhile.add(sequence)
  }

  /** The record was removed while it was being read. */
  wentMeanwhile(sequence: number): boolean {
    return this.#goneMeanwhile?.has(sequence) ?? false
  }

  /** Somebody has the record now, who had or removed all that are older. */
  handOut(record: CountedRecord): void {
    this.out ??= new Map()
    this.out.set(record.sequence, record)
    this.readThrough = Math.max(this.readThrough, record.sequence)
  }

  /** The record is not handed out any more. False: it wasn't, so it is gone already. */
  takeBack(sequence: number): boolean {
    return this.out?.delete(sequence) ?? false
  }

  /** The record, the oldest of those not handed out, is about to go. */
  giveUp(sequence: number): void {
    this.out?.delete(sequence)
    this.readThrough = Math.max(this.readThrough, sequence)
  }

  /** Those of the records that are handed out. */
  handedOut(records: readonly CountedRecord[]): CountedRecord[] {
    return records.filter(({ sequence }) => this.out?.has(sequence))
  }

  /** These were given up in vain, and whoever had them still has them. */
  restore(records: readonly CountedRecord[]): void {
    if (records.length === 0) return
    const all = [...(this.out?.values() ?? []), ...records].sort((a, b) => a.sequence - b.sequence)
    this.out = new Map(all.map((record) => [record.sequence, record]))
  }

  /** Where the oldest record may lie now that `record`, of those up to `readThrough`, is gone. */
  countWithout(count: LaneCount, record: CountedRecord): LaneCount {
    if (record.sequence > this.readThrough) return count
    for (const next of this.out?.values() ?? []) {
      return next.sequence <= this.readThrough ? { ...count, first: next.sequence, oldestMs: next.arrivedMs } : count
    }
    return { ...count, first: Math.max(count.first, record.sequence + 1), oldestMs: record.arrivedMs }
  }
}

export class QueueState {
  readonly queue: Queue
  readonly name: string
  lanes: LaneState[] = []
  constructor(queue: Queue, name: string) {
    this.queue = queue
    this.name = name
  }
}

export class Inventory {
  readonly #queues = new Map<string, QueueState>()
  readonly #bytesOf = new Map<string, number>()
  batches = 0
  bytes = 0

  /** Tenant → bytes, over all its queues. */
  get bytesByTenant(): ReadonlyMap<string, number> {
    return this.#bytesOf
  }

  [Symbol.iterator](): IterableIterator<QueueState> {
    return this.#queues.values()
  }

  find(id: LaneId): LaneState | undefined {
    return this.#queues.get(queueName(id))?.lanes.find(({ lane }) => lane === id.lane)
  }

  /** The lane, made if need be. Only for the one writer, who puts something in it or tidies up. */
  open(id: LaneId): LaneState {
    const name = queueName(id)
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      const { endpoint, signal, tenant } = id
      queue = new QueueState({ endpoint, signal, tenant }, name)
      this.#queues.set(name, queue)
    }
    let lane = queue.lanes.find((other) => other.lane === id.lane)
    if (lane === undefined) {
      lane = new LaneState(queue, id.lane)
      queue.lanes.push(lane)
    }
    return lane
  }

  /** Puts these figures in place of all there are; what is handed out stays so. */
  load(counts: Iterable<readonly [LaneId, LaneCount]>): void {
    const old = new Set([...this.#queues.values()].flatMap(({ lanes }) => lanes))
    for (const [id, count] of counts) {
      const lane = this.open(id)
      old.delete(lane)
      this.set(lane, count)
    }
    for (const lane of old) this.set(lane, nothing)
  }

  /** Puts new figures in place of the lane's old ones. */
  set(lane: LaneState, figures: LaneCount): void {
    const count = figures.batches > 0 ? figures : nothing
    const { tenant } = lane.queue.queue
    const more = count.bytes - lane.count.bytes
    this.batches += count.batches - lane.count.batches
    this.bytes += more
    const bytes = (this.#bytesOf.get(tenant) ?? 0) + more
    if (bytes > 0) this.#bytesOf.set(tenant, bytes)
    else this.#bytesOf.delete(tenant)
    lane.count = count
    this.tidy(lane)
  }

  /** Forgets a lane that has nothing stored. */
  tidy(lane: LaneState): void {
    const { queue } = lane
    if (lane.count.batches > 0) return
    queue.lanes = queue.lanes.filter((other) => other !== lane)
    if (queue.lanes.length === 0) this.#queues.delete(queue.name)
  }

  stats(queue: Queue): QueueStats {
    const { lanes } = this.#queues.get(queueName(queue)) ?? { lanes: [] }
    const full = lanes.filter(({ count }) => count.batches > 0)
    const sum = (field: 'batches' | 'bytes' | 'series' | 'samples') =>
      full.reduce((total, { count }) => total + count[field], 0)
    return {
      queue,
      batches: sum('batches'),
      bytes: sum('bytes'),
      series: sum('series'),
      samples: sum('samples'),
      oldestMs: full.length === 0 ? undefined : Math.min(...full.map(({ count }) => count.oldestMs)),
      lanes: full.map(({ lane }) => lane).sort((a, b) => a - b),
    }
  }
}
