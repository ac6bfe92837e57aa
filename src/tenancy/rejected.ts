// What the sender is told of the items that were refused: for each reason how many, why, and one of them.

import type { Batch } from '../wire/batch.ts'
import type { Reason } from './route.ts'
import { shownLabels } from './shown.ts'
import type { Refusal } from './split.ts'

/** All refusals of one reason; outlives the batch. */
export interface Rejected {
  readonly reason: Reason
  /** Items, not kinds of refusal. */
  readonly count: number
  /** What was wrong with the example. */
  readonly detail: string
  /** Labels of one of the items, cut; '' where none can be shown. */
  readonly example: string
}

/** Folds refusals by reason, in the order in which the reasons came up. */
export function foldRejected(batch: Batch, refusals: readonly Refusal[]): Rejected[] {
  const byReason = new Map<Reason, Rejected>()
  for (const { outcome, count, indexes } of refusals) {
    const { reason, detail } = outcome
    const known = byReason.get(reason)
    if (known !== undefined) {
      byReason.set(reason, { ...known, count: known.count + count })
      continue
    }
    const labels = batch.codec.labels(batch, indexes[0]!)
    byReason.set(reason, { reason, count, detail, example: labels.length === 0 ? '' : shownLabels(labels) })
  }
  return [...byReason.values()]
}
