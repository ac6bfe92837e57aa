// How often each outcome was met.

import type { End, JudgedSeries } from './judged.ts'

/** An outcome; `series`: how many ended so. */
export interface Outcome extends Omit<End, 'rule'> {
  readonly series: number
}

/** In the order in which they first come. */
export function summaryOf(judged: readonly Pick<JudgedSeries, 'ends'>[]): readonly Outcome[] {
  const outcomes = new Map<string, Outcome>()
  for (const { rule: _, ...end } of judged.flatMap(({ ends }) => ends)) {
    const key = `${end.text} at ${end.at}`
    outcomes.set(key, { ...end, series: (outcomes.get(key)?.series ?? 0) + 1 })
  }
  return [...outcomes.values()]
}

/** `     2 × tenant a`, named by `name`. */
export const countLines = (
  judged: readonly Pick<JudgedSeries, 'ends'>[],
  name: (outcome: Outcome) => string,
): readonly string[] => summaryOf(judged).map((outcome) => `${String(outcome.series).padStart(6)} × ${name(outcome)}`)
