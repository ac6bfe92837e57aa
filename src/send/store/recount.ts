// Looks at every record after damage: those that fail their checksum are moved under a prefix of their own, the rest
// is counted anew.

import type { Level, Op } from './database.ts'
import { readSpan } from './database.ts'
import { decodeRecordKey, keyAfter, keyKind, lanePrefix, queueName } from './key.ts'
import { encodeCount, type LaneCount, nothing, plus } from './lane-count.ts'
import { decodeRecord } from './record.ts'

export interface Recounted {
  readonly batches: number
  readonly samples: number
  /** Records that were moved aside. */
  readonly damaged: number
  /** Highest sequence number of all records, 0 if there is none. */
  readonly last: number
  /** A part of the database can't be read, so what is in it is not counted. */
  readonly unreadable: boolean
}

/** Throws as LevelDB does if it can't read or write. */
export async function recount(level: Level): Promise<Recounted> {
  await clear(level, keyKind.counts)
  let lane: { readonly name: string; readonly lane: number; count: LaneCount } | undefined
  let batches = 0
  let samples = 0
  let damaged = 0
  let last = 0
  let unreadable = false
  const to = Buffer.of(keyKind.record + 1)
  let from: Buffer = Buffer.of(keyKind.record)
  for (;;) {
    const found = await readSpan(level, { from, to, maxEntries: 1000, maxBytes: 1 << 20 })
    const ops: Op[] = []
    for (const [key, value] of found.entries) {
      const id = decodeRecordKey(key)
      const batch = decodeRecord(key, value)
      if (id === undefined || 'fault' in batch) {
        damaged++
        ops.push({ type: 'put', key: asDamaged(key), value }, { type: 'del', key })
        continue
      }
      const name = queueName(id)
      if (lane?.name !== name || lane.lane !== id.lane) {
        if (lane !== undefined) ops.push(countOp(lane.name, lane.lane, lane.count))
        lane = { name, lane: id.lane, count: nothing }
      }
      lane.count = plus(lane.count, { ...batch, sequence: id.sequence, bytes: key.length + value.length })
      last = Math.max(last, id.sequence)
      batches++
      samples += batch.samples
    }
    unreadable ||= found.damaged
    const end = found.entries.at(-1)?.[0]
    if (end === undefined && lane !== undefined) ops.push(countOp(lane.name, lane.lane, lane.count))
    if (ops.length > 0) await level.batch(ops, { sync: true })
    if (end === undefined) return { batches, samples, damaged, last, unreadable }
    from = keyAfter(end)
  }
}

/** The key under which a damaged record is kept. */
export function asDamaged(key: Uint8Array): Buffer {
  const aside = Buffer.from(key)
  aside[0] = keyKind.damaged
  return aside
}

export function countOp(name: string, lane: number, count: LaneCount): Op {
  const key = lanePrefix(keyKind.counts, name, lane)
  return count.batches > 0 ? { type: 'put', key, value: encodeCount(key, count) } : { type: 'del', key }
}

async function clear(level: Level, kind: number): Promise<void> {
  await level.clear({ gte: Buffer.of(kind), lt: Buffer.of(kind + 1) })
}
