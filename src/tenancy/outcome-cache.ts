// Remembers what `route` decided for a tenant value, so that a healthy path calls it once per tenant, not once per
// series. Keyed by the value's bytes, which label it was, and whether removal would leave nothing: all that
// `route` looks at. Bounded: when full, it starts afresh.

import type { Outcome } from './route.ts'

const maxEntries = 1 << 16
/** About what an entry takes besides its texts. */
const entryBytes = 128
/** Of a longer value, which is no valid id, only the beginning is kept: equal hash, length and beginning count as equal. */
const maxKeptKey = 256

/** Value bytes → slot; a slot's outcome is `outcomes[slot]`. Slots are renumbered when `generation` changes. */
export class OutcomeCache {
  outcomes: Outcome[] = []
  generation = 0
  misses = 0
  #slots = new Int32Array(1024).fill(-1)
  #hashes: number[] = []
  #variants: number[] = []
  #sizes: number[] = []
  #keyStart: number[] = []
  #keys = new Uint8Array(1 << 12)
  #keyBytes = 0
  #textBytes = 0
  /** Tenants that were removed since it started afresh. */
  #removed = 0
  readonly #maxBytes: number

  /** `maxBytes`: about how much memory it may take before it starts afresh; default 8 MiB. */
  constructor(maxBytes: number = 8 << 20) {
    this.#maxBytes = maxBytes
  }

  /** The slot of that value, or -1. `variant` tells apart what else shapes the decision; at most 2^20. */
  find(bytes: Uint8Array, start: number, end: number, variant: number): number {
    const hash = hashOf(bytes, start, end, variant)
    const mask = this.#slots.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = this.#slots[at]!
      if (slot < 0) return -1
      if (this.#hashes[slot] === hash && this.#variants[slot] === variant && this.#sameKey(slot, bytes, start, end)) {
        return slot
      }
    }
  }

  /** Stores an outcome that `find` did not have; returns its slot. May start afresh, which changes `generation`. */
  add(bytes: Uint8Array, start: number, end: number, variant: number, outcome: Outcome): number {
    const size = end - start
    const kept = Math.min(size, maxKeptKey)
    const text =
      outcome.kind === 'tenant' ? outcome.tenant.length : outcome.detail.length + (outcome.tenant?.length ?? 0)
    const total = this.#keyBytes + kept + this.#textBytes + text + (this.outcomes.length + 1) * entryBytes
    if (this.outcomes.length >= maxEntries || total > this.#maxBytes) this.#clear()
    if (this.outcomes.length * 2 >= this.#slots.length) this.#widen()
    const slot = this.outcomes.length
    const hash = hashOf(bytes, start, end, variant)
    this.#room(this.#keyBytes + kept)
    this.#keys.set(bytes.subarray(start, start + kept), this.#keyBytes)
    this.#keyStart.push(this.#keyBytes)
    this.#keyBytes += kept
    this.#textBytes += text
    this.#sizes.push(size)
    this.#hashes.push(hash)
    this.#variants.push(variant)
    this.outcomes.push(outcome)
    this.#place(slot, hash)
    return slot
  }

  /**
   * A tenant is gone. Once half of what is remembered may be of such, it starts afresh: to find out anew who is still
   * there costs less than what the others take. Not while a body is being split.
   */
  tenantRemoved(): void {
    if (++this.#removed * 2 > this.outcomes.length && this.outcomes.length > 0) this.#clear()
  }

  #sameKey(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start
    if (this.#sizes[slot] !== size) return false
    const stop = start + Math.min(size, maxKeptKey)
    for (let k = start, q = this.#keyStart[slot]!; k < stop; k++, q++) if (bytes[k] !== this.#keys[q]) return false
    return true
  }

  #place(slot: number, hash: number): void {
    const mask = this.#slots.length - 1
    let at = hash & mask
    while (this.#slots[at]! >= 0) at = (at + 1) & mask
    this.#slots[at] = slot
  }

  #widen(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    for (let slot = 0; slot < this.outcomes.length; slot++) this.#place(slot, this.#hashes[slot]!)
  }

  #room(size: number): void {
    if (size <= this.#keys.length) return
    const wide = new Uint8Array(2 ** Math.ceil(Math.log2(size)))
    wide.set(this.#keys.subarray(0, this.#keyBytes))
    this.#keys = wide
  }

  #clear(): void {
    this.generation++
    this.outcomes = []
    this.#slots = new Int32Array(1024).fill(-1)
    this.#hashes = []
    this.#variants = []
    this.#sizes = []
    this.#keyStart = []
    this.#keys = new Uint8Array(1 << 12)
    this.#keyBytes = 0
    this.#textBytes = 0
    this.#removed = 0
  }
}

/**
 * FNV-1a over all bytes and the variant, from a start that nobody outside knows: senders choose the values, and
 * values made to meet in one slot would cost the square of their number.
 */
function hashOf(bytes: Uint8Array, start: number, end: number, variant: number): number {
  let hash = seed ^ variant
  for (let k = start; k < end; k++) hash = Math.imul(hash ^ bytes[k]!, 0x01000193)
  hash ^= end - start
  return (hash ^ (hash >>> 15)) | 0
}

const seed = crypto.getRandomValues(new Int32Array(1))[0]!
