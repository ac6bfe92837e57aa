// What becomes of one series that a component relabels: the rules, and what holds whatever they say.

import { type Label, mostLabels } from '../wire/codec.ts'
import type { Relabeler } from './relabel.ts'
import type { Trace } from './trace.ts'

/** Why series are dropped: a rule says so, no label is left, or they have `mostLabels` (1000) or more. */
export const dropReasons = ['rule', 'no_labels', 'too_many_labels'] as const
export type DropReason = (typeof dropReasons)[number]

/** The labels that it goes on with, `labels` itself if nothing changes; or why it is dropped. */
export function relabelSeries(
  relabeler: Relabeler,
  labels: readonly Label[],
  trace?: Trace,
): readonly Label[] | DropReason {
  if (labels.length >= mostLabels) return 'too_many_labels'
  const result = relabeler.relabel(labels, trace)
  if (result === undefined) return 'rule'
  return result.length === 0 ? 'no_labels' : result
}
