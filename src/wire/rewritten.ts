// What rewriters of all protocols have in common: items that stay go over in runs, and the rest of the body follows.

import type { Batch } from './batch.ts'
import { type Output, viewOf } from './copy.ts'

/** The body that a rewriter writes. */
export class Rewritten {
  /** Where the next byte goes. */
  at = 0
  readonly view: DataView
  readonly #batch: Batch
  readonly output: Output
  #runStart = 0
  #runEnd = 0
  #kept = 0
  #isChanged = false

  constructor(batch: Batch, output: Output) {
    this.#batch = batch
    this.output = output
    this.view = viewOf(batch.bytes)
  }

  /** Adds item i as it is. */
  keep(i: number): void {
    const start = this.#batch.start[i]!
    if (start !== this.#runEnd) {
      this.#flush()
      this.#runStart = start
    }
    this.#runEnd = this.#batch.end[i]!
    this.#kept++
  }

  /** Makes room for an item of at most `size` bytes, which the caller writes at `at`. */
  begin(size: number): void {
    this.#flush()
    this.#isChanged = true
    this.output.grow(this.at, size)
  }

  /** Copies a range of the other batch; room must be there. */
  copy(start: number, end: number): void {
    this.at = this.output.copy(this.#batch.bytes, this.view, start, end, this.at)
  }

  finish(): Batch {
    const batch = this.#batch
    if (!this.#isChanged && this.#kept === batch.count) return batch
    this.#flush()
    for (const ranges of [batch.metadata, batch.unknown]) {
      for (const { start, end } of ranges) {
        this.output.grow(this.at, end - start)
        this.copy(start, end)
      }
    }
    return batch.codec.scan(this.output.bytes.subarray(0, this.at), batch.watch)
  }

  #flush(): void {
    // About what it takes in the end, so that it need not grow.
    if (this.at === 0) this.output.reserve(this.#batch.bytes.length)
    this.output.grow(this.at, this.#runEnd - this.#runStart)
    this.copy(this.#runStart, this.#runEnd)
    this.#runStart = this.#runEnd = 0
  }
}
