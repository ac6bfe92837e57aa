// Steps through the labels of one series, as numbers of symbols: packed in one piece, in several, or one by one.

import type { Batch } from '../batch.ts'
import { contentAt, cursor, readTag, readVarint, skipValue } from '../protobuf.ts'
import { LABELS, ONE_LABEL } from './shapes.ts'

const nothing = new Uint8Array(0)

export class LabelReader {
  /** Symbols of the label that `next` found; they may be out of range in a series that is malformed. */
  name = 0
  value = 0
  #bytes: Uint8Array = nothing
  /** Where the next reference begins, and where its piece ends. */
  #at = 0
  #pieceEnd = 0
  #end = 0

  open({ bytes, start, end }: Batch, i: number): void {
    this.openFields(bytes, contentAt(bytes, start[i]!, end[i]!), end[i]!)
  }

  /** Of a series, or an exemplar, whose fields are `bytes[at … end)`. */
  openFields(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes
    this.#at = this.#pieceEnd = at
    this.#end = end
  }

  /** Goes to the next label. false: there is none, or but half of one. The body is held until then. */
  next(): boolean {
    if (this.#findPiece()) {
      this.name = this.#read()
      if (this.#findPiece()) {
        this.value = this.#read()
        return true
      }
    }
    this.#bytes = nothing
    return false
  }

  #read(): number {
    const ref = readVarint(this.#bytes, this.#at, this.#pieceEnd)
    this.#at = cursor.at
    return ref
  }

  /** Goes to the next piece if this one has ended; false if there is none. */
  #findPiece(): boolean {
    while (this.#at >= this.#pieceEnd) {
      if (this.#at >= this.#end) return false
      const tag = readTag(this.#bytes, this.#at, this.#end)
      const value = cursor.at
      const next = skipValue(this.#bytes, value, this.#end, tag)
      this.#at = tag === LABELS ? cursor.at : tag === ONE_LABEL ? value : next
      this.#pieceEnd = next
    }
    return true
  }
}
