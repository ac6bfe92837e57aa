// Puts the reserved label on every series, or takes it off: what a receiver decides about its senders. No label is
// decoded; one whose value is set goes where sorted labels have it. A series is never left without labels: one that has
// no other keeps it without a value, so that whoever routes it sees what was taken from it.

import { type Batch, flag } from '../batch.ts'
import { RESERVED_LABEL, type Rewriter } from '../codec.ts'
import { Output } from '../copy.ts'
import { cursor, readTag, skipValue } from '../protobuf.ts'
import { compareName } from './labels.ts'
import { encodeLabels } from './relabel.ts'

const name = new TextEncoder().encode(RESERVED_LABEL)
const nothing = new Uint8Array(0)
const valueless = encodeLabels([[RESERVED_LABEL, '']])

export class Stamp {
  readonly #output = new Output()
  readonly #labels = new Output()

  /**
   * The batch with this value, and no other, in the reserved label of each series; without the label, or at least
   * without its value, where it is undefined. Itself where nothing changes; else its bytes are valid until the next call.
   */
  apply(batch: Batch, value: string | undefined): Batch {
    const isSet = value !== undefined
    if (!isSet && !hasReserved(batch)) return batch
    const set = isSet ? encodeLabels([[RESERVED_LABEL, value]]) : undefined
    this.#output.trim()
    const rewriter = batch.codec.rewriter(batch, this.#output)
    for (let i = 0; i < batch.count; i++) {
      const bits = batch.flags[i]!
      const isThere = (bits & flag.reserved) !== 0
      rewriter.locate(i)
      if (!isSet && !isThere) rewriter.keep()
      else this.#relabel(rewriter, set ?? (bits & flag.reservedOnly ? valueless : nothing), isThere)
    }
    return rewriter.finish()
  }

  #relabel(rewriter: Rewriter, field: Uint8Array, isThere: boolean): void {
    const { bytes, view, start, end } = rewriter
    const out = this.#labels
    out.reserve(end - start + field.length)
    let at = 0
    let runStart = start
    let isWritten = field.length === 0
    for (let p = start; p < end && (isThere || !isWritten); ) {
      const tag = readTag(bytes, p, end)
      const next = skipValue(bytes, cursor.at, end, tag)
      const order = compareName(bytes, p, next, name)
      if (order >= 0) {
        at = out.copy(bytes, view, runStart, p, at)
        runStart = order === 0 ? next : p
        if (!isWritten && order > 0) {
          out.bytes.set(field, at)
          at += field.length
          isWritten = true
        }
      }
      p = next
    }
    at = out.copy(bytes, view, runStart, end, at)
    if (!isWritten) {
      out.bytes.set(field, at)
      at += field.length
    }
    rewriter.relabel(out.bytes, out.view, 0, at)
  }
}

function hasReserved({ flags, count }: Batch): boolean {
  for (let i = 0; i < count; i++) if (flags[i]! & flag.reserved) return true
  return false
}
