// What rewriters of all protocols have in common: items that stay go over in runs, and the rest of the body follows.

import { addRange, type Batch, type Range } from './batch.ts'
import { type Output, viewOf } from './copy.ts'

/** Items `first` to `end - 1` go over as they are; the new place of each is the old one plus `shift`, which may be below 0. */
type OnKept = (first: number, end: number, shift: number) => void

/** The body that a rewriter writes. */
export class Rewritten {
  /** Where the next byte goes. */
  at = 0
  readonly view: DataView
  readonly #batch: Batch
  readonly output: Output
  readonly #onKept: OnKept | undefined
  #runStart = 0
  #runEnd = 0
  /** The items of the run. */
  #runFirst = 0
  #runNext = 0
  #kept = 0
  #isChanged = false

  /** `onKept` is told of runs of items, in order. */
  constructor(batch: Batch, output: Output, onKept?: OnKept) {
    this.#batch = batch
    this.output = output
    this.#onKept = onKept
    this.view = viewOf(batch.bytes)
  }

  /** Adds item i as it is. */
  keep(i: number): void {
    const start = this.#batch.start[i]!
    if (start !== this.#runEnd) {
      this.#flush()
      this.#runStart = start
      this.#runFirst = i
    }
    this.#runEnd = this.#batch.end[i]!
    this.#runNext = i + 1
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

  /** The whole body, and where its metadata and unknown fields lie; undefined where every item was kept. */
  finish(): Pick<Batch, 'bytes' | 'metadata' | 'unknown'> | undefined {
    const batch = this.#batch
    if (!this.#isChanged && this.#kept === batch.count) return undefined
    this.#flush()
    const metadata = batch.metadata.map((range) => this.#append(range))
    const unknown: Range[] = []
    for (const range of batch.unknown) {
      const { start, end } = this.#append(range)
      addRange(unknown, start, end)
    }
    return { bytes: this.output.bytes.subarray(0, this.at), metadata, unknown }
  }

  #append({ start, end }: Range): Range {
    const at = this.at
    this.output.grow(at, end - start)
    this.copy(start, end)
    return { start: at, end: this.at }
  }

  #flush(): void {
    // About what it takes in the end, so that it need not grow.
    if (this.at === 0) this.output.reserve(this.#batch.bytes.length)
    if (this.#runEnd === this.#runStart) return
    this.output.grow(this.at, this.#runEnd - this.#runStart)
    this.#onKept?.(this.#runFirst, this.#runNext, this.at - this.#runStart)
    this.copy(this.#runStart, this.#runEnd)
    this.#runStart = this.#runEnd = 0
  }
}
