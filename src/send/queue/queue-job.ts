// One request of a queue on its way through the scheduler. What it carries is fetched when its turn has come, so that
// what waits for a slot holds no body that is stored.

import { isRetryable, type PartAnswer } from '../../tenancy/merge-answers.ts'
import type { Lane, Shipment } from '../lane.ts'
import type { Job, Turn } from '../scheduler.ts'
import type { Uplink } from './uplink.ts'

/** undefined: there is nothing to send after all. */
export type Loaded = Shipment | undefined | Promise<Shipment | undefined>

/** What asks for a slot, one request at a time. A push may have a thousand of them: it needs no closure of its own. */
export interface Errand {
  /** Called once there is a slot. */
  load(): Loaded
  /** Of what is out since `sentAt`: it is full, and was late, so that others must come later still. */
  isStrained(sentAt: number): boolean
  /** The request ended; `answer` is undefined if none was made. */
  ended(answer: PartAnswer | undefined): void
}

/** Whose request it is. */
export interface JobHost {
  readonly now: () => number
  /** What is loaded goes out now; returns it as it goes. */
  sends(shipment: Shipment, job: QueueJob): Shipment
  /** How the request ended, before the errand is told; `error` says why none was made where something went wrong. */
  ended(job: QueueJob, answer: PartAnswer | undefined, error: unknown): void
}

export class QueueJob implements Job {
  readonly lane: Lane
  readonly uplink: Uplink
  readonly turn: Turn
  /** What can't go in time is stored; the turn comes in any case. */
  readonly deadline = Number.POSITIVE_INFINITY
  startedAt = 0
  isSlow = false
  next: Job | undefined = undefined
  previous: Job | undefined = undefined
  /** What went out, and when. */
  sent: Shipment | undefined = undefined
  sentAt = 0
  readonly #host: JobHost
  readonly errand: Errand
  isStarted = false

  constructor(lane: Lane, uplink: Uplink, host: JobHost, errand: Errand) {
    this.lane = lane
    this.uplink = uplink
    this.turn = lane.turn
    this.#host = host
    this.errand = errand
  }

  /** Takes it out of the line; false if its turn has come already. */
  withdraw(): boolean {
    if (this.isStarted) return false
    this.uplink.scheduler.cancel(this)
    this.uplink.leave()
    return true
  }

  start(): void {
    this.isStarted = true
    const loaded = this.errand.load()
    if (loaded instanceof Promise) {
      loaded.then(
        (shipment) => this.#attempt(shipment),
        (error) => this.#end(undefined, error),
      )
    } else if (loaded === undefined) {
      queueMicrotask(() => this.#end(undefined))
    } else {
      this.#attempt(loaded)
    }
  }

  expire(): void {}

  #attempt(loaded: Shipment | undefined): void {
    if (loaded === undefined) {
      this.#end(undefined)
      return
    }
    const shipment = this.#host.sends(loaded, this)
    this.sent = shipment
    this.sentAt = this.#host.now()
    this.lane.attempt(shipment, this.sentAt + this.lane.target.timeoutMs, (answer) => this.#end(answer))
  }

  #end(answer: PartAnswer | undefined, error?: unknown): void {
    this.uplink.scheduler.done(this, answer === undefined ? this.turn.failing : isRetryable(answer))
    this.uplink.leave()
    this.#host.ended(this, answer, error)
    this.errand.ended(answer)
  }
}
