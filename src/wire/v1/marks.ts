// What a scan says of a series because of its labels alone: found out once for labels that many series are given in turn.

import { NONE } from '../batch.ts'
import type { Codec } from '../codec.ts'
import { scanLabels } from './scan.ts'

// Places among a label blob's marks. Positions count from where the labels begin; 0 where there is nothing.
export const WHICH = 0
export const VALUE_START = 1
export const VALUE_END = 2
export const LABEL_START = 3
export const LABEL_END = 4
export const NAME_START = 5
export const NAME_END = 6
export const FLAGS = 7

/** Implements Codec.markLabels. */
export const markLabels: NonNullable<Codec['markLabels']> = (labels, start, end, watch, marks, at) => {
  const row = scanLabels(labels, start, end, watch)
  const winnerAt = row.which[0] === NONE ? 0 : start
  const nameAt = row.nameEnd[0] === 0 ? 0 : start
  marks[at + WHICH] = row.which[0]!
  marks[at + VALUE_START] = row.valueStart[0]! - winnerAt
  marks[at + VALUE_END] = row.valueEnd[0]! - winnerAt
  marks[at + LABEL_START] = row.labelStart[0]! - winnerAt
  marks[at + LABEL_END] = row.labelEnd[0]! - winnerAt
  marks[at + NAME_START] = row.nameStart[0]! - nameAt
  marks[at + NAME_END] = row.nameEnd[0]! - nameAt
  marks[at + FLAGS] = row.flags[0]!
}
