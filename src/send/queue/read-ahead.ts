// What one lane has at hand of what it has stored: the oldest, in order, with nothing left out. Otherwise a batch would be
// read again for every request that goes before it, or read though it was in memory when it was stored. All lanes
// together keep a bounded amount, and nothing while upstream fails.

import type { StoredBatch } from '../store/store.ts'
import { joinable } from './consignment.ts'

/** Most of one lane: so much is read at once, and a lane that has more reads it when its turn comes. */
const mostAhead = { maxBatches: 64, maxBytes: 64 << 10 }

/** Bytes that all lanes keep together. What was read comes first: reading it again for every request costs most. */
const mostKept = 12 << 20
const mostPushed = mostKept / 2
/** Above this a lane reads little, so that little is read in vain where there is no room for it. */
const crowded = (mostKept / 4) * 3
const fewer = { ...mostAhead, maxBatches: 8 }
/** What a batch takes beside its bytes. */
const overhead = 512
const mostOfLane = mostAhead.maxBytes + mostAhead.maxBatches * overhead

let kept = 0

// Most lanes never need one of their own.
const none: StoredBatch[] = []

/** How much to read at this moment. */
export function readLimits(): typeof mostAhead {
  return kept > crowded ? fewer : mostAhead
}

export class ReadAhead {
  #batches = none
  #bytes = 0

  /** Number of batches. */
  get size(): number {
    return this.#batches.length
  }

  /** Puts in what was read, however much it is. There is nothing else. */
  fill(batches: StoredBatch[]): void {
    this.#batches = batches
    for (const batch of batches) this.#count(batch, 1)
  }

  /** Adds the one that follows the others; false if there is no room for it. */
  push(batch: StoredBatch): boolean {
    const size = sizeOf(batch)
    if (this.size >= mostAhead.maxBatches || this.#bytes + size > mostOfLane || kept + size > mostPushed) return false
    if (this.#batches === none) this.#batches = [batch]
    else this.#batches.push(batch)
    this.#count(batch, 1)
    return true
  }

  /** Takes the first ones that go in one request, of up to `maxSamples`. */
  take(maxSamples: number): StoredBatch[] {
    const taken = this.#batches.splice(0, joinable(this.#batches, maxSamples))
    for (const batch of taken) this.#count(batch, -1)
    if (this.size === 0) this.forget()
    return taken
  }

  /** Forgets the last ones, down to the bound of all lanes; true if it had to. */
  trim(): boolean {
    if (kept <= mostKept) return false
    while (kept > mostKept && this.size > 0) this.#count(this.#batches.pop()!, -1)
    if (this.size === 0) this.forget()
    return true
  }

  forget(): void {
    kept -= this.#bytes
    this.#bytes = 0
    this.#batches = none
  }

  #count(batch: StoredBatch, sign: 1 | -1): void {
    kept += sign * sizeOf(batch)
    this.#bytes += sign * sizeOf(batch)
  }
}

function sizeOf({ bytes }: StoredBatch): number {
  return bytes + overhead
}
