// A part on its way through the scheduler: waits for a slot, holds it for one attempt, gives it back.

import { isRetryable, type PartAnswer } from '../tenancy/merge-answers.ts'
import type { Lane, Shipment } from './lane.ts'
import type { Job, Scheduler, Turn } from './scheduler.ts'

export class PartJob implements Job {
  readonly turn: Turn
  readonly deadline: number
  startedAt = 0
  isSlow = false
  next: Job | undefined = undefined
  previous: Job | undefined = undefined
  readonly #lane: Lane
  readonly #shipment: Shipment
  readonly #scheduler: Scheduler
  readonly #resolve: (answer: PartAnswer) => void

  constructor(
    lane: Lane,
    shipment: Shipment,
    deadline: number,
    scheduler: Scheduler,
    resolve: (answer: PartAnswer) => void,
  ) {
    this.turn = lane.turn
    this.deadline = deadline
    this.#lane = lane
    this.#shipment = shipment
    this.#scheduler = scheduler
    this.#resolve = resolve
  }

  start(): void {
    void this.#lane.attempt(this.#shipment, this.deadline).then((answer) => {
      this.#resolve(answer)
      this.#scheduler.done(this, isRetryable(answer))
    })
  }

  expire(): void {
    this.#resolve(this.#lane.expired(this.#shipment))
  }
}
