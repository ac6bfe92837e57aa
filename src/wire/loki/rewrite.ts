// Writes one stream without its tenant label: only the label text changes, and the hash of the old text goes.
// Everything is walked twice, for the lengths and for the copy, so that nothing is kept of a text of a million labels.

import type { Batch } from '../batch.ts'
import { watchedIndex } from '../codec.ts'
import type { Output } from '../copy.ts'
import type { Rewrite } from '../gather.ts'
import { contentAt, cursor, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { LabelReader } from './label-text.ts'
import { HASH, LABELS, labelsTag, streamTag } from './shapes.ts'

const reader = new LabelReader()
const nothing = new Uint8Array(0)

/** Measures or copies the ranges of a body that stay; neighbours go in one piece. */
class Kept {
  /** How many bytes stay, or where their copy ends; up to date after `done`. */
  at = 0
  #bytes: Uint8Array = nothing
  #view: DataView | undefined
  #out: Output | undefined
  #from = 0
  #to = 0

  measure(): void {
    this.#out = undefined
    this.at = 0
  }

  copy(bytes: Uint8Array, view: DataView, out: Output, at: number): void {
    this.#bytes = bytes
    this.#view = view
    this.#out = out
    this.at = at
  }

  /** Lets go of the body. */
  release(): void {
    this.#bytes = nothing
    this.#view = undefined
    this.#out = undefined
  }

  add(start: number, end: number): void {
    if (start !== this.#to) {
      this.done()
      this.#from = start
    }
    this.#to = end
  }

  done(): void {
    if (this.#out === undefined) this.at += this.#to - this.#from
    else this.at = this.#out.copy(this.#bytes, this.#view!, this.#from, this.#to, this.at)
    this.#from = this.#to = 0
  }
}

const kept = new Kept()

/** Implements Rewrite for a stream. */
export const rewrite: Rewrite = (batch, view, i, winner, reserved, out, at) => {
  kept.measure()
  keepText(batch, i, winner, reserved)
  const textSize = kept.at
  keepFields(batch, i)
  out.bytes[at] = streamTag
  let p = writeVarint(out.bytes, at + 1, kept.at + 1 + varintSize(textSize))
  out.bytes[p] = labelsTag
  p = writeVarint(out.bytes, p + 1, textSize)
  kept.copy(batch.bytes, view, out, p)
  keepText(batch, i, winner, reserved)
  keepFields(batch, i)
  p = kept.at
  kept.release()
  return p
}

/** Keeps the fields of stream `i` but for its label text, also one that a later one replaced, and the hash. */
function keepFields(batch: Batch, i: number): void {
  const { bytes } = batch
  const end = batch.end[i]!
  for (let p = contentAt(bytes, batch.start[i]!, end); p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    const field = Math.floor(tag / 8)
    if (field !== HASH && field !== LABELS) kept.add(p, next)
    p = next
  }
  kept.done()
}

/**
 * Keeps what remains of stream `i`'s label text: the pairs that stay, byte for byte, each with what stood before it.
 * A pair that goes takes what stands between it and the next one, or, as the last one, what stands before it.
 */
function keepText(batch: Batch, i: number, winner: boolean, reserved: boolean): void {
  const { watch } = batch
  const which = winner ? batch.which[i]! : -1
  const end = batch.labelEnd[i]!
  // What precedes the next pair that stays; its end is known at the next pair.
  let gapAt = batch.labelStart[i]!
  let gapEnd = -1
  let after = gapAt
  let stays = false
  reader.open(batch.bytes, gapAt, end)
  while (reader.next()) {
    const k = watchedIndex(watch, reader.names, reader.nameAt, reader.nameEnd)
    const goes = k >= 0 && (k === which || (reserved && k === watch.reserved))
    after = reader.pairEnd
    if (reader.inFront) {
      kept.add(gapAt, goes ? reader.pairAt : after)
      gapAt = after
      continue
    }
    if (gapEnd < 0) gapEnd = reader.pairAt
    if (goes) continue
    kept.add(gapAt, gapEnd)
    kept.add(reader.pairAt, after)
    stays = true
    gapAt = after
    gapEnd = -1
  }
  if (stays || reader.braceOpen < 0) {
    kept.add(after, end)
  } else {
    kept.add(gapAt, reader.braceOpen)
    kept.add(reader.braceClose, end)
  }
  kept.done()
}
