// Records that are about to be deleted: nobody reads, deletes or counts on them any more, though they are still there.

import type { LaneState } from './inventory.ts'

export class Gone {
  readonly #laneOf = new Map<number, LaneState | undefined>()
  readonly #ofLane = new Map<LaneState, Set<number>>()

  has(sequence: number): boolean {
    return this.#laneOf.has(sequence)
  }

  /** `lane`: undefined if it has nothing that is counted. */
  add(sequence: number, lane: LaneState | undefined): void {
    this.#laneOf.set(sequence, lane)
    if (lane === undefined) return
    const its = this.#ofLane.get(lane)
    if (its === undefined) this.#ofLane.set(lane, new Set([sequence]))
    else its.add(sequence)
  }

  delete(sequence: number): void {
    const lane = this.#laneOf.get(sequence)
    this.#laneOf.delete(sequence)
    const its = lane && this.#ofLane.get(lane)
    if (its?.delete(sequence) && its.size === 0) this.#ofLane.delete(lane!)
  }

  /** How many of the lane's records that are counted are among these. */
  counted(lane: LaneState): number {
    let count = 0
    for (const sequence of this.#ofLane.get(lane) ?? []) if (sequence <= lane.count.last) count++
    return count
  }
}
