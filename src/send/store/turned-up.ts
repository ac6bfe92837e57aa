// What a database that was opened anew holds of the records that some steps are about: a write that failed, in its sync
// above all, may have been carried out.

import type { Level } from './database.ts'
import { decodeRecordKey, keyKind } from './key.ts'
import type { Step } from './step.ts'

const askedAtOnce = 1000

/** Sequence numbers of those that are there. */
export async function recordsIn(level: Level, steps: readonly Step[]): Promise<Set<number>> {
  const keys = steps.flatMap(({ ops }) => ops.map(({ key }) => key)).filter(([kind]) => kind === keyKind.record)
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
