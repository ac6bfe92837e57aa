// A tenant's token bucket. Tokens are samples; a body larger than the bucket passes when the bucket is full and
// leaves it in debt, since otherwise it could never pass.

import type { RateLimit } from '../config/tenancy-settings.ts'

export class TokenBucket {
  readonly #perMs: number
  readonly #size: number
  #tokens: number
  #at: number

  /** `limit.samplesPerSecond` must be over 0; a `burst` of 0 means one second's worth. `now` in ms. */
  constructor(limit: RateLimit, now: number) {
    this.#perMs = limit.samplesPerSecond / 1000
    this.#size = limit.burst > 0 ? limit.burst : limit.samplesPerSecond
    this.#tokens = this.#size
    this.#at = now
  }

  /** Takes `samples` tokens and returns 0, or takes none and returns the seconds until it could. */
  take(samples: number, now: number): number {
    this.#refill(now)
    const needed = Math.min(samples, this.#size)
    if (this.#tokens >= needed) {
      this.#tokens -= samples
      return 0
    }
    return Math.max(1, Math.ceil((needed - this.#tokens) / this.#perMs / 1000))
  }

  /** Takes `samples` tokens whether they are there or not. */
  spend(samples: number, now: number): void {
    this.#refill(now)
    this.#tokens -= samples
  }

  /** The time at which the bucket is out of debt; not after the present if it is not in debt. */
  get solventAt(): number {
    return this.#tokens > 0 ? this.#at : this.#at - this.#tokens / this.#perMs
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at)
    this.#tokens = Math.min(this.#size, this.#tokens + elapsed * this.#perMs)
    this.#at += elapsed
  }
}
