// The symbols of a body: where each lies, which of them name a label that is looked for, and which are the same.
// All of it by number, so that no series is compared with a text.

import { METRIC_NAME, type Symbols } from '../batch.ts'
import { type Watch, watchedIndex } from '../codec.ts'
import { viewOf } from '../copy.ts'
import { isAt } from '../same-bytes.ts'
import { firstOfEach } from './duplicates.ts'

const metricName = new TextEncoder().encode('__name__')

export class SymbolTable implements Symbols {
  readonly count: number
  readonly start: Uint32Array
  readonly size: Uint32Array
  readonly marks: Uint16Array
  readonly view: DataView
  readonly #bytes: Uint8Array
  #canonical: Uint32Array | undefined

  /** `start` and `size` belong to the table from now on. */
  constructor(bytes: Uint8Array, start: Uint32Array, size: Uint32Array, watch: Watch | undefined) {
    this.#bytes = bytes
    this.view = viewOf(bytes)
    this.count = start.length
    this.start = start
    this.size = size
    this.marks = watch === undefined ? noMarks : marksOf(bytes, start, size, watch)
  }

  get canonical(): Uint32Array {
    return (this.#canonical ??= firstOfEach(this.#bytes, this.start, this.size))
  }
}

const noMarks = new Uint16Array(0)

function marksOf(bytes: Uint8Array, start: Uint32Array, size: Uint32Array, watch: Watch): Uint16Array {
  const marks = new Uint16Array(start.length)
  const { lengths } = watch
  for (let s = 0; s < marks.length; s++) {
    const length = size[s]!
    if (length < lengths.length && lengths[length] === 0) continue
    const at = start[s]!
    let mark = watchedIndex(watch, bytes, at, at + length) + 1
    if (length === metricName.length && isAt(bytes, at, metricName)) mark |= METRIC_NAME
    marks[s] = mark
  }
  return marks
}
