// One request of a queue on its way through the scheduler. What it carries is fetched when its turn has come, so that
// what waits for a slot holds no body that is stored.

import { isRetryable, type PartAnswer } from '../../tenancy/merge-answers.ts'
import type { Lane, Shipment } from '../lane.ts'
import type { Job, Scheduler, Turn } from '../scheduler.ts'

/** undefined: there is nothing to send after all. */
export type Load = () => Shipment | undefined | Promise<Shipment | undefined>

export interface QueueJobOptions {
  readonly lane: Lane
  readonly scheduler: Scheduler
  readonly now: () => number
  readonly load: Load
  /** How the request ended; `answer` is undefined if none was made, `error` says why where something went wrong. */
  readonly ended: (answer: PartAnswer | undefined, error: unknown) => void
  /** It is over, whether it ended or was withdrawn; before `ended`. */
  readonly left: () => void
}

export class QueueJob implements Job {
  readonly turn: Turn
  /** What can't go in time is stored; the turn comes in any case. */
  readonly deadline = Number.POSITIVE_INFINITY
  /** When its turn came, if it has come. */
  startedAt = 0
  isSlow = false
  next: Job | undefined = undefined
  previous: Job | undefined = undefined
  readonly #options: QueueJobOptions
  isStarted = false

  constructor(options: QueueJobOptions) {
    this.turn = options.lane.turn
    this.#options = options
  }

  /** Takes it out of the line; false if its turn has come already. */
  withdraw(): boolean {
    if (this.isStarted) return false
    this.#options.scheduler.cancel(this)
    this.#options.left()
    return true
  }

  start(): void {
    this.isStarted = true
    const loaded = this.#options.load()
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

  #attempt(shipment: Shipment | undefined): void {
    const { lane, now } = this.#options
    if (shipment === undefined) this.#end(undefined)
    else lane.attempt(shipment, now() + lane.target.timeoutMs, (answer) => this.#end(answer))
  }

  #end(answer: PartAnswer | undefined, error?: unknown): void {
    const { scheduler, ended, left } = this.#options
    scheduler.done(this, answer === undefined ? this.turn.failing : isRetryable(answer))
    left()
    ended(answer, error)
  }
}
