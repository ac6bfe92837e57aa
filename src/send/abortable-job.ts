// A part whose push brings a signal or a time of its own: its wait ends by them, not by the scheduler's deadlines, which
// have to come in order within a lane. In flight, both are for whatever sends it.

import { PartJob, spareMs } from './part-job.ts'

const longestTimer = 0x7fff_ffff

export class AbortableJob extends PartJob {
  override readonly deadline = Number.POSITIVE_INFINITY
  #isWaiting = true
  #timer: NodeJS.Timeout | undefined
  #signal: AbortSignal | undefined

  /** Begins its way; call it instead of `Scheduler.run`. */
  enter(signal: AbortSignal | undefined): void {
    this.#signal = signal
    if (signal?.aborted) {
      this.resolve(this.lane.cancelled(this.shipment, signal.reason))
      return
    }
    this.scheduler.run(this)
    if (!this.#isWaiting) return
    signal?.addEventListener('abort', this.#aborted)
    const waitMs = this.timeoutMs - spareMs(this.timeoutMs)
    if (waitMs <= longestTimer) this.#timer = setTimeout(this.#expired, waitMs)
  }

  override start(): void {
    this.#endWait()
    super.start()
  }

  readonly #aborted = (): void => {
    this.#endWait()
    this.scheduler.cancel(this)
    this.resolve(this.lane.cancelled(this.shipment, this.#signal?.reason))
  }

  readonly #expired = (): void => {
    this.#endWait()
    this.scheduler.cancel(this)
    this.expire()
  }

  #endWait(): void {
    this.#isWaiting = false
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#aborted)
  }
}
