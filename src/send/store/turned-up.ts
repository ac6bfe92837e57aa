// What a database that was opened anew holds of the records that somebody has in mind: a write that failed, in its sync
// above all, may have been carried out, and a repair may have lost some.

import type { Level } from './database.ts'
import type { Inventory } from './inventory.ts'
import { decodeRecordKey, keyKind, lanePrefix, withSequence } from './key.ts'
import type { Step } from './step.ts'

const askedAtOnce = 1000

/** Sequence numbers of those that are there. */
export async function recordsIn(level: Level, steps: readonly Step[]): Promise<Set<number>> {
  return present(
    level,
    steps.flatMap(({ ops }) => ops.map(({ key }) => key)).filter(([kind]) => kind === keyKind.record),
  )
}

/** What was handed out and is not there any more is not handed out: its removal would be counted. */
export async function takeBackLost(level: Level, inventory: Inventory): Promise<void> {
  for (const { name, lanes } of inventory) {
    for (const { lane, out } of lanes) {
      if (out === undefined) continue
      const prefix = lanePrefix(keyKind.record, name, lane)
      const keys = [...out.keys()].map((sequence) => withSequence(prefix, sequence))
      const there = await present(level, keys)
      for (const sequence of out.keys()) if (!there.has(sequence)) out.delete(sequence)
    }
  }
}

/** Sequence numbers of the records of these keys that are there. */
async function present(level: Level, keys: readonly Buffer[]): Promise<Set<number>> {
  const there = new Set<number>()
  for (let at = 0; at < keys.length; at += askedAtOnce) {
    const some = keys.slice(at, at + askedAtOnce)
    const found = await level.hasMany(some)
    for (const [k, key] of some.entries()) if (found[k]) there.add(decodeRecordKey(key)!.sequence)
  }
  return there
}

/** Nothing of what the step removes is there. */
export function isDone({ removed = [] }: Step, there: ReadonlySet<number>): boolean {
  return removed.length > 0 && !removed.some(({ sequence }) => there.has(sequence))
}
