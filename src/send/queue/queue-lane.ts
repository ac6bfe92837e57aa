// One ordered line of a tenant's data, with one request out at a time. Its order is always: what is being sent, what is
// stored, what was closed, what is still open. Whatever can't be delivered now moves to the store, oldest first.

import type { PartAnswer } from '../../tenancy/merge-answers.ts'
import type { Shipment } from '../lane.ts'
import type { LaneId } from '../store/key.ts'
import type { StoredBatch } from '../store/store.ts'
import { taken, undeliverable } from './answers.ts'
import { Consignment, joinable, recordOf } from './consignment.ts'
import type { LaneHost } from './lane-host.ts'
import { OpenBatch, type QueuedPart } from './open-batch.ts'
import type { QueueJob } from './queue-job.ts'
import type { Ticket } from './ticket.ts'

/** What is read from the store for one request. */
const readLimits = { maxBatches: 64, maxBytes: 64 << 10 }

export class QueueLane {
  readonly id: LaneId
  /** Something may be stored that is not being sent. */
  hasStored: boolean
  readonly #host: LaneHost
  #open: OpenBatch | undefined
  /** Closed, and not known to be stored. Without what is being sent. */
  #waiting: Consignment[] = noConsignments
  #current: Consignment | undefined
  #job: QueueJob | undefined
  /** What is being written, oldest first, sent meanwhile or not. */
  #writing: Consignment[] = noConsignments
  #appended = 0
  /** Numbers of the last one closed, and of the last one that went into the store. */
  #lastClosed = 0
  #lastAppended = 0
  /** Bodies that were delivered while they were being stored: the oldest in the store, to be removed unsent. */
  #finished: Uint8Array[] = noBodies

  constructor(id: LaneId, hasStored: boolean, host: LaneHost) {
    this.id = id
    this.hasStored = hasStored
    this.#host = host
  }

