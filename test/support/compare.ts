// What a sender holds against what a receiver was given, sample by sample.

import type { SinkStore } from '../../src/dev/sink/store.ts'

/** Series text → time in ms → value. */
export type Samples = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Bits of the stale marker, as the sink shows them. */
export const STALE_HEX = '7ff0000000000002'

/** What the sink was given for a tenant, stale markers left out. */
export function delivered(store: SinkStore, tenant: string): Samples {
  return new Map(
    [...store.series(tenant)].map(([text, { samples }]) => [
      text,
      new Map(samples.filter(([, , hex]) => hex !== STALE_HEX).map(([tsMs, value]) => [tsMs, value])),
    ]),
  )
}

/** The first few samples of `these` that `others` lacks, or holds with another value; as text. */
export function lacking(these: Samples, others: Samples): string[] {
  const found: string[] = []
  for (const [text, samples] of these) {
    for (const [tsMs, value] of samples) {
      const other = others.get(text)?.get(tsMs)
      if (other === undefined || !Object.is(other, value)) found.push(`${text} ${value} @${tsMs}, not ${other}`)
      if (found.length === 10) return found
    }
  }
  return found
}

/** Samples from `fromMs` to `toMs`, both included. */
export function between(samples: Samples, fromMs: number, toMs: number): Samples {
  return new Map(
    [...samples].map(([text, values]) => [
      text,
      new Map([...values].filter(([tsMs]) => tsMs >= fromMs && tsMs <= toMs)),
    ]),
  )
}

/** With a label taken out of each series' text. */
export function without(samples: Samples, pair: string): Samples {
  return new Map(
    [...samples].map(([text, values]) => [
      text.replace(`, ${pair}`, '').replace(`${pair}, `, '').replace(pair, ''),
      values,
    ]),
  )
}

export const countOf = (samples: Samples): number => [...samples.values()].reduce((sum, { size }) => sum + size, 0)
