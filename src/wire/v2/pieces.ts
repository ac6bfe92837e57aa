// The odd ways to write label references, rarely seen and perfectly legal: one field each, or packed in several pieces,
// in a series and in an exemplar.

import { cursor, readLength, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { LABELS, ONE_LABEL } from './shapes.ts'

/** The fields in `bytes[start … end)`, all label references as one packed field in the place of the first. */
export function inOnePiece(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const before: Uint8Array[] = []
  const refs: Uint8Array[] = []
  const behind: Uint8Array[] = []
  for (let p = start; p < end; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === LABELS) {
      readLength(bytes, value, p)
      refs.push(bytes.subarray(cursor.at, p))
    } else if (tag === ONE_LABEL) {
      refs.push(bytes.subarray(value, p))
    } else {
      ;(refs.length === 0 ? before : behind).push(bytes.subarray(fieldAt, p))
    }
  }
  const size = refs.reduce((sum, piece) => sum + piece.length, 0)
  const head = new Uint8Array(1 + varintSize(size))
  head[0] = LABELS
  writeVarint(head, 1, size)
  return Buffer.concat([...before, head, ...refs, ...behind])
}
