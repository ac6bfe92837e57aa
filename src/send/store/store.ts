// The durable store: closed batches by lane, oldest first. An append resolves when a synced write has returned; what is
// stored stays readable when the disk fails, and nothing but the size bound, a command or damage takes a batch away.

import { SluiceError } from '../../errors.ts'
import { type Database, type Found, readSpan } from './database.ts'
import { oldestIn } from './eviction.ts'
import type { Inventory, LaneState, QueueStats } from './inventory.ts'
import {
  afterPrefix,
  keyKind,
  type LaneId,
  lanePrefix,
  type Queue,
  queueName,
  sequenceUnder,
  withSequence,
} from './key.ts'
import { matchesQueue, type Pauses, type QueueFilter } from './pauses.ts'
import { type ClosedBatch, decodeRecord, encodeRecord } from './record.ts'
import type { Recovery } from './recovery.ts'
import { addition, keptAside, removal } from './step.ts'
import type { StoreLog } from './store-log.ts'
import type { Writer } from './writer.ts'

/** A batch as it was stored. */
export interface StoredBatch extends ClosedBatch {
  readonly lane: LaneId
  /** Rises with every batch of the store, so within a lane it is the order of arrival. */
  readonly sequence: number
  /** What it takes in the store, its key included. */
  readonly bytes: number
}

export interface ReadOptions {
  /** Only batches behind this sequence number; default: from the oldest. */
  readonly after?: number
  /** Default 16. */
  readonly maxBatches?: number
  /** Reading ends with the batch that goes over this; default 1 MiB. */
  readonly maxBytes?: number
}

/** What a store is made of, put together by `openStore`. */
export interface StoreParts {
  readonly database: Database
  readonly inventory: Inventory
  readonly pauses: Pauses
  readonly writer: Writer
  readonly recovery: Recovery
  readonly maxBytes: number
  readonly log: StoreLog
  readonly close: () => Promise<void>
}

const removedAtOnce = 4 << 20

export class Store {
  /** Bound of `bytes`. */
  readonly maxBytes: number
  readonly #parts: StoreParts
  /** What is being written: it may show already, and its appender is told first. */
  readonly #untold = new Set<number>()
  #isClosed = false

  /** Use `openStore`. */
  constructor(parts: StoreParts) {
    this.#parts = parts
    this.maxBytes = parts.maxBytes
  }

  /** False after a write failed, until one succeeded again; appends are refused meanwhile. */
  get isWritable(): boolean {
    return !this.#isClosed && this.#parts.recovery.isWritable
  }

  /** Stored batches, and their bytes, keys included. */
  get batches(): number {
    return this.#parts.inventory.batches
  }

  get bytes(): number {
    return this.#parts.inventory.bytes
  }

  /**
   * Stores a batch behind all others of its lane. Resolved: it is on disk, a synced write has returned.
   * Rejects with SluiceError STORE_UNAVAILABLE if it could not be written, or is larger than the whole bound; it may
   * still turn up in the lane after a crash then, as a repeat of what its sender sends again.
   * `stored` is called as soon as it is on disk, and may `keep` it then.
   */
  async append(lane: LaneId, batch: ClosedBatch, stored?: (batch: StoredBatch) => void): Promise<void> {
    const { writer, recovery } = this.#parts
    if (!this.isWritable) throw this.#isClosed ? closed() : recovery.refusal()
    const prefix = lanePrefix(keyKind.record, queueName(lane), lane.lane)
    const sequence = writer.next
    const key = withSequence(prefix, sequence)
    const value = encodeRecord(key, batch)
    const bytes = key.length + value.length
    if (bytes > this.maxBytes) {
      const text = `a batch of ${bytes} bytes does not fit in the store, which may hold ${this.maxBytes} (storage.max_bytes)`
      throw new SluiceError('STORE_UNAVAILABLE', text)
    }
    writer.next++
    const { series, samples, arrivedMs } = batch
    this.#untold.add(sequence)
    try {
      await writer.add(addition(lane, key, value, { sequence, bytes, series, samples, arrivedMs }), bytes)
    } finally {
      this.#untold.delete(sequence)
    }
    stored?.({ ...batch, lane, sequence, bytes })
    const state = this.#parts.inventory.find(lane)
    if (state !== undefined && state.settling > 0) state.settling--
  }

