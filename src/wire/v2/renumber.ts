// Gives the symbols that one body takes from another their numbers there, in the order of their first use: the new table
// holds what is used, each text once, "" first. One table of numbers serves all bodies one after the other, without
// being cleared: what was written into it before lies below `base`.

import type { Symbols } from '../batch.ts'
import type { Output } from '../copy.ts'
import { varintSize, writeVarint } from '../protobuf.ts'
import type { Numbers } from './rewrite.ts'
import { SYMBOLS } from './shapes.ts'

const highest = 0xffff_ffff
/** Symbols kept room for between bodies. */
const kept = 1 << 16

export class Renumbering implements Numbers {
  /** By symbol: its new number plus `base`; anything up to `base` if it has none yet. "" never has. */
  numberOf: Uint32Array = new Uint32Array(1 << 12)
  base = 0
  /** Symbols by new number less 1. */
  #order = new Uint32Array(1 << 12)
  #used = 0
  /** Bytes of the table so far. */
  size = 2
  #symbols: Symbols | undefined

  /** Starts a new table. */
  begin(symbols: Symbols): void {
    this.base += this.#used
    this.#used = 0
    this.size = 2
    this.#symbols = symbols
    const { count } = symbols
    if (count > this.numberOf.length || this.numberOf.length > kept) {
      const room = 2 ** Math.ceil(Math.log2(Math.max(count, 1 << 12)))
      if (room !== this.numberOf.length) {
        this.numberOf = new Uint32Array(room)
        this.#order = new Uint32Array(room)
        this.base = 0
      }
    }
    if (this.base + count > highest) {
      this.numberOf.fill(0)
      this.base = 0
    }
  }

  /** The number of a symbol for which `numberOf` has none. */
  add(symbol: number): number {
    const { canonical, size } = this.#symbols!
    const first = canonical[symbol]!
    const length = size[first]!
    if (length === 0) return 0
    let number = this.numberOf[first]! - this.base
    if (number <= 0) {
      this.#order[this.#used] = first
      number = ++this.#used
      this.numberOf[first] = this.base + number
      this.size += length < 0x80 ? 2 + length : 1 + varintSize(length) + length
    }
    this.numberOf[symbol] = this.base + number
    return number
  }

  /** Writes the table, `size` bytes, to `at`. Symbols that lie side by side, in the usual encoding, go in one piece. */
  write(bytes: Uint8Array, view: DataView, out: Output, at: number): void {
    const { start, size } = this.#symbols!
    let p = at
    out.bytes[p++] = SYMBOLS
    out.bytes[p++] = 0
    let runStart = 0
    let runEnd = 0
    for (let k = 0; k < this.#used; k++) {
      const symbol = this.#order[k]!
      const from = start[symbol]!
      const length = size[symbol]!
      if (bytes[from - 1] === length && length < 0x80 && bytes[from - 2] === SYMBOLS) {
        if (from - 2 !== runEnd) {
          p = out.copy(bytes, view, runStart, runEnd, p)
          runStart = from - 2
        }
        runEnd = from + length
        continue
      }
      p = out.copy(bytes, view, runStart, runEnd, p)
      runStart = runEnd = 0
      out.bytes[p] = SYMBOLS
      p = writeVarint(out.bytes, p + 1, length)
      p = out.copy(bytes, view, from, from + length, p)
    }
    out.copy(bytes, view, runStart, runEnd, p)
    // What a giant body referred to is not held any longer than it must be.
    this.#symbols = undefined
  }
}
