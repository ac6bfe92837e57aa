// Finds how many lanes a tenant needs, from how busy those are that it has. One lane sends one request at a time, and
// what comes meanwhile goes in the next one: a busy lane keeps up until its requests are full and late. Another lane
// costs more smaller requests, so that nothing else is a reason for one.

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
  /** Of that, with requests that show that there are too few lanes. */
  #strainedMs = 0
  #isSteady = true
  #desired: number | undefined

  /** A request was out for `ms`. `strained`: full and late. `failed`: more lanes would not have helped. */
  note(ms: number, { strained, failed }: { readonly strained: boolean; readonly failed: boolean }): void {
    this.#busyMs += ms
    if (strained) this.#strainedMs += ms
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
    this.#busyMs = this.#strainedMs = 0
    this.#isSteady = true
    return Math.min(Math.max(wanted, min), max)
  }

  /** The number that would be enough, bounds aside: what was found last, unless nobody has looked for long. */
  desired(now: number, lanes: number): number {
    const elapsed = now - (this.#since ?? now)
    return elapsed < 2 * windowMs ? (this.#desired ?? lanes) : this.#wanted(elapsed, lanes)
  }

  #wanted(elapsed: number, lanes: number): number {
    return this.#isSteady ? wantedFor(this.#busyMs / elapsed, this.#strainedMs / elapsed, lanes) : lanes
  }
}

/** `busy`: lanes that were busy on average; `strained`: those of them with full and late requests. */
function wantedFor(busy: number, strained: number, lanes: number): number {
  if (strained > lanes * busyShare) return lanes * 2
  if (busy < lanes * idleShare) return Math.max(1, Math.ceil(busy / busyShare))
  return lanes
}
