// The range table of a body: columns of exact size, all in one piece of memory, since the items are counted before
// they are scanned; and the scratch that symbols are located in.

import type { Batch } from '../batch.ts'
import { tableRoom } from '../table-room.ts'

type Column = 'start' | 'end' | 'which' | 'valueStart' | 'valueEnd' | 'labelStart' | 'labelEnd'
export type Columns = Required<
  Pick<Batch, Column | 'nameStart' | 'nameEnd' | 'samples' | 'histograms' | 'exemplars' | 'flags'>
>

const unused = new Uint32Array(0)

/** Columns of Batch for `count` items, all zero. */
export function columnsFor(count: number): Columns {
  const { words, which, flags } = tableRoom(count)
  return {
    start: words(0),
    end: words(1),
    valueStart: words(2),
    valueEnd: words(3),
    nameStart: words(4),
    nameEnd: words(5),
    samples: words(6),
    histograms: words(7),
    exemplars: words(8),
    which,
    flags,
    labelStart: unused,
    labelEnd: unused,
  }
}

/** Symbols kept room for between bodies. */
const keptSymbols = 1 << 16

/** Where symbols lie, in growable form. */
export class SymbolScratch {
  count = 0
  #start: Uint32Array = new Uint32Array(4096)
  #size: Uint32Array = new Uint32Array(4096)

  begin(): void {
    this.count = 0
    if (this.#start.length <= keptSymbols) return
    this.#start = new Uint32Array(4096)
    this.#size = new Uint32Array(4096)
  }

  add(start: number, size: number): void {
    if (this.count === this.#start.length) {
      this.#start = wider(this.#start)
      this.#size = wider(this.#size)
    }
    this.#start[this.count] = start
    this.#size[this.count++] = size
  }

  /** Copies of exact size. */
  finish(): { readonly start: Uint32Array; readonly size: Uint32Array } {
    return { start: this.#start.slice(0, this.count), size: this.#size.slice(0, this.count) }
  }
}

function wider(column: Uint32Array): Uint32Array {
  const wide = new Uint32Array(column.length * 2)
  wide.set(column)
  return wide
}
