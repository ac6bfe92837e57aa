// Reads the labels of one series, for people and for the rare path. Expects a batch that was scanned, so well formed.

import type { Batch } from '../batch.ts'
import type { Label } from '../codec.ts'
import { cursor, readLength, readTag, skipValue } from '../protobuf.ts'

// A leading U+FEFF is part of a name or value: without it `route` would see another label than `scan` did.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Implements Codec.labels: in wire order, repeated names included. */
export function labels(batch: Batch, i: number): Label[] {
  const { bytes } = batch
  const end = batch.end[i]!
  readTag(bytes, batch.start[i]!, end)
  readLength(bytes, cursor.at, end)
  const found: Label[] = []
  for (let p = cursor.at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    if (tag === 0x0a) {
      found.push([text(fieldOf(bytes, p, next, 1)), text(fieldOf(bytes, p, next, 2))])
    }
    p = next
  }
  return found
}

/** Name of the label whose field (tag included) is `bytes[start … end)`. */
export function nameOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return fieldOf(bytes, start, end, 1)
}

/** The last occurrence of a bytes field inside the message whose own field is `bytes[start … end)`; empty if absent. */
export function fieldOf(bytes: Uint8Array, start: number, end: number, number: number): Uint8Array {
  readTag(bytes, start, end)
  readLength(bytes, cursor.at, end)
  let found = bytes.subarray(0, 0)
  for (let p = cursor.at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (Math.floor(tag / 8) === number) {
      readLength(bytes, value, end)
      found = bytes.subarray(cursor.at, p)
    }
  }
  return found
}

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
