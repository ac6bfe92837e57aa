// Reads the labels of one series, for people and for the rare path. Expects a batch that was scanned, so well formed.

import { type Batch, flag } from '../batch.ts'
import { type Label, mostLabels, watchedIndex } from '../codec.ts'
import { latin1 } from '../label-values.ts'
import { contentAt, cursor, readLength, readTag, skipValue } from '../protobuf.ts'
import { isAt } from '../same-bytes.ts'
import { LABEL } from './shapes.ts'

// A leading U+FEFF is part of a name or value: without it `route` would see another label than `scan` did.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

// Where `locate` found its field; plain variables because it is called for every label of hostile series too.
let foundAt = 0
let foundEnd = 0

/** Implements Codec.labels: in wire order, repeated names included. */
export function labels(given: Batch, i: number): Label[] {
  const hasReserved = (given.flags[i]! & flag.reserved) !== 0
  const { lean } = given
  const batch = lean === undefined || hasReserved ? given : lean
  const { bytes, watch } = batch
  const end = batch.end[i]!
  const found: Label[] = []
  const seen = new Set<number>()
  for (let p = contentAt(bytes, batch.start[i]!, end); p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    if (tag === LABEL) {
      locate(bytes, p, next, 1)
      const which = watchedIndex(watch, bytes, foundAt, foundEnd)
      if (found.length < mostLabels || !seen.has(which)) {
        const name = text(bytes, foundAt, foundEnd)
        locate(bytes, p, next, 2)
        found.push([name, text(bytes, foundAt, foundEnd)])
        seen.add(which)
      }
    }
    p = next
  }
  return found
}

/** The label whose field is `bytes[start … end)` has exactly this name. */
export function isNamed(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  locate(bytes, start, end, 1)
  return foundEnd - foundAt === name.length && isAt(bytes, foundAt, name)
}

/** Where the label whose field begins at `at` ends. */
export function endOfLabel(bytes: Uint8Array, at: number, end: number): number {
  const tag = readTag(bytes, at, end)
  return skipValue(bytes, cursor.at, end, tag)
}

/** How the name of the label whose field is `bytes[start … end)` compares with another: below, equal to or above 0. */
export function compareName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): number {
  locate(bytes, start, end, 1)
  const size = foundEnd - foundAt
  for (let k = 0; k < size && k < name.length; k++) {
    const difference = bytes[foundAt + k]! - name[k]!
    if (difference !== 0) return difference
  }
  return size - name.length
}

/** The value of the label whose field is `bytes[start … end)`, a character for each byte. */
export function labelValueOf(bytes: Uint8Array, start: number, end: number): string {
  locate(bytes, start, end, 2)
  return latin1.call(bytes, foundAt, foundEnd)
}

/** The last occurrence of a bytes field inside the message whose own field is `bytes[start … end)`; empty if absent. */
export function fieldOf(bytes: Uint8Array, start: number, end: number, number: number): Uint8Array {
  locate(bytes, start, end, number)
  return bytes.subarray(foundAt, foundEnd)
}

function locate(bytes: Uint8Array, start: number, end: number, number: number): void {
  foundAt = foundEnd = start
  for (let p = contentAt(bytes, start, end); p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (Math.floor(tag / 8) === number) {
      readLength(bytes, value, end)
      foundAt = cursor.at
      foundEnd = p
    }
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  for (let p = start; p < end; p++) if (bytes[p]! > 0x7f) return decoder.decode(bytes.subarray(start, end))
  // Twice as fast as the decoder where texts are short.
  return latin1.call(bytes, start, end)
}
