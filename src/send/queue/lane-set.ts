// The lanes that a tenant's series are spread over by the hash of their labels. Another number of lanes is another set:
// it takes what comes from then on, and sends only once the older set has finished everything.

import type { LaneHost } from './lane-host.ts'
import { QueueLane } from './queue-lane.ts'

/** Most lanes of one tenant. */
export const mostLanes = 64

/** What tells sets apart in the store. There are two at most, and after a crash one more whose batches are back. */
const epochs = 16

/** A set, as the numbers of its lanes in the store show it. */
export interface SetShape {
  readonly epoch: number
  readonly size: number
}

export class LaneSet {
  readonly epoch: number
  readonly lanes: readonly QueueLane[]

  /** `stored`: places of the lanes that have something stored. */
  constructor({ epoch, size }: SetShape, stored: readonly number[], host: LaneHost) {
    this.epoch = epoch
    const { endpoint, signal, tenant } = host.queue
    this.lanes = Array.from({ length: size }, (_, place) => {
      const lane = (epoch << 12) | ((size - 1) << 6) | place
      return new QueueLane({ endpoint, signal, tenant, lane }, stored.includes(place), host)
    })
  }

  /** The set that follows. */
  next(size: number, host: LaneHost): LaneSet {
    return new LaneSet({ epoch: (this.epoch + 1) % epochs, size }, [], host)
  }

  /** Nothing is in memory, nothing is stored, nothing is out. */
  get isIdle(): boolean {
    for (const lane of this.lanes) if (!lane.isIdle) return false
    return true
  }
}

/** The sets that these lane numbers belong to, oldest first; each with the places of its lanes. */
export function setsOf(numbers: readonly number[]): { readonly shape: SetShape; readonly stored: number[] }[] {
  const sets = new Map<number, { readonly shape: SetShape; readonly stored: number[] }>()
  for (const number of numbers) {
    const set = number >> 6
    const found = sets.get(set) ?? { shape: { epoch: set >> 6, size: (set & 63) + 1 }, stored: [] }
    found.stored.push(number & 63)
    sets.set(set, found)
  }
  const all = [...sets.values()].sort((a, b) => a.shape.epoch - b.shape.epoch)
  // The numbers go round: the oldest set is the one behind the widest gap.
  const gaps = all.map(({ shape }, k) => (shape.epoch - all.at(k - 1)!.shape.epoch + epochs - 1) % epochs)
  const first = gaps.indexOf(Math.max(...gaps))
  return [...all.slice(first), ...all.slice(0, Math.max(0, first))]
}
