// Puts the reserved label on every series, or takes it off: what a receiver decides about its senders. No label is
// decoded; one whose value is set goes where sorted labels have it. A series is never left without labels: one that has
// no other keeps it without a value, so that whoever routes it sees what was taken from it. For remote write; Loki's
// labels are one text.

import { type Batch, flag } from './batch.ts'
import { type Codec, RESERVED_LABEL, type Rewriter } from './codec.ts'
import { Output } from './copy.ts'
import { compareName as compareName1, endOfLabel as endOfLabel1 } from './v1/labels.ts'
import { compareName as compareName2, endOfLabel as endOfLabel2 } from './v2/labels.ts'

const name = new TextEncoder().encode(RESERVED_LABEL)
const nothing = new Uint8Array(0)

/** How a `Rewriter` shows labels. */
interface Shown {
  /** Where the label at `at` ends. */
  readonly endOfLabel: (bytes: Uint8Array, at: number, end: number) => number
  /** How the name of the label `bytes[start … end)` compares with another: below, equal to or above 0. */
  readonly compareName: (bytes: Uint8Array, start: number, end: number, name: Uint8Array) => number
}

const shownIn: { readonly [P in Codec['protocol']]?: Shown } = {
  'remote-write-1': { endOfLabel: endOfLabel1, compareName: compareName1 },
  'remote-write-2': { endOfLabel: endOfLabel2, compareName: compareName2 },
}

export class Stamp {
  readonly #output = new Output()
  readonly #labels = new Output()

  /**
   * The batch with this value, and no other, in the reserved label of each series; without the label, or at least
   * without its value, where it is undefined. Itself where nothing changes; else its bytes are valid until the next call.
   * Malformed series stay so.
   */
  apply(batch: Batch, value: string | undefined): Batch {
    const isSet = value !== undefined
    if (!isSet && !hasReserved(batch)) return batch
    const { codec } = batch
    const shown = shownIn[codec.protocol]!
    const set = isSet ? codec.encodeLabels([[RESERVED_LABEL, value]]) : undefined
    const valueless = codec.encodeLabels([[RESERVED_LABEL, '']])
    this.#output.trim()
    const rewriter = codec.rewriter(batch, this.#output)
    for (let i = 0; i < batch.count; i++) {
      const bits = batch.flags[i]!
      const isThere = (bits & flag.reserved) !== 0
      rewriter.locate(i)
      if ((!isSet && !isThere) || (bits & flag.faulty) !== 0) rewriter.keep()
      else this.#relabel(rewriter, shown, set ?? (bits & flag.reservedOnly ? valueless : nothing), isThere)
    }
    return rewriter.finish()
  }

  #relabel(rewriter: Rewriter, { endOfLabel, compareName }: Shown, field: Uint8Array, isThere: boolean): void {
    const { bytes, view, start, end } = rewriter
    const out = this.#labels
    out.reserve(end - start + field.length)
    let at = 0
    let runStart = start
    let isWritten = field.length === 0
    for (let p = start; p < end && (isThere || !isWritten); ) {
      const next = endOfLabel(bytes, p, end)
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
