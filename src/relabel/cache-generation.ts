// One generation of the series cache: an open hash table over entries that lie one behind the other in one piece of
// memory, an entry's label bytes followed by its new ones. Entries are only added; all go at once.

import { LABEL_MARKS } from '../wire/codec.ts'
import { viewOf } from '../wire/copy.ts'
import { equalBytes } from './series-hash.ts'

// An entry's numbers stand side by side, so that a look-up waits for memory as rarely as can be.
const stride = 6 + LABEL_MARKS
const HASH = 0
const KEY_AT = 1
const KEY_SIZE = 2
const LABELS_SIZE = 3
const KIND = 4
const VARIANT = 5
const MARKS = 6

/** What an entry takes besides its bytes: its numbers, and its share of a table at most half full. */
export const entryBytes: number = stride * 4 + 16
/** Places that an entry may be found in. Senders who make hashes meet gain nothing but misses. */
const mostProbes = 64

/** A series and what was decided about it, in memory that belongs to somebody else. */
export interface CacheEntry {
  readonly hash: number
  readonly variant: number
  readonly view: DataView
  readonly start: number
  readonly end: number
  readonly kind: number
  readonly labels: Uint8Array
  readonly labelsStart: number
  readonly labelsEnd: number
  /** What `Codec.keepLabels` says of the labels, from `marksAt` on. */
  readonly marks: Int32Array
  readonly marksAt: number
}

export class CacheGeneration {
  /** Entries, one behind the other. */
  arena: Uint8Array = new Uint8Array(1 << 14)
  view: DataView = viewOf(this.arena)
  count = 0
  /** Of the entries, stride by stride. */
  numbers: Int32Array = new Int32Array(256 * stride)
  readonly #maxBytes: number
  #used = 0
  #slots = new Int32Array(1024).fill(-1)

  /** `maxBytes`: what `size` never exceeds, as its user takes care; no more memory is taken in advance. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** About how much memory its entries take. */
  get size(): number {
    return this.#used + this.count * entryBytes
  }

  /** The entry with these label bytes, or -1. */
  find(hash: number, variant: number, view: DataView, start: number, end: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let k = 0; k < mostProbes; k++) {
      const entry = slots[(hash + k) & mask]!
      if (entry < 0) return -1
      if (this.numbers[entry * stride + HASH] === hash && this.isAt(entry, variant, view, start, end)) return entry
    }
    return -1
  }

  /** Whether this entry, below `count`, is of these label bytes. */
  isAt(entry: number, variant: number, view: DataView, start: number, end: number): boolean {
    const numbers = this.numbers
    const at = entry * stride
    const size = end - start
    if (numbers[at + VARIANT] !== variant || numbers[at + KEY_SIZE] !== size) return false
    return equalBytes(this.view, numbers[at + KEY_AT]!, view, start, size)
  }

  kindOf(entry: number): number {
    return this.numbers[entry * stride + KIND]!
  }

  /** The entry's new labels begin here in `arena`. */
  labelsStart(entry: number): number {
    return this.numbers[entry * stride + KEY_AT]! + this.numbers[entry * stride + KEY_SIZE]!
  }

  labelsSize(entry: number): number {
    return this.numbers[entry * stride + LABELS_SIZE]!
  }

  /** The entry's marks begin here in `numbers`. */
  marksAt(entry: number): number {
    return entry * stride + MARKS
  }

  /** Copies an entry that is not here. Without a free place nearby it is not kept. */
  add(added: CacheEntry): void {
    const { hash, variant, view, start, end, kind, labels, labelsStart, labelsEnd, marks, marksAt } = added
    if ((this.count + 1) * stride > this.numbers.length) this.#widen()
    const slot = this.#placeOf(hash)
    if (slot < 0) return
    const keySize = end - start
    const labelsSize = labelsEnd - labelsStart
    const entry = this.count++
    this.#slots[slot] = entry
    this.numbers.set([hash, this.#used, keySize, labelsSize, kind, variant], entry * stride)
    this.numbers.set(marks.subarray(marksAt, marksAt + LABEL_MARKS), this.marksAt(entry))
    this.#room(keySize + labelsSize)
    this.arena.set(new Uint8Array(view.buffer, view.byteOffset + start, keySize), this.#used)
    this.arena.set(labels.subarray(labelsStart, labelsEnd), this.#used + keySize)
    this.#used += keySize + labelsSize
  }

  /** Where an entry with that hash may be put; -1 if all its places are taken. */
  #placeOf(hash: number): number {
    const mask = this.#slots.length - 1
    for (let k = 0; k < mostProbes; k++) if (this.#slots[(hash + k) & mask]! < 0) return (hash + k) & mask
    return -1
  }

  #room(size: number): void {
    if (this.#used + size <= this.arena.length) return
    const doubled = 2 ** Math.ceil(Math.log2(this.#used + size))
    const wide = new Uint8Array(Math.max(this.#used + size, Math.min(doubled, this.#maxBytes)))
    wide.set(this.arena.subarray(0, this.#used))
    this.arena = wide
    this.view = viewOf(wide)
  }

  #widen(): void {
    const wide = new Int32Array(this.numbers.length * 2)
    wide.set(this.numbers)
    this.numbers = wide
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    for (let entry = 0; entry < this.count; entry++) {
      const slot = this.#placeOf(wide[entry * stride + HASH]!)
      if (slot >= 0) this.#slots[slot] = entry
    }
  }
}
