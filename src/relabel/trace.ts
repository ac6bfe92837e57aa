// What each rule looked at and did, for people.

import type { Label } from '../wire/codec.ts'
import type { Action } from './rule.ts'

/** A label before and after; '' where it is absent. */
export interface LabelChange {
  readonly name: string
  readonly before: string
  readonly after: string
}

/** What one rule did to one series. */
export interface TraceEntry {
  /** From 0, as in the list that was compiled. */
  readonly rule: number
  readonly action: Action
  /**
   * What it looked at: the values of its source labels, joined; for labelmap, labeldrop and labelkeep the names that
   * matched, joined by `, `.
   */
  readonly source: string
  /** The regular expression matched (keepequal, dropequal: the values are equal; hashmod and letter case: always). */
  readonly matched: boolean
  /** The series is dropped here, and no further rule sees it. */
  readonly dropped: boolean
  readonly changes: readonly LabelChange[]
}

/** Filled by `Relabeler.relabel`, in the order of the rules. */
export type Trace = TraceEntry[]

/** What changed between two lists of labels, in the order of the names' first appearance. */
export function changesBetween(before: readonly Label[], after: readonly Label[]): LabelChange[] {
  const old = firstValues(before)
  const now = firstValues(after)
  const changes: LabelChange[] = []
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const was = old.get(name) ?? ''
    const is = now.get(name) ?? ''
    if (was !== is) changes.push({ name, before: was, after: is })
  }
  return changes
}

function firstValues(labels: readonly Label[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of labels) if (!values.has(name)) values.set(name, value)
  return values
}
