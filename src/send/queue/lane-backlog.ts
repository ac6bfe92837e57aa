// What one lane has in the store, and what is on its way there. A batch may be delivered while it is being written:
// then its copy is removed unsent, once it can be read.

import { SluiceError } from '../../errors.ts'
import type { Codec } from '../../wire/codec.ts'
import { codecNamed } from '../../wire/codecs.ts'
import type { LaneId } from '../store/key.ts'
import type { StoredBatch } from '../store/store.ts'
import { taken } from './answers.ts'
import { Consignment, joinable, recordOf } from './consignment.ts'
import type { LaneHost } from './lane-host.ts'
import { ReadAhead } from './read-ahead.ts'

/** What is read from the store at once. */
const readLimits = { maxBatches: 64, maxBytes: 64 << 10 }

// Most lanes never need one of their own.
const nothingWritten: Consignment[] = []
const noBodies: Uint8Array[] = []

export class LaneBacklog {
  readonly id: LaneId
  /** Something may be stored that is not being sent. */
  hasStored: boolean
  readonly #host: LaneHost
  readonly #ahead = new ReadAhead()
  /** What is being written, oldest first, delivered meanwhile or not. */
  #writing: Consignment[] = nothingWritten
  #appended = 0
  /** Number of the newest batch that is stored. */
  #newest = 0
  /** Bodies that were delivered while they were being written: the oldest in the store. */
  #delivered: Uint8Array[] = noBodies

  constructor(id: LaneId, hasStored: boolean, host: LaneHost) {
    this.id = id
    this.hasStored = hasStored
    this.#host = host
  }

  /** A write is under way. */
  get isWriting(): boolean {
    return this.#writing.length > 0
  }

