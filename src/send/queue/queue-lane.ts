// One ordered line of a tenant's data, with one request out at a time. Its order is always: what is being sent, what is
// stored, what was closed, what is still open. Whatever can't be delivered now moves to the store, oldest first.

import type { PartAnswer } from '../../tenancy/merge-answers.ts'
import type { Shipment } from '../lane.ts'
import type { LaneId } from '../store/key.ts'
import { taken, undeliverable } from './answers.ts'
import { Consignment, recordOf } from './consignment.ts'
import { LaneBacklog } from './lane-backlog.ts'
import type { LaneHost } from './lane-host.ts'
import { OpenBatch, type QueuedPart } from './open-batch.ts'
import { contentsOfPiece } from './piece.ts'
import type { Errand, Loaded, QueueJob } from './queue-job.ts'
import type { Ticket } from './ticket.ts'

/** Who waits for longer than this before it goes out would be better off with another lane. */
const lateMs = 100

export class QueueLane implements Errand {
  readonly #host: LaneHost
  readonly #backlog: LaneBacklog
  #open: OpenBatch | undefined
  /** Closed, and not known to be stored. Without what is being sent. */
  #waiting: Consignment[] = noConsignments
  #current: Consignment | undefined
  #job: QueueJob | undefined
  /** What the job that waits for a slot is for; undefined: for what is stored. */
  #loading: Consignment | undefined
  /** Number of the last one closed. */
  #lastClosed = 0

  constructor(id: LaneId, hasStored: boolean, host: LaneHost) {
    this.#host = host
    this.#backlog = new LaneBacklog(id, hasStored, host)
  }