  /**
   * Has the appender of a batch keep it as if it had been read; only from `append`'s call. False: something older
   * of the lane is stored that nobody has read.
   */
  keep({ lane, sequence, bytes, series, samples, arrivedMs }: StoredBatch): boolean {
    const { inventory, writer } = this.#parts
    const state = inventory.find(lane)
    // Those that are settling are this one and newer ones.
    if (state === undefined || writer.unseen(state) > state.settling) return false
    state.handOut({ sequence, bytes, series, samples, arrivedMs })
    return true
  }

  /**
   * The lane's next batches, oldest first; none if there are no more. They stay stored until they are removed. Read a
   * lane from its start and then on from the last one read; a damaged batch is counted, kept aside and left out, and
   * so is one whose `append` has not resolved.
   * Rejects with SluiceError STORE_UNAVAILABLE if the disk can't be read, or what is stored must be repaired first.
   */
  async read(lane: LaneId, options: ReadOptions = {}): Promise<StoredBatch[]> {
    const { after = 0, maxBatches = 16, maxBytes = 1 << 20 } = options
    const { inventory, writer, database, recovery } = this.#parts
    const prefix = lanePrefix(keyKind.record, queueName(lane), lane.lane)
    const { endpoint, signal, tenant } = lane
    const id: LaneId = { endpoint, signal, tenant, lane: lane.lane }
    let from = after
    for (;;) {
      const state = inventory.find(lane)
      if (state === undefined) return []
      const { count } = state
      const start = Math.max(from + 1, count.first)
      const span = { from: withSequence(prefix, start), to: afterPrefix(prefix), maxEntries: maxBatches, maxBytes }
      state.beginRead()
      try {
        const { entries: found, damaged } = await this.#whileOpen(() => database.with((level) => readSpan(level, span)))
        // The lane was emptied meanwhile, and may have begun anew.
        if (inventory.find(lane) !== state) continue
        // What can't be read may be older than what can: nothing may pass it before the repair.
        if (damaged) recovery.repair(`part of what ${describe(id)} has stored can’t be read`)
        if (damaged) throw recovery.refusal()
        const isInRow = from < count.first || from <= state.readThrough
        const all = found.map(([key]) => sequenceUnder(prefix, key))
        const numbers = all.filter((sequence) => !this.#untold.has(sequence))
        // The newest ones, if any.
        const entries = found.slice(0, numbers.length)
        const batches = this.#handOut(state, id, entries, numbers)
        from = Math.max(from, ...numbers)
        if (isInRow) state.readThrough = Math.max(state.readThrough, from)
        if (found.length === 0 && isInRow) {
          // A write of this lane ended meanwhile: the figures are not those of what was read.
          if (state.count !== count) continue
          const missing = writer.unseen(state)
          if (missing > 0 && !writer.isBroken)
            recovery.repair(`${missing} batches that ${describe(id)} has stored are missing`)
          // What the repair brings back must not be taken for nothing.
          if (missing > 0) throw recovery.refusal()
        }
        if (batches.length > 0 || entries.length === 0) return batches
      } finally {
        state.endRead()
      }
    }
  }

  /**
   * The batches are done with: delivered, or refused for good. They are deleted with the next write, or once the disk
   * can be written again. A batch that is gone already is passed over. After a power cut some may be back.
   */
  remove(batches: readonly StoredBatch[]): void {
    for (const { lane, sequence, bytes, series, samples, arrivedMs } of batches) {
      if (this.#parts.writer.isGone(sequence) || !this.#parts.inventory.find(lane)?.takeBack(sequence)) continue
      this.#parts.writer.remove(removal(lane, [{ sequence, bytes, series, samples, arrivedMs }]))
    }
  }

  /** Whether the batch is stored and was not removed: what was read some time ago may have been given up since. */
  has({ lane, sequence }: StoredBatch): boolean {
    const { writer, inventory } = this.#parts
    return !writer.isGone(sequence) && (inventory.find(lane)?.out?.has(sequence) ?? false)
  }

  /** Number of the lane's batches that are stored and were not removed. What is being written may join them. */
  left(lane: LaneId): number {
    const state = this.#parts.inventory.find(lane)
    return state === undefined ? 0 : this.#parts.writer.left(state)
  }

  stats(queue: Queue): QueueStats {
    return this.#parts.inventory.stats(queue)
  }

  /** Every queue that has something stored, its endpoint configured or not; of those that are wanted. */
  list(isWanted: (queue: Queue) => boolean = () => true): QueueStats[] {
    const stats = [...this.#parts.inventory].flatMap(({ queue }) => (isWanted(queue) ? [this.stats(queue)] : []))
    return stats.filter(({ batches }) => batches > 0)
  }

  /** Deletes what these queues have stored at this moment; resolves when that is on disk. Reported as dropped. */
  async drop(filter: QueueFilter): Promise<void> {
    const { inventory } = this.#parts
    const queues = [...inventory].filter(({ queue }) => matchesQueue(filter, queue))
    for (const { queue, lanes } of queues) {
      for (const { lane, count } of [...lanes]) await this.#dropLane({ ...queue, lane }, count.last)
    }
  }

  /** Deletes a lane's records up to the sequence number `last`. */
  async #dropLane(lane: LaneId, last: number): Promise<void> {
    const { inventory, database, writer } = this.#parts
    for (;;) {
      const state = inventory.find(lane)
      if (state === undefined) return
      state.beginRead()
      try {
        const skip = (sequence: number) => sequence > last || writer.isGone(sequence)
        const found = await this.#whileOpen(() => oldestIn(database, state, removedAtOnce, 'removed_by_command', skip))
        if (found.length === 0) return
        for (const { step, record } of found) {
          if (!writer.isGone(record.sequence) && !state.wentMeanwhile(record.sequence))
            writer.remove({ ...step, sync: true })
        }
      } finally {
        state.endRead()
      }
      await writer.add({ ops: [], sync: true }, 0)
    }
  }

  isPaused(queue: Queue): boolean {
    return this.#parts.pauses.has(queue)
  }

  /** All pauses as they were set. */
  pauses(): QueueFilter[] {
    return this.#parts.pauses.list()
  }

  /** Remembers, over restarts, that these queues keep storing and send nothing. */
  async pause(filter: QueueFilter): Promise<void> {
    const { pauses, writer } = this.#parts
    await writer.add({ ops: [pauses.adding(filter)], sync: true }, 0)
    pauses.add(filter)
  }

  /** Ends the pauses that lie within the filter. False: a wider one still holds some of these queues. */
  async resume(filter: QueueFilter): Promise<boolean> {
    const { pauses, writer } = this.#parts
    const rules = pauses.coveredBy(filter)
    await writer.add({ ops: pauses.removing(rules), sync: true }, 0)
    pauses.remove(rules)
    return !pauses.list().some(({ tenant, endpoint, signal }) => {
      const overlaps = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b
      return tenant === filter.tenant && overlaps(endpoint, filter.endpoint) && overlaps(signal, filter.signal)
    })
  }

  /** Writes what is still to be deleted and lets go of the directory. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#parts.close()
  }

  /** What was read and is still stored, as batches; damaged ones are moved aside. */
  #handOut(state: LaneState, lane: LaneId, entries: Found['entries'], numbers: readonly number[]): StoredBatch[] {
    const batches: StoredBatch[] = []
    for (const [k, [key, value]] of entries.entries()) {
      const sequence = numbers[k]!
      if (this.#parts.writer.isGone(sequence) || state.wentMeanwhile(sequence)) continue
      const batch = decodeRecord(key, value)
      if ('fault' in batch) {
        this.#setAside(lane, key, value, sequence, batch.fault)
        continue
      }
      const bytes = key.length + value.length
      const { series, samples, arrivedMs } = batch
      state.out ??= new Map()
      state.out.set(sequence, { sequence, bytes, series, samples, arrivedMs })
      batches.push({ ...batch, lane, sequence, bytes })
    }
    return batches
  }

  #setAside(lane: LaneId, key: Buffer, value: Buffer, sequence: number, fault: string): void {
    const { writer, log, inventory } = this.#parts
    log.error('a stored batch is damaged; it is kept aside', { queue: describe(lane), sequence, fault })
    const arrivedMs = inventory.find(lane)?.count.oldestMs ?? 0
    writer.remove(
      keptAside(lane, key, value, { sequence, bytes: key.length + value.length, series: 0, samples: 0, arrivedMs }),
    )
  }

  async #whileOpen<T>(use: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw closed()
    try {
      return await use()
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new SluiceError('STORE_UNAVAILABLE', `the store can’t be read: ${text}`, { cause })
    }
  }
}

function closed(): SluiceError {
  return new SluiceError('STORE_UNAVAILABLE', 'the store is closed')
}

function describe({ endpoint, signal, tenant, lane }: LaneId): string {
  return `${endpoint} ${signal} ${tenant} lane ${lane}`
}
