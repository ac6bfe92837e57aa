// What one lane has read from the store and not sent yet: the oldest that it has there, in order, with nothing left out.
// Batches that can't go out together would otherwise be read again for every one of them. All lanes together keep a
// bounded amount, and nothing while upstream fails.

import type { StoredBatch } from '../store/store.ts'

/** Bytes that all lanes keep together. */
const mostKept = 16 << 20
/** What a batch takes beside its bytes. */
const overhead = 512

let kept = 0

const none: readonly StoredBatch[] = []

export class ReadAhead {
  #batches: readonly StoredBatch[] = none
  #bytes = 0

  /** All there is; it is kept no longer. */
  takeAll(): readonly StoredBatch[] {
    const batches = this.#batches
    this.forget()
    return batches
  }

  /** Keeps these, as many of the first ones as the bound lets it. Nothing is kept already. */
  keep(batches: readonly StoredBatch[]): void {
    let count = 0
    for (; count < batches.length; count++) {
      const size = batches[count]!.bytes + overhead
      if (kept + size > mostKept) break
      kept += size
      this.#bytes += size
    }
    this.#batches = count === batches.length ? batches : batches.slice(0, count)
  }

  forget(): void {
    kept -= this.#bytes
    this.#bytes = 0
    this.#batches = none
  }
}
