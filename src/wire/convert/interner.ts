// Collects the symbols of a body that has none: each text once, by number in the order of first use, "" first. Senders
// choose the texts, so texts made to meet in one slot go to a table that they can't foresee.

import { viewOf } from '../copy.ts'
import { hashOf } from '../v2/duplicates.ts'
import { SYMBOLS } from '../v2/shapes.ts'
import type { Writer } from './writer.ts'

const decoder = new TextDecoder('latin1')
const slotsAtFirst = 1 << 12

export class Interner {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** Number by slot; 0: free. */
  #slots = new Uint32Array(slotsAtFirst)
  /** By number: the whole hash, and where the text lies. */
  #hashes: Int32Array = new Int32Array(slotsAtFirst / 2)
  #start: Uint32Array = new Uint32Array(slotsAtFirst / 2)
  #end: Uint32Array = new Uint32Array(slotsAtFirst / 2)
  #count = 1
  #patience = 1024
  #texts: Map<string, number> | undefined

  /** For texts that lie in `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }

  /** The number of the text `bytes[start … end)`. */
  number(start: number, end: number): number {
    if (start === end) return 0
    if (this.#texts !== undefined) return this.#byText(this.#texts, start, end)
    const hash = hashOf(this.#bytes, this.#view, start, end)
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!
      if (number === 0) {
        slots[slot] = this.#count
        return this.#add(hash, start, end)
      }
      if (this.#hashes[number] === hash) {
        if (this.#isText(number, start, end)) return number
        this.#patience -= end - start
      }
      if (--this.#patience < 0) return this.#byText(this.#giveUp(), start, end)
    }
  }

  /** Writes the table. */
  write(to: Writer): void {
    to.tag(SYMBOLS)
    to.tag(0)
    for (let number = 1; number < this.#count; number++) {
      to.field(SYMBOLS, this.#bytes, this.#view, this.#start[number]!, this.#end[number]!)
    }
  }

  #isText(number: number, start: number, end: number): boolean {
    const at = this.#start[number]!
    if (this.#end[number]! - at !== end - start) return false
    for (let p = start, q = at; p < end; p++, q++) if (this.#bytes[p] !== this.#bytes[q]) return false
    return true
  }

  #add(hash: number, start: number, end: number): number {
    const number = this.#count++
    this.#hashes[number] = hash
    this.#start[number] = start
    this.#end[number] = end
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
      texts.set(this.#text(this.#start[number]!, this.#end[number]!), number)
    }
    return (this.#texts = texts)
  }

  #byText(texts: Map<string, number>, start: number, end: number): number {
    const text = this.#text(start, end)
    const found = texts.get(text)
    if (found !== undefined) return found
    texts.set(text, this.#count)
    return this.#add(0, start, end)
  }

  #text(start: number, end: number): string {
    return decoder.decode(this.#bytes.subarray(start, end))
  }
}
