// One thing that is done to the store: operations, and what they add to and take from the counts of a lane. Steps of
// one group are written together with the counts that result, so figures and records never disagree.

import type { Op } from './database.ts'
import type { Inventory, LaneState } from './inventory.ts'
import { keyKind, type LaneId, lanePrefix, type Queue, queueName, withSequence } from './key.ts'
import { type CountedRecord, type LaneCount, minus, plus } from './lane-count.ts'
import { asDamaged, countOp } from './recount.ts'

/** Why stored samples were given up. */
export type DropReason = 'storage_full' | 'removed_by_command' | 'damaged'

/** What one queue lost. */
export interface Dropped {
  readonly queue: Queue
  readonly reason: DropReason
  readonly batches: number
  readonly series: number
  readonly samples: number
  readonly bytes: number
}

export interface Step {
  readonly ops: readonly Op[]
  /** Whoever waits for the step is told only after a sync. */
  readonly sync: boolean
  /** Absent where no record is touched. */
  readonly lane?: LaneId
  readonly added?: CountedRecord
  readonly removed?: readonly CountedRecord[]
  /** Absent where what is removed was delivered. */
  readonly reason?: DropReason
}

const recordKey = (lane: LaneId, sequence: number) =>
  withSequence(lanePrefix(keyKind.record, queueName(lane), lane.lane), sequence)

export function addition(lane: LaneId, key: Buffer, value: Buffer, added: CountedRecord): Step {
  return { ops: [{ type: 'put', key, value }], sync: true, lane, added }
}

/** Not synced: a batch that is back after a power cut is a repeat, and repeats are harmless. */
export function removal(lane: LaneId, removed: readonly CountedRecord[], reason?: DropReason): Step {
  const ops = removed.map(({ sequence }) => ({ type: 'del', key: recordKey(lane, sequence) }) as const)
  return { ops, sync: false, lane, removed, ...(reason && { reason }) }
}

/** Moves a record that fails its checksum to where it is kept but not read. What was in it is unknown, so are its counts. */
export function keptAside(lane: LaneId, key: Buffer, value: Buffer, removed: CountedRecord): Step {
  const ops = [
    { type: 'put', key: asDamaged(key), value },
    { type: 'del', key },
  ] as const
  return { ops, sync: true, lane, removed: [removed], reason: 'damaged' }
}

/** The counts that result of the steps, lane by lane. Lanes that are new are opened in the inventory. */
export function countsAfter(inventory: Inventory, steps: readonly Step[]): Map<LaneState, LaneCount> {
  const counts = new Map<LaneState, LaneCount>()
  for (const { lane: id, added, removed = [], reason } of steps) {
    if (id === undefined) continue
    const lane = inventory.open(id)
    if (reason !== undefined) for (const { sequence } of removed) lane.giveUp(sequence)
    let count = counts.get(lane) ?? lane.count
    if (added !== undefined) count = plus(count, added)
    for (const record of removed) count = lane.countWithout(minus(count, record), record)
    counts.set(lane, count)
  }
  return counts
}

export function countOps(counts: ReadonlyMap<LaneState, LaneCount>): Op[] {
  return [...counts].map(([{ queue, lane }, count]) => countOp(queue.name, lane, count))
}

/** What the steps lose, in one entry for each queue and reason. */
export function losses(steps: readonly Step[]): Dropped[] {
  const all = new Map<string, Dropped>()
  for (const { lane, removed, reason } of steps) {
    if (lane === undefined || removed === undefined || reason === undefined) continue
    const { endpoint, signal, tenant } = lane
    const name = `${reason} ${queueName(lane)}`
    const before = all.get(name) ?? { batches: 0, series: 0, samples: 0, bytes: 0 }
    const sum = (field: 'series' | 'samples' | 'bytes') =>
      removed.reduce((total, record) => total + record[field], before[field])
    all.set(name, {
      queue: { endpoint, signal, tenant },
      reason,
      batches: before.batches + removed.length,
      series: sum('series'),
      samples: sum('samples'),
      bytes: sum('bytes'),
    })
  }
  return [...all.values()]
}