  /** Nothing newer is stored, or about to be. */
  mayFollow({ order }: Consignment): boolean {
    return order > Math.max(this.#newest, this.#writing.at(-1)?.order ?? 0)
  }

  /**
   * Stores a closed batch; those who wait for it are told once it is on disk. `ended` is called when its `storage` says
   * what became of it.
   */
  append(consignment: Consignment, ended: () => void): void {
    const { store, tenant, metrics } = this.#host
    const closed = consignment.closed!
    consignment.storage = 'pending'
    if (this.#writing === nothingWritten) this.#writing = []
    this.#writing.push(consignment)
    const end = (): void => {
      this.#writing.splice(this.#writing.indexOf(consignment), 1)
      ended()
    }
    store.append(this.id, recordOf(closed)).then(
      () => {
        this.#appended++
        this.#newest = Math.max(this.#newest, consignment.order)
        consignment.storage = 'stored'
        metrics.stored(tenant, closed.piece.samples)
        consignment.delivery.settle(taken(tenant), true)
        if (consignment.isFinished) this.finished(consignment)
        end()
      },
      (error: unknown) => {
        consignment.storage = 'refused'
        this.#host.onStoreRefused(error)
        end()
      },
    )
  }

  /** Delivered, or refused for good: its copies go. */
  finished({ closed, records, storage }: Consignment): void {
    const { store } = this.#host
    store.remove(records)
    // Known without a look at the disk.
    if (records.length > 0 && store.left(this.id) === 0) {
      this.hasStored = false
      this.#delivered = noBodies
    }
    if (closed === undefined || storage !== 'stored') return
    if (this.#delivered === noBodies) this.#delivered = []
    this.#delivered.push(closed.piece.body)
    this.hasStored = true
  }

  /** What was read and not sent is forgotten: upstream fails, so that it is read again when its time comes. */
  forgetRead(): void {
    this.#ahead.forget()
  }

  /**
   * The oldest that is to be sent; undefined if there is none, or it may not be sent now.
   * Rejects with SluiceError STORE_UNAVAILABLE if the disk can't be read, or what is stored can't be sent.
   */
  async read(lane: object): Promise<Consignment | undefined> {
    const { store, settings } = this.#host
    for (;;) {
      const ahead = this.#ahead.takeAll()
      const records = ahead.length > 0 ? ahead : await this.#readOn()
      if (records === undefined || this.#host.isHeld(lane)) return undefined
      const count = joinable(records, settings.maxSamplesPerSend)
      // More may go along.
      if (records === ahead && count === ahead.length && store.left(this.id) > count) continue
      const next = records.slice(0, count)
      // Something of it was given up since it was read: the store knows what comes first now.
      if (!next.every((record) => store.has(record))) continue
      const left = this.#withoutTooOld(next)
      const codec = left[0] && this.#codecOf(left[0])
      this.#ahead.keep(records.slice(count))
      if (codec !== undefined) return Consignment.ofStored(left, codec)
    }
  }

  /** The oldest of what is stored; undefined if there is nothing to send now. */
  async #readOn(): Promise<readonly StoredBatch[] | undefined> {
    for (;;) {
      const before = this.#appended
      const noted = this.#delivered.length
      const records = await this.#host.store.read(this.id, readLimits)
      if (records.length === 0) this.#forgetDelivered(noted)
      const others = this.#withoutDelivered(records)
      // Behind copies of what was delivered there may be more than was read.
      if (records.length > 0 && others.length === 0) continue
      const written = this.#withoutBeingWritten(others)
      if (written.length > 0) return written
      if (before !== this.#appended) continue
      this.hasStored = false
      return undefined
    }
  }

  /** Removes what was delivered while it was being written. Rejects as `read` does. */
  async clear(): Promise<void> {
    while (this.#delivered.length > 0) {
      const noted = this.#delivered.length
      const records = await this.#host.store.read(this.id, { maxBatches: noted })
      if (records.length === 0) this.#forgetDelivered(noted)
      this.#withoutDelivered(records)
    }
  }

  /** What is stored in a protocol that this program, or this queue, does not know waits for who can send it. */
  #codecOf({ protocol }: StoredBatch): Codec {
    const { signal } = this.#host.queue
    const codec = codecNamed(protocol)
    if (codec?.signal === signal) return codec
    throw new SluiceError('STORE_UNAVAILABLE', `stored as ${protocol}, which can’t be sent as ${signal}`)
  }

  /** The oldest `count` notes are of what is not there any more. What was noted since the lane was read may be there now. */
  #forgetDelivered(count: number): void {
    this.#delivered = this.#delivered.length > count ? this.#delivered.slice(count) : noBodies
  }

  #withoutDelivered(records: readonly StoredBatch[]): readonly StoredBatch[] {
    let from = 0
    while (this.#delivered.length > 0 && from < records.length) {
      const body = this.#delivered.shift()!
      // Where the oldest record is another one, the store has given this one up.
      if (Buffer.compare(body, records[from]!.body) === 0) from++
    }
    this.#host.store.remove(records.slice(0, from))
    return records.slice(from)
  }

  /** A write that has not returned may show already; what it writes is in memory, to be sent or noted as sent. */
  #withoutBeingWritten(records: readonly StoredBatch[]): readonly StoredBatch[] {
    const oldest = this.#writing[0]?.closed?.piece.body
    const end = oldest === undefined ? -1 : records.findIndex(({ body }) => Buffer.compare(body, oldest) === 0)
    return end < 0 ? records : records.slice(0, end)
  }

  #withoutTooOld(records: readonly StoredBatch[]): readonly StoredBatch[] {
    const { store, settings, wallClock } = this.#host
    if (settings.sampleAgeLimitMs === 0) return records
    const oldest = wallClock() - settings.sampleAgeLimitMs
    const tooOld = records.filter(({ newestMs }) => newestMs < oldest)
    if (tooOld.length === 0) return records
    store.remove(tooOld)
    for (const { series, samples } of tooOld) this.#host.onDropped('too_old', series, samples)
    return records.filter(({ newestMs }) => newestMs >= oldest)
  }
}
