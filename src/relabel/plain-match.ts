// Matches what plain-pattern.ts took apart, with string searches alone. The first alternative that fits the whole text
// wins, and a run is as long as it can be: as in RE2, and in time linear in the text.

import { isRun, type PlainPattern, type Sequence } from './plain-pattern.ts'
import type { Groups } from './regex.ts'

interface Plan {
  readonly sequence: Sequence
  /** Text before the first run (or all of it), between the two, and behind the last. */
  readonly before: string
  readonly between: string
  readonly behind: string
  /** Shortest lengths of the runs. */
  readonly runs: readonly number[]
}

/** How a text fits the last plan: lengths of its first and second run. */
const fitted = { first: 0, second: 0 }

export class PlainMatcher {
  readonly #plans: readonly Plan[]
  /** Where no alternative holds a run: text → its alternative. */
  readonly #exact: ReadonlyMap<string, Plan> | undefined
  readonly #groups: number

  constructor({ sequences, groups }: PlainPattern) {
    this.#plans = sequences.map(planOf)
    this.#groups = groups
    if (this.#plans.every((plan) => plan.runs.length === 0)) {
      const exact = new Map<string, Plan>()
      for (const plan of this.#plans) if (!exact.has(plan.before)) exact.set(plan.before, plan)
      this.#exact = exact
    }
  }

  matches(text: string): boolean {
    return this.#find(text) !== undefined
  }

  exec(text: string): Groups | undefined {
    const plan = this.#find(text)
    if (plan === undefined) return undefined
    const groups = new Array<string | undefined>(this.#groups + 1)
    groups[0] = text
    const opened: number[] = []
    let at = 0
    let runs = 0
    for (const piece of plan.sequence) {
      if (typeof piece === 'string') at += piece.length
      else if (isRun(piece)) at += runs++ === 0 ? fitted.first : fitted.second
      else if ('open' in piece) opened[piece.open] = at
      else groups[piece.close] = text.slice(opened[piece.close], at)
    }
    return groups
  }

  #find(text: string): Plan | undefined {
    if (this.#exact !== undefined) return this.#exact.get(text)
    for (const plan of this.#plans) if (fits(plan, text)) return plan
    return undefined
  }
}

function planOf(sequence: Sequence): Plan {
  const texts = ['', '', '']
  const runs: number[] = []
  for (const piece of sequence) {
    if (typeof piece === 'string') texts[runs.length] += piece
    else if (isRun(piece)) runs.push(piece.min)
  }
  const [before = '', between = '', last = ''] = texts
  return runs.length === 2
    ? { sequence, before, between, behind: last, runs }
    : { sequence, before, between: '', behind: between, runs }
}

function fits(plan: Plan, text: string): boolean {
  const { before, between, behind, runs } = plan
  if (runs.length === 0) return text === before
  const free = text.length - before.length - behind.length
  if (free < 0 || !text.startsWith(before) || !text.endsWith(behind)) return false
  fitted.first = free
  if (runs.length === 1) return free >= runs[0]!
  const second = free - between.length - runs[0]! - runs[1]!
  if (second < 0) return false
  const at = text.lastIndexOf(between, text.length - behind.length - runs[1]! - between.length)
  fitted.first = at - before.length
  fitted.second = free - fitted.first - between.length
  return fitted.first >= runs[0]!
}
