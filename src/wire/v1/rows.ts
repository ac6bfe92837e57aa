// The table of a body that a rewriter writes, made without a look at the body: rows of items that stay are moved, and of
// items with other labels only what labels decide is new. They are what a scan of the body would find.

import { type Batch, flag, NONE } from '../batch.ts'
import { APART, FLAGS, LABEL_END, LABEL_START, NAME_END, NAME_START, VALUE_END, VALUE_START, WHICH } from './marks.ts'
import { type Columns, columnsFor, copyRows } from './table.ts'

/** Flags that labels do not decide. */
const unlabelled = flag.exemplars | flag.histograms

export class Rows {
  count = 0
  readonly #from: Batch
  readonly #to: Columns

  /** `memory`: zero for as many bytes as its columns take. */
  constructor(from: Batch, memory: ArrayBuffer) {
    this.#from = from
    this.#to = columnsFor(from.count, memory)
  }

  /** Adds items `first` to `end - 1` as they were, `shift` bytes further on. */
  keep(first: number, end: number, shift: number): void {
    const from = this.#from
    const to = this.#to
    for (let i = first; i < end; i++) {
      const k = this.count++
      // A place that is 0 is none.
      const winner = from.which[i] === NONE ? 0 : shift
      const name = from.nameEnd[i] === 0 ? 0 : shift
      to.start[k] = from.start[i]! + shift
      to.end[k] = from.end[i]! + shift
      to.which[k] = from.which[i]!
      to.valueStart[k] = from.valueStart[i]! + winner
      to.valueEnd[k] = from.valueEnd[i]! + winner
      to.labelStart[k] = from.labelStart[i]! + winner
      to.labelEnd[k] = from.labelEnd[i]! + winner
      to.nameStart[k] = from.nameStart[i]! + name
      to.nameEnd[k] = from.nameEnd[i]! + name
      to.samples[k] = from.samples[i]!
      to.flags[k] = from.flags[i]!
    }
  }

  /** Adds item i, which lies in `start … end` now and has labels with these marks at `labelsAt`; without one that is kept apart. */
  relabel(i: number, start: number, end: number, labelsAt: number, marks: Int32Array, at: number): void {
    const from = this.#from
    const to = this.#to
    const k = this.count++
    const winner = marks[at + WHICH] === NONE ? 0 : labelsAt
    const name = marks[at + NAME_END] === 0 ? 0 : labelsAt
    to.start[k] = start
    to.end[k] = end
    to.nameStart[k] = marks[at + NAME_START]! + name
    to.nameEnd[k] = marks[at + NAME_END]! + name
    to.samples[k] = from.samples[i]!
    to.flags[k] = from.flags[i]! & unlabelled
    if (marks[at + FLAGS]! & APART) {
      to.which[k] = NONE
      return
    }
    to.which[k] = marks[at + WHICH]!
    to.valueStart[k] = marks[at + VALUE_START]! + winner
    to.valueEnd[k] = marks[at + VALUE_END]! + winner
    to.labelStart[k] = marks[at + LABEL_START]! + winner
    to.labelEnd[k] = marks[at + LABEL_END]! + winner
    to.flags[k]! |= marks[at + FLAGS]!
  }

  finish(): Columns {
    return this.count === this.#from.count ? this.#to : copyRows(this.#to, this.count)
  }
}
