// Finds how many lanes a tenant needs, from how busy those are that it has. One lane sends one request at a time, so a
// tenant that keeps a lane busy all the time can't keep up with it.

export interface LaneBounds {
  readonly min: number
  readonly max: number
}

/** Long enough that a burst is no reason. */
const windowMs = 5000
/** Above this share of busy time there are more lanes, below the other one fewer. */
const busyShare = 0.8
const idleShare = 0.3

export class Pace {
  /** Since when it has watched; undefined: it has not been asked yet. */
  #since: number | undefined
  #busyMs = 0
  #isSteady = true
  #desired: number | undefined

  /** A request was out for `ms`. `failed`: more lanes would not have helped. */
  note(ms: number, failed: boolean): void {
    this.#busyMs += ms
    if (failed) this.#isSteady = false
  }

  /** The number of lanes to have from now on. */
  lanes(now: number, lanes: number, { min, max }: LaneBounds): number {
    const within = Math.min(Math.max(lanes, min), max)
    const elapsed = now - (this.#since ??= now)
    if (elapsed < windowMs) return within
    const wanted = this.#wanted(elapsed, lanes)
    this.#desired = wanted
    this.#since = now
    this.#busyMs = 0
    this.#isSteady = true
    return Math.min(Math.max(wanted, min), max)
  }

  /** The number that would be enough, bounds aside: what was found last, unless nobody has looked for long. */
  desired(now: number, lanes: number): number {
    const elapsed = now - (this.#since ?? now)
    return elapsed < 2 * windowMs ? (this.#desired ?? lanes) : this.#wanted(elapsed, lanes)
  }

  #wanted(elapsed: number, lanes: number): number {
    return this.#isSteady ? wantedFor(this.#busyMs / elapsed, lanes) : lanes
  }
}

/** `busy`: lanes that were busy on average. */
function wantedFor(busy: number, lanes: number): number {
  if (busy > lanes * busyShare) return lanes * 2
  if (busy < lanes * idleShare) return Math.max(1, Math.ceil(busy / busyShare))
  return lanes
}
