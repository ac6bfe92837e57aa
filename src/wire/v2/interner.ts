// Collects the symbols of a new body: each text once, by number in the order of first use, "" first. Senders choose the
// texts, so texts made to meet in one slot go to a table that they can't foresee.

import { Output } from '../copy.ts'
import { writeVarint } from '../protobuf.ts'
import { hashOf } from './duplicates.ts'
import { SYMBOLS } from './shapes.ts'

const decoder = new TextDecoder('latin1')
const slotsAtFirst = 1 << 12
/** Slots kept between bodies. */
const keptSlots = 1 << 16

export class Interner {
  readonly #table = new Output()
  #tableSize = 2
  /** Number by slot; 0: free. */
  #slots = new Uint32Array(slotsAtFirst)
  /** By number: the whole hash, and where the text lies in the table. */
  #hashes: Int32Array = new Int32Array(slotsAtFirst / 2)
  #start: Uint32Array = new Uint32Array(slotsAtFirst / 2)
  #end: Uint32Array = new Uint32Array(slotsAtFirst / 2)
  #count = 1
  #patience = 1024
  #texts: Map<string, number> | undefined

  constructor() {
    this.begin()
  }

  /** Starts anew; what giants took is given back. */
  begin(): void {
    if (this.#slots.length > keptSlots || this.#texts !== undefined) {
      this.#slots = new Uint32Array(slotsAtFirst)
      this.#hashes = new Int32Array(slotsAtFirst / 2)
      this.#start = new Uint32Array(slotsAtFirst / 2)
      this.#end = new Uint32Array(slotsAtFirst / 2)
    } else this.#slots.fill(0)
    this.#table.trim()
    this.#table.bytes[0] = SYMBOLS
    this.#table.bytes[1] = 0
    this.#tableSize = 2
    this.#count = 1
    this.#patience = 1024
    this.#texts = undefined
  }

  /** The symbols so far as the fields of a body; valid until the next `number`. */
  get table(): Uint8Array {
    return this.#table.bytes.subarray(0, this.#tableSize)
  }

  /** The number of the text `bytes[start … end)`; `view` is over `bytes`. */
  number(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (start === end) return 0
    if (this.#texts !== undefined) return this.#byText(this.#texts, bytes, view, start, end)
    const hash = hashOf(bytes, view, start, end)
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!
      if (number === 0) {
        slots[slot] = this.#count
        return this.#add(hash, bytes, view, start, end)
      }
      if (this.#hashes[number] === hash) {
        if (this.#isText(number, bytes, start, end)) return number
        this.#patience -= end - start
      }
      if (--this.#patience < 0) return this.#byText(this.#giveUp(), bytes, view, start, end)
    }
  }

  #isText(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.#start[number]!
    if (this.#end[number]! - at !== end - start) return false
    const own = this.#table.bytes
    for (let p = start, q = at; p < end; p++, q++) if (bytes[p] !== own[q]) return false
    return true
  }

  #add(hash: number, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const table = this.#table
    table.grow(this.#tableSize, 6 + end - start)
    table.bytes[this.#tableSize] = SYMBOLS
    const at = writeVarint(table.bytes, this.#tableSize + 1, end - start)
    this.#tableSize = table.copy(bytes, view, start, end, at)
    const number = this.#count++
    this.#hashes[number] = hash
    this.#start[number] = at
    this.#end[number] = this.#tableSize
    this.#patience += 8
    if (this.#count === this.#start.length) this.#widen()
    return number
  }

  #widen(): void {
    const size = this.#count * 2
    const wider = <T extends Uint32Array | Int32Array>(wide: T, column: T): T => {
      wide.set(column)
      return wide
    }
    this.#hashes = wider(new Int32Array(size), this.#hashes)
    this.#start = wider(new Uint32Array(size), this.#start)
    this.#end = wider(new Uint32Array(size), this.#end)
    if (this.#texts !== undefined) return
    this.#slots = new Uint32Array(size * 2)
    const mask = this.#slots.length - 1
    for (let number = 1; number < this.#count; number++) {
      let slot = this.#hashes[number]! & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = number
    }
  }

  /** From now on texts are told apart by a table whose hash nobody outside knows how to meet. */
  #giveUp(): Map<string, number> {
    const texts = new Map<string, number>()
    for (let number = 1; number < this.#count; number++) {
      texts.set(textOf(this.#table.bytes, this.#start[number]!, this.#end[number]!), number)
    }
    return (this.#texts = texts)
  }

  #byText(texts: Map<string, number>, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const text = textOf(bytes, start, end)
    const found = texts.get(text)
    if (found !== undefined) return found
    texts.set(text, this.#count)
    return this.#add(0, bytes, view, start, end)
  }
}

const textOf = (bytes: Uint8Array, start: number, end: number): string => decoder.decode(bytes.subarray(start, end))