  /** Samples in memory: open, closed, or being sent. */
  get samples(): number {
    let samples = (this.#open?.samples ?? 0) + (this.#current?.delivery.samples ?? 0)
    for (const { delivery } of this.#waiting) samples += delivery.samples
    return samples
  }

  /** Nothing is in memory, and nothing is stored. */
  get isIdle(): boolean {
    return !this.hasStored && !this.isStoring && this.#isEmpty && this.#job === undefined
  }

  /** A write to the store is under way. */
  get isStoring(): boolean {
    return this.#writing.length > 0
  }

  /** Something is stored, or about to be. */
  get isBehind(): boolean {
    return this.hasStored || this.isStoring || this.#current?.storage === 'stored'
  }

  /** A request waits for a slot, or is out. */
  get isBusy(): boolean {
    return this.#job !== undefined
  }

  /** There is something that could be sent or stored. */
  get hasWork(): boolean {
    return this.hasStored || !this.#isEmpty
  }

  get #isEmpty(): boolean {
    return this.#open === undefined && this.#waiting.length === 0 && this.#current === undefined
  }

  add(part: QueuedPart, ticket: Ticket): void {
    const { settings, now, wallClock } = this.#host
    if (this.#open?.takes(part, settings.maxSamplesPerSend) === false) this.#close()
    this.#open ??= new OpenBatch(part, now(), wallClock())
    this.#open.add(part, ticket)
    if (this.#open.samples >= settings.maxSamplesPerSend || settings.mergeWindowMs === 0) this.#close()
    this.pump()
  }

  /** When to call `wake` next. */
  wakeAt(): number {
    const { settings, isBehind, timeoutMs } = this.#host
    const graceMs = settings.ackGraceMs
    let at = Number.POSITIVE_INFINITY
    if (this.#open !== undefined) {
      const waits = this.#isBlocked && !isBehind
      at = this.#open.openedAt + (waits ? Math.max(graceMs, settings.mergeWindowMs) : settings.mergeWindowMs)
    }
    for (const consignment of [this.#current, this.#waiting[0]]) {
      if (consignment?.closed === undefined) continue
      if (consignment.storage === 'none') at = Math.min(at, consignment.closed.openedAt + graceMs)
      if (consignment.storage === 'refused' && consignment !== this.#current) {
        at = Math.min(at, consignment.closed.openedAt + timeoutMs)
      }
    }
    return at
  }

  /** Closes what is due, stores what has waited for too long, sends what can be sent. */
  wake(now: number): void {
    const { settings, isBehind, timeoutMs } = this.#host
    const open = this.#open
    if (open !== undefined) {
      const age = now - open.openedAt
      if (age >= settings.mergeWindowMs && (!this.#isBlocked || isBehind || age >= settings.ackGraceMs)) this.#close()
    }
    for (const consignment of this.#inMemory()) {
      const age = now - consignment.closed!.openedAt
      const isOut = consignment === this.#current
      if (consignment.storage === 'none' && (age >= settings.ackGraceMs || (isBehind && !isOut)))
        this.#store(consignment)
      if (consignment.storage === 'refused' && age >= timeoutMs && !isOut) this.#giveUp(consignment)
    }
    this.pump()
  }

  /** Begins the next request if nothing is in the way. */
  pump(): void {
    if (this.#job !== undefined || this.#host.isHeld(this)) return
    while (this.#current === undefined && !this.hasStored) {
      if (this.#waiting.length === 0 && this.#isDue) this.#close()
      this.#current = this.#waiting.shift()
      if (this.#current === undefined) return
      if (this.#isTooOld(this.#current)) this.#dropTooOld(this.#current)
    }
    const current = this.#current
    const load = current === undefined ? () => this.#read() : () => this.#shipment(current)
    this.#job = this.#host.send(load, (answer) => {
      this.#job = undefined
      if (answer !== undefined) this.#answered(answer)
      this.pump()
      this.#host.changed()
    })
  }

  /** Everything that is not settled goes into the store, what is out included. No request begins any more. */
  stop(): void {
    if (this.#job?.withdraw()) this.#job = undefined
    if (this.#open !== undefined) this.#close()
    this.#storeAll()
  }

  /** What was read from the store is forgotten: it has been dropped there. A request that is out goes on. */
  forgetStored(): void {
    if (this.#job === undefined && this.#current?.closed === undefined) this.#current = undefined
  }

  /** Removes what was delivered while it was being stored. Rejects with SluiceError STORE_UNAVAILABLE. */
  async clear(): Promise<void> {
    while (this.#finished.length > 0) {
      const records = await this.#host.store.read(this.id, { maxBatches: this.#finished.length })
      if (records.length === 0) this.#finished = noBodies
      this.#withoutFinished(records)
    }
  }

  /** The lane can't take a closed batch at once. */
  get #isBlocked(): boolean {
    return this.#job !== undefined || this.#current !== undefined || this.hasStored || this.#host.isHeld(this)
  }

  get #isDue(): boolean {
    const { now, settings } = this.#host
    return this.#open !== undefined && now() - this.#open.openedAt >= settings.mergeWindowMs
  }

  #close(): void {
    const closed = this.#open!.close()
    this.#open = undefined
    if (this.#waiting === noConsignments) this.#waiting = []
    this.#waiting.push(Consignment.ofClosed(closed, ++this.#lastClosed))
    this.#host.metrics.closed(closed.parts.length, closed.piece.samples, closed.arrivedMs)
    if (this.#host.isBehind || this.#samplesWaiting > this.#host.laneCapacity) this.#storeAll()
  }

  get #samplesWaiting(): number {
    let samples = 0
    for (const { storage, delivery } of this.#waiting) if (storage === 'none') samples += delivery.samples
    return samples
  }

  #storeAll(): void {
    const last = this.#inMemory().at(-1)
    if (last !== undefined) this.#store(last)
  }

  /** What was read, ready to go; undefined if there is nothing left. */
  async #read(): Promise<Shipment | undefined> {
    const { store, settings } = this.#host
    for (;;) {
      const before = this.#appended
      const records = await store.read(this.id, readLimits)
      if (this.#host.isHeld(this)) return undefined
      const written = this.#withoutBeingWritten(this.#withoutFinished(records))
      if (records.length === 0 || (written.length === 0 && this.#writing.length > 0)) {
        if (records.length === 0) this.#finished = noBodies
        if (before !== this.#appended) continue
        this.hasStored = false
        return undefined
      }
      const unfinished = this.#withoutTooOld(written)
      if (unfinished.length === 0) continue
      const count = joinable(unfinished, settings.maxSamplesPerSend)
      this.#current = Consignment.ofStored(unfinished.slice(0, count))
      return this.#shipment(this.#current)
    }
  }

  /** Removes records that were delivered from memory meanwhile; they are older than all others. */
  #withoutFinished(records: readonly StoredBatch[]): readonly StoredBatch[] {
    let from = 0
    while (this.#finished.length > 0 && from < records.length) {
      const body = this.#finished.shift()!
      // Where the oldest record is another one, the store has given this one up.
      if (Buffer.compare(body, records[from]!.body) === 0) from++
    }
    this.#host.store.remove(records.slice(0, from))
    return records.slice(from)
  }

  /** A write that has not returned may show already; what it writes is in memory, to be sent or to be noted as sent. */
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

  #isTooOld({ closed }: Consignment): boolean {
    const { settings, codec, wallClock } = this.#host
    if (settings.sampleAgeLimitMs === 0 || closed === undefined) return false
    return recordOf(closed, codec).newestMs < wallClock() - settings.sampleAgeLimitMs
  }

  #dropTooOld(consignment: Consignment): void {
    const { series, samples } = consignment.closed!.piece
    this.#host.onDropped('too_old', series, samples)
    consignment.delivery.settle(taken(this.#host.tenant))
    this.#finish(consignment)
  }

  #shipment({ delivery, travelling }: Consignment): Shipment | undefined {
    const piece = delivery.next
    return piece && { body: piece.body, samples: piece.samples, travelling }
  }

  #answered(answer: PartAnswer): void {
    const current = this.#current
    if (current === undefined) return
    const { codec, settings } = this.#host
    const progress = current.delivery.answered(answer, {
      codec,
      retryOnHttp429: settings.retryOnHttp429,
      onRefused: (series, samples) => this.#host.onDropped('refused', series, samples),
    })
    if (progress === 'done') this.#finish(current)
    else if (progress === 'later') this.#postpone(current)
  }

  #finish(current: Consignment): void {
    current.isFinished = true
    this.#current = undefined
    this.#host.metrics.settled(current.closed?.arrivedMs ?? current.records.at(-1)?.arrivedMs ?? 0)
    this.#host.store.remove(current.records)
    if (current.storage === 'stored' && current.closed !== undefined) this.#noteFinished(current)
  }

  #noteFinished({ closed }: Consignment): void {
    if (this.#finished === noBodies) this.#finished = []
    this.#finished.push(closed!.piece.body)
    this.hasStored = true
  }

  #postpone(current: Consignment): void {
    this.#storeAll()
    if (current === this.#current) this.#release()
  }

  /** What is stored as a whole is read again when its time comes, and takes no memory until then. */
  #release(): void {
    const current = this.#current
    if (this.#job !== undefined || current?.storage !== 'stored' || !current.delivery.isWhole) return
    this.#current = undefined
    this.hasStored = true
  }

  /** Whatever is older goes before it: what is stored must be in order. */
  #store(consignment: Consignment): void {
    for (const one of this.#inMemory()) {
      if (one.storage === 'none' || one.storage === 'refused') this.#append(one)
      if (one === consignment) break
    }
  }

  #append(consignment: Consignment): void {
    const { store, codec, tenant } = this.#host
    if (consignment.order < this.#lastAppended) {
      // Something newer got into the store after this was refused: it can't follow any more.
      this.#refused(consignment)
      return
    }
    this.#lastAppended = consignment.order
    consignment.storage = 'pending'
    if (this.#writing === noConsignments) this.#writing = []
    this.#writing.push(consignment)
    store.append(this.id, recordOf(consignment.closed!, codec)).then(
      () => {
        this.#writing.splice(this.#writing.indexOf(consignment), 1)
        this.#appended++
        consignment.storage = 'stored'
        this.#host.metrics.stored(tenant, consignment.closed!.piece.samples)
        consignment.delivery.settle(taken(tenant))
        this.#stored(consignment)
        this.#host.changed()
      },
      (error: unknown) => {
        this.#writing.splice(this.#writing.indexOf(consignment), 1)
        consignment.storage = 'refused'
        this.#host.onStoreRefused(error)
        this.#refused(consignment)
        this.#host.changed()
      },
    )
  }

  /** What was closed here, sent or not: in order. */
  #inMemory(): Consignment[] {
    const current = this.#current
    return current?.closed === undefined ? [...this.#waiting] : [current, ...this.#waiting]
  }

  #stored(consignment: Consignment): void {
    if (consignment.isFinished) {
      this.#noteFinished(consignment)
    } else if (consignment === this.#current) {
      this.#release()
    } else {
      this.#waiting = this.#waiting.filter((other) => other !== consignment)
      this.hasStored = true
    }
    this.pump()
  }

  /** The store can't be written: what can be delivered will be, anything else is answered. */
  #refused(consignment: Consignment): void {
    if (consignment.isFinished) return
    const isOut = consignment === this.#current && this.#job !== undefined
    if (!isOut && (this.#host.isHeld(this) || this.hasStored)) this.#giveUp(consignment)
  }

  #giveUp(consignment: Consignment): void {
    const { tenant, trouble, storeError } = this.#host
    consignment.delivery.settle(undeliverable(tenant, trouble.text, storeError, trouble.waitMs))
    if (consignment === this.#current) this.#current = undefined
    else this.#waiting = this.#waiting.filter((other) => other !== consignment)
  }
}

// Most lanes never need one of their own.
const noConsignments: Consignment[] = []
const noBodies: Uint8Array[] = []
