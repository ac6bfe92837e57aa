// What a scan says of a series because of its labels alone, and how they follow from those that it had: found out once
// for labels that many series are given in turn. Mostly few labels differ, and rules set the reserved one, which goes
// again before anything is sent: it is kept apart, and the rest as what differs.

import { flag, NONE } from '../batch.ts'
import type { Codec, Watch } from '../codec.ts'
import { scanLabels } from './scan.ts'

// Places among a label blob's marks. Positions count from where the labels begin; 0 where there is nothing.
export const WHICH = 0
/** Where the reserved label is kept apart, its value is the end of what is kept, and its positions count from there. */
export const VALUE_START = 1
export const VALUE_END = 2
/** Where the reserved label is kept apart: where it belongs, and what it takes there. */
export const LABEL_START = 3
export const LABEL_END = 4
export const NAME_START = 5
export const NAME_END = 6
export const FLAGS = 7
/** The new labels begin and end with so many bytes of the old ones. */
export const FRONT = 8
export const BACK = 9

/** Bit of the mark `FLAGS`: the reserved label is kept apart. */
export const APART = 0x100

/** Marks labels that are given as a whole. */
export function markLabels(labels: Uint8Array, start: number, end: number, watch: Watch, marks: Int32Array): void {
  const row = scanLabels(labels, start, end, watch)
  const winnerAt = row.which[0] === NONE ? 0 : start
  const nameAt = row.nameEnd[0] === 0 ? 0 : start
  marks[WHICH] = row.which[0]!
  marks[VALUE_START] = row.valueStart[0]! - winnerAt
  marks[VALUE_END] = row.valueEnd[0]! - winnerAt
  marks[LABEL_START] = row.labelStart[0]! - winnerAt
  marks[LABEL_END] = row.labelEnd[0]! - winnerAt
  marks[NAME_START] = row.nameStart[0]! - nameAt
  marks[NAME_END] = row.nameEnd[0]! - nameAt
  marks[FLAGS] = row.flags[0]!
  marks[FRONT] = marks[BACK] = 0
}

/** Implements Codec.keepLabels. */
export const keepLabels: NonNullable<Codec['keepLabels']> = (labels, { bytes, start, end }, watch, marks) => {
  markLabels(labels, 0, labels.length, watch, marks)
  // Without it no label of less preference takes its place.
  const isLeast = watch.reserved === watch.names.length - 1
  const isApart = isLeast && marks[WHICH] === watch.reserved && marks[FLAGS] === flag.reserved
  const fieldAt = isApart ? marks[LABEL_START]! : labels.length
  const fieldEnd = isApart ? marks[LABEL_END]! : labels.length
  const others = Buffer.concat([labels.subarray(0, fieldAt), labels.subarray(fieldEnd)])
  const most = Math.min(others.length, end - start)
  let front = 0
  while (front < most && others[front] === bytes[start + front]) front++
  let back = 0
  while (back < most - front && others[others.length - 1 - back] === bytes[end - 1 - back]) back++
  marks[FRONT] = front
  marks[BACK] = back
  const own = others.subarray(front, others.length - back)
  if (!isApart) return own
  const value = labels.subarray(marks[VALUE_START]!, marks[VALUE_END]!)
  marks[FLAGS]! |= APART
  marks[VALUE_START] = own.length
  marks[VALUE_END] = own.length + value.length
  if (marks[NAME_END]! > fieldEnd) {
    marks[NAME_START]! -= fieldEnd - fieldAt
    marks[NAME_END]! -= fieldEnd - fieldAt
  }
  return Buffer.concat([own, value])
}
