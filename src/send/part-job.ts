// A part on its way through the scheduler: waits for a slot, holds it for one attempt, gives it back.

import { isRetryable, type PartAnswer } from '../tenancy/merge-answers.ts'
import type { Lane, Shipment } from './lane.ts'
import type { Job, Scheduler, Turn } from './scheduler.ts'

/** Of the time allowed, so much must be left at the start, as a share and in ms at most: what is sent too late is delivered and fails. */
const shareLeft = 0.1
const mostLeftMs = 500

export class PartJob implements Job {
  readonly turn: Turn
  readonly deadline: number
  startedAt = 0
  isSlow = false
  next: Job | undefined = undefined
  previous: Job | undefined = undefined
  protected readonly timeoutMs: number
  protected readonly lane: Lane
  protected readonly shipment: Shipment
  protected readonly scheduler: Scheduler
  protected readonly resolve: (answer: PartAnswer) => void
  readonly #end: number

  /** Upstream must have answered `timeoutMs` after `now`, when the part came. */
  constructor(
    lane: Lane,
    shipment: Shipment,
    now: number,
    timeoutMs: number,
    scheduler: Scheduler,
    resolve: (answer: PartAnswer) => void,
  ) {
    this.turn = lane.turn
    this.timeoutMs = timeoutMs
    this.#end = now + timeoutMs
    this.deadline = this.#end - spareMs(timeoutMs)
    this.lane = lane
    this.shipment = shipment
    this.scheduler = scheduler
    this.resolve = resolve
  }

  start(): void {
    this.lane.attempt(this.shipment, this.#end, (answer) => {
      this.resolve(answer)
      this.scheduler.done(this, isRetryable(answer))
    })
  }

  expire(): void {
    this.resolve(this.lane.expired(this.shipment, this.timeoutMs))
  }
}

/** What of the time allowed must be left when an attempt begins. */
export const spareMs = (timeoutMs: number): number => Math.min(timeoutMs * shareLeft, mostLeftMs)
