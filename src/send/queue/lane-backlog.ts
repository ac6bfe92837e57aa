// What one lane has in the store, and what is on its way there. A batch may be delivered while it is being written:
// then its copy is removed as soon as it is there.

import { SluiceError } from '../../errors.ts'
import type { Codec } from '../../wire/codec.ts'
import { codecNamed } from '../../wire/codecs.ts'
import type { LaneId } from '../store/key.ts'
import type { StoredBatch } from '../store/store.ts'
import { taken } from './answers.ts'
import { Consignment, recordOf } from './consignment.ts'
import type { LaneHost } from './lane-host.ts'
import { ReadAhead, readLimits } from './read-ahead.ts'

// Most lanes never need one of their own.
const nothingWritten: Consignment[] = []

export class LaneBacklog {
  readonly id: LaneId
  /** Something may be stored that is not being sent. */
  hasStored: boolean
  readonly #host: LaneHost
  readonly #ahead = new ReadAhead()
  /** All that is stored and is not being sent is among what is kept ahead. */
  #isAtHand: boolean
  /** What is being written, oldest first, delivered meanwhile or not. */
  #writing: Consignment[] = nothingWritten
  #appended = 0
  /** Number of the newest batch that is stored. */
  #newest = 0

  constructor(id: LaneId, hasStored: boolean, host: LaneHost) {
    this.id = id
    this.hasStored = hasStored
    this.#isAtHand = !hasStored
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
   * Stores a closed batch of `lane`; those who wait for it are told once it is on disk. `ended` is called when its
   * `storage` says what became of it. `isOut`: it is the one that is being sent at that moment.
   */
  append(consignment: Consignment, lane: object, isOut: () => boolean, ended: () => void): void {
    const { store, tenant, metrics } = this.#host
    const closed = consignment.closed!
    consignment.storage = 'pending'
    if (this.#writing === nothingWritten) this.#writing = []
    this.#writing.push(consignment)
    const end = (): void => {
      this.#writing.splice(this.#writing.indexOf(consignment), 1)
      ended()
    }
    const stored = (batch: StoredBatch): void => {
      this.#appended++
      this.#newest = Math.max(this.#newest, consignment.order)
      consignment.storage = 'stored'
      metrics.stored(tenant, closed.piece.samples)
      consignment.delivery.settle(taken(tenant), true)
      const isSent = consignment.isFinished || isOut()
      if (!isSent) this.#isAtHand &&= !this.#host.isHeld(lane) && store.keep(batch) && this.#ahead.push(batch)
      else if (store.keep(batch)) consignment.records = [batch]
      else this.release()
      if (consignment.isFinished) this.finished(consignment)
      end()
    }
    store.append(this.id, recordOf(closed), stored).catch((error: unknown) => {
      consignment.storage = 'refused'
      this.#host.onStoreRefused(error)
      end()
    })
  }

  /** Delivered, or refused for good: its copies go. */
  finished({ records }: Consignment): void {
    if (records.length === 0) return
    const { store } = this.#host
    store.remove(records)
    // Known without a look at the disk.
    if (store.left(this.id) === 0) this.#isEmpty()
    else if (!this.#isAtHand) this.hasStored = true
  }

  /** What was being sent is stored, and waits: it is read again when its time comes. */
  release(): void {
    this.hasStored = true
    this.forgetRead()
  }

  /** What is at hand of what is stored takes no memory any more. */
  forgetRead(): void {
    this.#ahead.forget()
    this.#isAtHand = false
  }

  /**
   * The oldest that is to be sent; undefined if there is none, or it may not be sent now.
   * Rejects with SluiceError STORE_UNAVAILABLE if the disk can't be read, or what is stored can't be sent.
   */
  async read(lane: object): Promise<Consignment | undefined> {
    const { store, settings } = this.#host
    for (;;) {
      const isRead = this.#ahead.size === 0
      if (isRead && !(await this.#readOn())) return undefined
      if (this.#host.isHeld(lane)) {
        this.forgetRead()
        return undefined
      }
      const next = this.#ahead.take(settings.maxSamplesPerSend)
      // More may go along.
      const isCutOff = !isRead && !this.#isAtHand && this.#ahead.size === 0
      // Something of it was given up since it was read: the store knows what comes first now.
      if (isCutOff || !next.every((record) => store.has(record))) {
        this.forgetRead()
        continue
      }
      if (this.#ahead.trim()) this.#isAtHand = false
      const left = this.#withoutTooOld(next)
      if (left[0] !== undefined) return Consignment.ofStored(left, this.#codecOf(left[0]))
    }
  }

  /** Has the oldest of what is stored at hand; false if there is nothing to send now. */
  async #readOn(): Promise<boolean> {
    for (;;) {
      const before = this.#appended
      this.#isAtHand = false
      const records = await this.#host.store.read(this.id, readLimits())
      if (records.length > 0) {
        this.#ahead.fill(records)
        this.#isAtHand = this.#host.store.left(this.id) === records.length
        return true
      }
      if (before !== this.#appended) continue
      this.#isEmpty()
      return false
    }
  }

  #isEmpty(): void {
    this.hasStored = false
    this.#ahead.forget()
    this.#isAtHand = true
  }

  /** What is stored in a protocol that this program, or this queue, does not know waits for who can send it. */
  #codecOf({ protocol }: StoredBatch): Codec {
    const { signal } = this.#host.queue
    const codec = codecNamed(protocol)
    if (codec?.signal === signal) return codec
    this.forgetRead()
    throw new SluiceError('STORE_UNAVAILABLE', `stored as ${protocol}, which can’t be sent as ${signal}`)
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
