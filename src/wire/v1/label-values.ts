// Reads the values of a few named labels of one series, and the hash of them all. Expects what a scan has proved.

import type { Batch } from '../batch.ts'
import { hashBytes, hashStart } from '../label-hash.ts'
import { LabelValues } from '../label-values.ts'
import { cursor, readLength, readTag, skipValue } from '../protobuf.ts'
import { fieldOf, isNamed, labelTag } from './labels.ts'

const values = new LabelValues()

/** Implements Codec.labelValues. */
export function labelValues(batch: Batch, i: number, names: readonly Uint8Array[]): string {
  const { bytes } = batch
  const end = batch.end[i]!
  values.begin(names.length)
  for (let p = labelsAt(batch, i); p < end; ) {
    const at = p
    // The usual label, under 128 bytes with its name in front: of another length than any of these, it needs no look.
    if (bytes[p] === labelTag && bytes[p + 1]! < 0x80 && bytes[p + 2] === 0x0a && bytes[p + 3]! < 0x80) {
      p += 2 + bytes[p + 1]!
      if (!isOfLength(bytes[at + 3]!, names) && bytes[at + 4 + bytes[at + 3]!] === 0x12) continue
    } else {
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag !== labelTag) continue
    }
    const which = names.findIndex((name) => isNamed(bytes, at, p, name))
    if (which >= 0) values.add(which, fieldOf(bytes, at, p, 2))
  }
  return values.text()
}

/** Implements Codec.labelHash. */
export function labelHash(batch: Batch, i: number): number {
  const { bytes } = batch
  const end = batch.end[i]!
  let hash = hashStart
  for (let p = labelsAt(batch, i); p < end; ) {
    const at = p
    if (bytes[p] === labelTag && bytes[p + 1]! < 0x80) {
      p += 2 + bytes[p + 1]!
    } else {
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag !== labelTag) continue
    }
    hash = hashBytes(hash, bytes, at, p)
  }
  return hash
}

function labelsAt({ bytes, start, end }: Batch, i: number): number {
  readTag(bytes, start[i]!, end[i]!)
  readLength(bytes, cursor.at, end[i]!)
  return cursor.at
}

function isOfLength(length: number, names: readonly Uint8Array[]): boolean {
  for (const name of names) if (name.length === length) return true
  return false
}
