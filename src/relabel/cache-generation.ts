// One generation of the series cache: an open hash table over entries that lie one behind the other in one piece of
// memory, an entry's label bytes followed by its new ones. Entries are only added; all go at once.

import { viewOf } from '../wire/copy.ts'
import { equalBytes } from './series-hash.ts'

/** What an entry takes besides its bytes: its columns, and its share of a table at most half full. */
export const entryBytes = 36
/** Places that an entry may be found in. Senders who make hashes meet gain nothing but misses. */
const mostProbes = 64

export class CacheGeneration {
  arena: Uint8Array = new Uint8Array(1 << 14)
  view: DataView = viewOf(this.arena)
  count = 0
  /** Bytes of the arena in use. */
  used = 0
  keyAt: Uint32Array = new Uint32Array(256)
  keySize: Uint32Array = new Uint32Array(256)
  labelsSize: Uint32Array = new Uint32Array(256)
  /** What was decided, and the variant. */
  kind: Uint8Array = new Uint8Array(256)
  variant: Uint8Array = new Uint8Array(256)
  #hash: Int32Array = new Int32Array(256)
  #slots: Int32Array = new Int32Array(1024).fill(-1)

  /** About how much memory its entries take. */
  get size(): number {
    return this.used + this.count * entryBytes
  }

  /** The entry with these label bytes, or -1. */
  find(hash: number, variant: number, view: DataView, start: number, end: number): number {
    const slot = this.#slotOf(hash)
    const entry = slot < 0 ? -1 : this.#slots[slot]!
    if (entry < 0 || this.variant[entry] !== variant || this.keySize[entry] !== end - start) return -1
    return equalBytes(this.view, this.keyAt[entry]!, view, start, end - start) ? entry : -1
  }

  /** Adds an entry, in place of one with the same hash. Without a free place nearby it is not kept. */
  add(
    hash: number,
    variant: number,
    kind: number,
    view: DataView,
    start: number,
    end: number,
    labels: Uint8Array,
    labelsStart: number,
    labelsEnd: number,
  ): void {
    if (this.count === this.keyAt.length) this.#widen()
    const slot = this.#slotOf(hash)
    if (slot < 0) return
    const entry = this.count++
    this.#slots[slot] = entry
    this.#hash[entry] = hash
    this.variant[entry] = variant
    this.kind[entry] = kind
    this.keyAt[entry] = this.used
    this.keySize[entry] = end - start
    this.labelsSize[entry] = labelsEnd - labelsStart
    this.#room(end - start + labelsEnd - labelsStart)
    this.arena.set(new Uint8Array(view.buffer, view.byteOffset + start, end - start), this.used)
    this.used += end - start
    this.arena.set(labels.subarray(labelsStart, labelsEnd), this.used)
    this.used += labelsEnd - labelsStart
  }

  /** Where an entry with that hash is or may be put; -1 if all its places are taken. */
  #slotOf(hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let k = 0; k < mostProbes; k++) {
      const slot = (hash + k) & mask
      const entry = slots[slot]!
      if (entry < 0 || this.#hash[entry] === hash) return slot
    }
    return -1
  }

  #room(size: number): void {
    if (this.used + size <= this.arena.length) return
    const wide = new Uint8Array(2 ** Math.ceil(Math.log2(this.used + size)))
    wide.set(this.arena.subarray(0, this.used))
    this.arena = wide
    this.view = viewOf(wide)
  }

  #widen(): void {
    const size = this.keyAt.length * 2
    const words = (old: Uint32Array): Uint32Array => {
      const wide = new Uint32Array(size)
      wide.set(old)
      return wide
    }
    const bytes = (old: Uint8Array): Uint8Array => {
      const wide = new Uint8Array(size)
      wide.set(old)
      return wide
    }
    this.keyAt = words(this.keyAt)
    this.keySize = words(this.keySize)
    this.labelsSize = words(this.labelsSize)
    this.kind = bytes(this.kind)
    this.variant = bytes(this.variant)
    const hashes = new Int32Array(size)
    hashes.set(this.#hash)
    this.#hash = hashes
    // Entries that another one of the same hash has replaced come first, and are replaced again.
    this.#slots = new Int32Array(size * 2).fill(-1)
    for (let entry = 0; entry < this.count; entry++) {
      const slot = this.#slotOf(hashes[entry]!)
      if (slot >= 0) this.#slots[slot] = entry
    }
  }
}