  /** Samples in memory alone: open, closed, or being sent, and not stored. */
  get samples(): number {
    let samples = this.#open?.samples ?? 0
    for (const { storage, delivery } of this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting])
      if (storage !== 'stored') samples += delivery.samples
    return samples
  }

  /** Nothing is in memory, and nothing is stored. */
  get isIdle(): boolean {
    return !this.#backlog.hasStored && !this.isStoring && this.#isEmpty && this.#job === undefined
  }

  /** A write to the store is under way. */
  get isStoring(): boolean {
    return this.#backlog.isWriting
  }

  /** Something is stored, or about to be. */
  get isBehind(): boolean {
    return this.#backlog.hasStored || this.isStoring || this.#current?.storage === 'stored'
  }

  /** A request waits for a slot, or is out. */
  get isBusy(): boolean {
    return this.#job !== undefined
  }

  /** Since when a request is out. */
  get outSince(): number | undefined {
    return this.#job?.isStarted ? this.#job.startedAt : undefined
  }

  /** There is something that could be sent or stored. */
  get hasWork(): boolean {
    return this.#backlog.hasStored || !this.#isEmpty
  }

  get #isEmpty(): boolean {
    return this.#open === undefined && this.#waiting.length === 0 && this.#current === undefined
  }

  /** Returns false where `wakeAt` is what it was: the part waits with others that came before. */
  add(part: QueuedPart, ticket: Ticket): boolean {
    const { settings, now, wallClock } = this.#host
    if (this.#open?.takes(part, settings.maxSamplesPerSend) === false) this.#close()
    const isFirst = this.#open === undefined
    this.#open ??= new OpenBatch(part, now(), wallClock())
    const isLast = this.#open.samples + part.samples >= settings.maxSamplesPerSend || settings.mergeWindowMs === 0
    this.#open.add(part, ticket, isLast)
    if (isLast) this.#close()
    else if (!isFirst) return false
    this.pump()
    return true
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
    for (const consignment of this.#inMemory()) {
      const { openedAt } = consignment.closed!
      if (consignment.storage === 'none') at = Math.min(at, openedAt + graceMs)
      if (consignment.storage === 'refused' && consignment !== this.#current) at = Math.min(at, openedAt + timeoutMs)
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
    while (this.#current === undefined && !this.#backlog.hasStored) {
      if (this.#waiting.length === 0 && this.#isDue) this.#close()
      this.#current = this.#waiting.shift()
      if (this.#current === undefined) return
      if (this.#waiting.length === 0) this.#waiting = noConsignments
      if (this.#isTooOld(this.#current)) this.#dropTooOld(this.#current)
    }
    this.#loading = this.#current
    this.#job = this.#host.send(this)
  }

  load(): Loaded {
    const loading = this.#loading
    this.#loading = undefined
    if (loading === undefined) return this.#read()
    // Much may have happened while it waited for a slot: a pause, another lane's failure.
    return this.#host.isHeld(this) ? undefined : this.#shipment(loading)
  }

  isStrained(sentAt: number): boolean {
    if (this.#current === undefined) return false
    const { closed, delivery } = this.#current
    if (closed === undefined) return true
    return delivery.samples * 2 >= this.#host.settings.maxSamplesPerSend && sentAt - closed.openedAt > lateMs
  }

  ended(answer: PartAnswer | undefined): void {
    this.#job = undefined
    if (answer !== undefined) this.#answered(answer)
    this.pump()
    this.#host.changed()
  }

  /** Everything that is not settled goes into the store, what is out included. No request begins any more. */
  stop(): void {
    if (this.#job?.withdraw()) this.#job = undefined
    if (this.#open !== undefined) this.#close()
    this.#storeAll()
    this.#backlog.forgetRead()
  }

  /** What was read from the store is forgotten: it has been dropped there. A request that is out goes on. */
  forgetStored(): void {
    this.#backlog.forgetRead()
    if (this.#job !== undefined || this.#current?.storage !== 'stored') return
    this.#current = undefined
    // It may have come there since.
    this.#backlog.hasStored = true
  }

  /** The lane can't take a closed batch at once. */
  get #isBlocked(): boolean {
    return this.#job !== undefined || this.#current !== undefined || this.#backlog.hasStored || this.#host.isHeld(this)
  }

  get #isDue(): boolean {
    const { now, settings } = this.#host
    return this.#open !== undefined && now() - this.#open.openedAt >= settings.mergeWindowMs
  }

  #close(): void {
    const closed = this.#open!.close()
    this.#open = undefined
    const consignment = Consignment.ofClosed(closed, ++this.#lastClosed)
    if (this.#waiting.length === 0) this.#waiting = [consignment]
    else this.#waiting.push(consignment)
    this.#host.metrics.closed(closed.parts.length, closed.piece.samples, closed.arrivedMs)
    // However large, a batch that nothing but the one before it stands in front of goes by no disk.
    const isCrowded = this.#waiting.length > 1 && this.#samplesWaiting > this.#host.laneCapacity
    if (this.#host.isBehind || isCrowded) this.#storeAll()
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

  /** What was read, ready to go; undefined if there is nothing to send now. */
  async #read(): Promise<Shipment | undefined> {
    const found = await this.#backlog.read(this)
    if (found === undefined) return undefined
    this.#current = found
    return this.#shipment(found)
  }

  #isTooOld({ closed }: Consignment): boolean {
    const { settings, wallClock } = this.#host
    if (settings.sampleAgeLimitMs === 0 || closed === undefined) return false
    return recordOf(closed).newestMs < wallClock() - settings.sampleAgeLimitMs
  }

  #dropTooOld(consignment: Consignment): void {
    const { series, samples } = consignment.closed!.piece
    this.#host.onDropped('too_old', series, samples)
    consignment.delivery.settle(taken(this.#host.tenant))
    this.#finish(consignment)
  }

  #shipment({ delivery, travelling }: Consignment): Shipment | undefined {
    const piece = delivery.next
    if (piece === undefined) return undefined
    const { codec, body, samples } = piece
    return { body, protocol: codec.protocol, samples, written: contentsOfPiece(piece), travelling }
  }

  #answered(answer: PartAnswer): void {
    const current = this.#current
    if (current === undefined) return
    const { settings } = this.#host
    const progress = current.delivery.answered(answer, {
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
    this.#backlog.finished(current)
  }

  #postpone(current: Consignment): void {
    this.#backlog.forgetRead()
    this.#storeAll()
    if (current === this.#current) this.#release()
  }

  /** What is stored as a whole is read again when its time comes, and takes no memory until then. */
  #release(): void {
    const current = this.#current
    if (this.#job !== undefined || current?.storage !== 'stored' || !current.delivery.isWhole) return
    this.#current = undefined
    this.#backlog.release()
  }

  /** Whatever is older goes before it: what is stored must be in order. */
  #store(consignment: Consignment): void {
    for (const one of this.#inMemory()) {
      if (one.storage === 'none' || one.storage === 'refused') this.#append(one)
      if (one === consignment) break
    }
  }

  #append(consignment: Consignment): void {
    if (!this.#backlog.mayFollow(consignment)) {
      // Something newer got into the store after this was refused: it must not come behind it.
      this.#refused(consignment)
      return
    }
    const isOut = () => consignment === this.#current
    this.#backlog.append(consignment, this, isOut, () => {
      if (consignment.storage === 'stored') this.#stored(consignment)
      else this.#refused(consignment)
      this.pump()
      this.#host.changed()
    })
  }

  /** What was closed here, sent or not: in order. */
  #inMemory(): readonly Consignment[] {
    const current = this.#current
    if (current === undefined) return this.#waiting
    return current?.closed === undefined ? [...this.#waiting] : [current, ...this.#waiting]
  }

  #stored(consignment: Consignment): void {
    if (consignment.isFinished) return
    if (consignment === this.#current) {
      this.#release()
    } else {
      this.#waiting = this.#waiting.filter((other) => other !== consignment)
      this.#backlog.hasStored = true
      // What is stored goes first: an older one that does not fit in the store must not come behind it.
      for (const older of this.#inMemory()) {
        if (older.order < consignment.order && older.storage === 'refused') this.#refused(older)
      }
    }
  }

  /** The store can't be written: what can be delivered will be, anything else is answered. */
  #refused(consignment: Consignment): void {
    if (consignment.isFinished) return
    const isOut = consignment === this.#current && this.#job !== undefined
    if (!isOut && (this.#host.isHeld(this) || this.#backlog.hasStored)) this.#giveUp(consignment)
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
