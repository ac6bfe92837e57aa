// The odd ways to write label references, rarely seen and perfectly legal: one field each, or packed in several pieces,
// in a series and in an exemplar. Nothing is kept for a piece: there may be millions.

import { cursor, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { LABELS, ONE_LABEL } from './shapes.ts'

/** The fields in `bytes[start … end)`, all label references as one packed field in the place of the first. */
export function inOnePiece(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let before = -1
  let refsSize = 0
  let restSize = 0
  for (let p = start; p < end; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag !== LABELS && tag !== ONE_LABEL) {
      restSize += p - fieldAt
      continue
    }
    if (before < 0) before = restSize
    refsSize += p - refsAt(tag, value)
  }
  const out = new Uint8Array(1 + varintSize(refsSize) + refsSize + restSize)
  out[before] = LABELS
  let refs = writeVarint(out, before + 1, refsSize)
  let rest = 0
  for (let p = start; p < end; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === LABELS || tag === ONE_LABEL) {
      for (let k = refsAt(tag, value); k < p; k++) out[refs++] = bytes[k]!
      // What follows the first of them goes behind all of them.
      if (rest === before) rest = out.length - (restSize - before)
    } else {
      for (let k = fieldAt; k < p; k++) out[rest++] = bytes[k]!
    }
  }
  return out
}

/** Where the references of a field begin whose value was just stepped over: behind a length, if it has one. */
const refsAt = (tag: number, value: number): number => (tag === LABELS ? cursor.at : value)
