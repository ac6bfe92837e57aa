// What one lane has at hand of what it has stored: the oldest, in order, with nothing left out. Otherwise a batch would be
// read again for every request that goes before it, or read though it was in memory when it was stored. All lanes
// together keep a bounded amount, and nothing while upstream fails.

import type { StoredBatch } from '../store/store.ts'

/** Most of one lane: so much is read at once, and a lane that has more reads it when its turn comes. */
export const mostAhead = { maxBatches: 64, maxBytes: 64 << 10 }

/** Bytes that all lanes keep together. */
const mostKept = 16 << 20
/** What a batch takes beside its bytes. */
const overhead = 512

let kept = 0

// Most lanes never need one of their own.
const none: StoredBatch[] = []

export class ReadAhead {
  #batches = none
  #bytes = 0

  /** All there is; it is kept no longer. */
  takeAll(): readonly StoredBatch[] {
    const batches = this.#batches
    this.forget()
    return batches
  }

  /** Keeps one more behind the others; false if there is no room for it. */
  push(batch: StoredBatch): boolean {
    const size = batch.bytes + overhead
    if (kept + size > mostKept || this.#batches.length >= mostAhead.maxBatches) return false
    if (this.#bytes + batch.bytes > mostAhead.maxBytes + this.#batches.length * overhead) return false
    if (this.#batches === none) this.#batches = [batch]
    else this.#batches.push(batch)
    kept += size
    this.#bytes += size
    return true
  }

  forget(): void {
    kept -= this.#bytes
    this.#bytes = 0
    this.#batches = none
  }
}
