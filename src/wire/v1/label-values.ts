// Reads the values of a few named labels of one series, and the hash of them all. Expects what a scan has proved.

import type { Batch } from '../batch.ts'
import { RESERVED_LABEL } from '../codec.ts'
import { viewOf } from '../copy.ts'
import { hashBytes, plainSeeds } from '../label-hash.ts'
import { LabelValues } from '../label-values.ts'
import { contentAt, cursor, readTag, skipValue } from '../protobuf.ts'
import { isNamed, labelValueOf } from './labels.ts'
import { LABEL } from './shapes.ts'

const values = new LabelValues()

/** One view for all items of a body: making one costs as much as a third of the hash. */
let viewed: Uint8Array = new Uint8Array(0)
let view = viewOf(viewed)

/** Implements Codec.labelValues. */
export function labelValues(given: Batch, i: number, names: readonly Uint8Array[]): string {
  const batch = given.lean === undefined || isOfLength(RESERVED_LABEL.length, names) ? given : given.lean
  const { bytes } = batch
  const end = batch.end[i]!
  values.begin(names.length)
  for (let p = contentAt(bytes, batch.start[i]!, end); p < end; ) {
    const at = p
    // The usual label, under 128 bytes with its name in front: of another length than any of these, it needs no look.
    if (bytes[p] === LABEL && bytes[p + 1]! < 0x80 && bytes[p + 2] === 0x0a && bytes[p + 3]! < 0x80) {
      p += 2 + bytes[p + 1]!
      if (!isOfLength(bytes[at + 3]!, names) && bytes[at + 4 + bytes[at + 3]!] === 0x12) continue
    } else {
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag !== LABEL) continue
    }
    for (let which = 0; which < names.length; which++) {
      if (isNamed(bytes, at, p, names[which]!)) values.add(which, labelValueOf(bytes, at, p))
    }
  }
  return values.text()
}

/** Implements Codec.labelHash. Labels mostly lie side by side, and are one piece then. */
export function labelHash(given: Batch, i: number): number {
  // A label that is kept apart is not hashed: series that rules have tagged alike hash alike, one whose sender wrote the
  // same label by itself does not.
  const { lean: batch = given } = given
  const { bytes } = batch
  const end = batch.end[i]!
  if (bytes !== viewed) view = viewOf((viewed = bytes))
  let hash = 0
  let p = contentAt(bytes, batch.start[i]!, end)
  let runStart = p
  const runTo = (runEnd: number): number =>
    runEnd > runStart ? Math.imul(hash, 31) + hashBytes(view, runStart, runEnd, plainSeeds) : hash
  while (p < end) {
    while (p < end && bytes[p] === LABEL && bytes[p + 1]! < 0x80) p += 2 + bytes[p + 1]!
    if (p === end) break
    const at = p
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag === LABEL) continue
    hash = runTo(at)
    runStart = p
  }
  return runTo(end) | 0
}

function isOfLength(length: number, names: readonly Uint8Array[]): boolean {
  for (const name of names) if (name.length === length) return true
  return false
}
