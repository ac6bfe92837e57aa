// What goes when the store is full: of the tenant furthest over its fair share, what arrived first.

import { type Database, readSpan } from './database.ts'
import type { Gone } from './gone.ts'
import type { Inventory, LaneState } from './inventory.ts'
import { afterPrefix, keyAfter, keyKind, type LaneId, lanePrefix, sequenceUnder, withSequence } from './key.ts'
import type { CountedRecord } from './lane-count.ts'
import { furthestOverShare } from './over-share.ts'
import { decodeRecord } from './record.ts'
import { type DropReason, keptAside, removal, type Step } from './step.ts'

/** A little more goes than must, as a share of the bound, so that not every batch costs a search. */
const slackShare = 1 / 256
const readAtOnce = 1 << 20

/**
 * Adds to `evicted` steps that make room within `maxBytes` for what `steps` add. `gone`: records that are to be removed
 * already; what is chosen joins them at once, so that nobody reads or removes it meanwhile.
 */
export async function makeRoom(
  database: Database,
  inventory: Inventory,
  maxBytes: number,
  steps: readonly Step[],
  gone: Gone,
  evicted: Step[],
): Promise<void> {
  let needed = inventory.bytes - maxBytes
  for (const { added, removed = [] } of steps) needed += (added?.bytes ?? 0) - bytesOf(removed)
  if (needed <= 0) return
  needed += maxBytes * slackShare
  const shares = new Map(inventory.bytesByTenant)
  for (const { lane, added, removed = [] } of steps) {
    if (lane === undefined) continue
    shares.set(lane.tenant, (shares.get(lane.tenant) ?? 0) + (added?.bytes ?? 0) - bytesOf(removed))
  }
  // Batches that are out may be delivered at this moment: they go only if nothing else is left.
  for (const mayBeOut of [false, true]) {
    const spent = new Set<string>()
    while (needed > 0) {
      const from = furthestOverShare(shares, needed, spent)
      if (from === undefined) break
      const found = await oldestOf(database, inventory, from.tenant, from.bytes, gone, mayBeOut)
      const bytes = found.reduce((sum, { removed = [] }) => sum + bytesOf(removed), 0)
      if (bytes === 0) spent.add(from.tenant)
      shares.set(from.tenant, (shares.get(from.tenant) ?? 0) - bytes)
      needed -= bytes
      evicted.push(...found)
    }
  }
}

/** Up to `bytes` of the tenant's records, and at least one if there is any. */
async function oldestOf(
  database: Database,
  inventory: Inventory,
  tenant: string,
  bytes: number,
  gone: Gone,
  mayBeOut: boolean,
): Promise<Step[]> {
  const lanes = [...inventory].filter(({ queue }) => queue.tenant === tenant).flatMap((queue) => queue.lanes)
  const heads: (Candidate & { readonly lane: LaneState })[] = []
  for (const lane of lanes) {
    const skip = (sequence: number) => gone.has(sequence) || (!mayBeOut && (lane.out?.has(sequence) ?? false))
    for (const head of await oldestIn(database, lane, bytes, 'storage_full', skip)) heads.push({ ...head, lane })
  }
  heads.sort((a, b) => a.record.sequence - b.record.sequence)
  const found: Step[] = []
  let left = bytes
  for (const { step, record, lane } of heads) {
    if (left <= 0) break
    // What was delivered, or handed out, since it was read.
    if (gone.has(record.sequence) || (!mayBeOut && lane.out?.has(record.sequence))) continue
    left -= record.bytes
    gone.add(record.sequence, lane)
    found.push(step)
  }
  return found
}

export interface Candidate {
  readonly record: CountedRecord
  /** What removes it. */
  readonly step: Step
}

/** The lane's oldest records, until they are `bytes` together, those that `skip` is true for left out. */
export async function oldestIn(
  database: Database,
  { queue, lane, count }: LaneState,
  bytes: number,
  reason: DropReason,
  skip: (sequence: number) => boolean,
): Promise<Candidate[]> {
  const id: LaneId = { ...queue.queue, lane }
  const prefix = lanePrefix(keyKind.record, queue.name, lane)
  const to = afterPrefix(prefix)
  const candidates: Candidate[] = []
  let from: Buffer = withSequence(prefix, count.first)
  for (let size = 0; size < bytes; ) {
    const span = { from, to, maxEntries: 256, maxBytes: Math.min(bytes, readAtOnce) }
    const { entries } = await database.with((level) => readSpan(level, span))
    for (const [key, value] of entries) {
      const sequence = sequenceUnder(prefix, key)
      if (skip(sequence)) continue
      const batch = decodeRecord(key, value)
      const isBad = 'fault' in batch
      const { series, samples, arrivedMs } = isBad ? { series: 0, samples: 0, arrivedMs: count.oldestMs } : batch
      const record = { sequence, bytes: key.length + value.length, series, samples, arrivedMs }
      candidates.push({ record, step: isBad ? keptAside(id, key, value, record) : removal(id, [record], reason) })
      size += record.bytes
    }
    const end = entries.at(-1)?.[0]
    if (end === undefined) break
    from = keyAfter(end)
  }
  return candidates
}

function bytesOf(records: readonly CountedRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0)
}
