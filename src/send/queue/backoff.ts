// How long a tenant whose attempt failed is left alone: doubling waits with some jitter, or what upstream asked for.

export interface BackoffLimits {
  readonly minBackoffMs: number
  readonly maxBackoffMs: number
}

/** Of a wait, at most so much is added, so that tenants that failed together don't come back together. */
const jitter = 0.2
/** The longest Retry-After that is kept to. */
const longestMs = 5 * 60_000

export class Backoff {
  /** By the clock that `failed` is given; no attempt before. */
  until = 0
  #nextMs = 0

  /** The last attempt failed in a way that a repeat may mend. */
  get isFailing(): boolean {
    return this.#nextMs > 0
  }

  /** `random`: at least 0, below 1. `retryAfter`: seconds that upstream asked for. */
  failed(now: number, limits: BackoffLimits, retryAfter: number | undefined, random: number): void {
    const own = Math.min(Math.max(this.#nextMs, limits.minBackoffMs), limits.maxBackoffMs)
    this.#nextMs = Math.min(own * 2, limits.maxBackoffMs)
    const askedMs = (retryAfter ?? 0) * 1000
    const waitMs = (askedMs > 0 ? askedMs : own) * (1 + jitter * random)
    this.until = now + Math.min(waitMs, longestMs)
  }

  succeeded(): void {
    this.until = 0
    this.#nextMs = 0
  }

  /** Lets the next attempt be made at once. */
  hurry(): void {
    this.until = 0
  }
}
