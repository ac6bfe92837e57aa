// All lanes of one endpoint: made at a tenant's first part, bounded in number, removed when idle.

import { Lane, type LaneContext } from './lane.ts'
import type { Target } from './target.ts'

export interface LanesOptions extends LaneContext {
  readonly targetOf: (tenant: string) => Target
  /** Most lanes at one time. */
  readonly maxTenants: number
  /** A lane unused for this long, with nothing out, may go. */
  readonly idleTimeoutMs: number
  /** Called with the id of each lane that went. */
  readonly onRemoved: (tenant: string) => void
  /** The tenant has data under way or stored that its lane must not go before; default: none has. */
  readonly isNeeded?: (tenant: string) => boolean
}

const minSweepMs = 1000

export class Lanes {
  readonly #options: LanesOptions
  readonly #lanes = new Map<string, Lane>()
  #swept = Number.NEGATIVE_INFINITY

  constructor(options: LanesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#lanes.size
  }

  [Symbol.iterator](): IterableIterator<Lane> {
    return this.#lanes.values()
  }

  get(tenant: string): Lane | undefined {
    return this.#lanes.get(tenant)
  }

  /** The tenant's lane; undefined if there are `maxTenants` others that are not idle yet, unless it must be. */
  open(tenant: string, mustBe: true): Lane
  open(tenant: string): Lane | undefined
  open(tenant: string, mustBe = false): Lane | undefined {
    let lane = this.#lanes.get(tenant)
    if (lane !== undefined) return lane
    if (this.#lanes.size >= this.#options.maxTenants) this.removeIdle()
    if (this.#lanes.size >= this.#options.maxTenants && !mustBe) return undefined
    lane = new Lane(tenant, this.#options.targetOf(tenant), this.#options)
    this.#lanes.set(tenant, lane)
    return lane
  }

  /** Removes lanes unused for `idleTimeoutMs`; looks at most once a second. */
  removeIdle(): void {
    const { now: clock, isNeeded = () => false } = this.#options
    const now = clock()
    if (now - this.#swept < minSweepMs) return
    this.#swept = now
    for (const [tenant, lane] of this.#lanes) {
      if (!lane.isIdle || now - lane.lastUsed < this.#options.idleTimeoutMs || isNeeded(tenant)) continue
      this.#lanes.delete(tenant)
      this.#options.onRemoved(tenant)
    }
  }
}
