// Proves the references of exemplars and metadata, and says what is wrong with one. A bad reference makes its series
// malformed, not the request, as in Prometheus' receiver. One of more than 32 bits is out of range.

import type { Symbols } from '../batch.ts'
import { cursor, FIXED64, LENGTH, readLength, readTag, readVarint, skipValue, VARINT, wrongType } from '../protobuf.ts'
import { exemplar, HELP, metadata, ONE_LABEL, TYPE, UNIT } from './shapes.ts'

/** Bytes of all symbols that were referred to since it was last set. */
export const referred: { bytes: number } = { bytes: 0 }

export const outOfRange = (what: string, ref: number, count: number): string =>
  `${what} ${ref} is outside of the symbols table (size ${count})`

export const oddNumber = (what: string): string => `an odd number of ${what}s`

// What the references of the message at hand looked like; plain variables, so that no exemplar costs an allocation.
let refs = 0
let bad = -1

function note(ref: number, { count, size }: Symbols): void {
  refs++
  if (ref < count) referred.bytes += size[ref]!
  else if (bad < 0) bad = ref
}

/** Proves an Exemplar in `bytes[at … end)`; returns what is wrong with its references. */
export function proveExemplar(bytes: Uint8Array, at: number, end: number, symbols: Symbols): string | undefined {
  refs = 0
  bad = -1
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    const field = Math.floor(tag / 8)
    const type = tag % 8
    if (field === 1 && type === LENGTH) {
      const stop = readLength(bytes, value, end)
      for (p = cursor.at; p < stop; p = cursor.at) note(readVarint(bytes, p, stop), symbols)
      continue
    }
    if (field <= 3 && type !== (field === 2 ? FIXED64 : VARINT)) throw wrongType(exemplar, tag, p)
    p = skipValue(bytes, value, end, tag)
    if (tag === ONE_LABEL) note(readVarint(bytes, value, end), symbols)
  }
  if (bad >= 0) return outOfRange('exemplar label reference', bad, symbols.count)
  return refs % 2 === 0 ? undefined : oddNumber('exemplar label reference')
}

/** Proves a Metadata in `bytes[at … end)`; returns what is wrong with its references. */
export function proveMetadata(bytes: Uint8Array, at: number, end: number, symbols: Symbols): string | undefined {
  bad = -1
  for (let p = at; p < end; ) {
    // The usual field: a tag and a value of one byte each.
    const low = bytes[p + 1]!
    if (low < 0x80 && p + 2 <= end && (bytes[p] === HELP || bytes[p] === UNIT || bytes[p] === TYPE)) {
      if (bytes[p] !== TYPE) note(low, symbols)
      p += 2
      continue
    }
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    if (tag % 8 !== VARINT && metadata.fields.has(Math.floor(tag / 8))) throw wrongType(metadata, tag, p)
    p = skipValue(bytes, value, end, tag)
    if (tag === HELP || tag === UNIT) note(readVarint(bytes, value, end), symbols)
  }
  return bad < 0 ? undefined : outOfRange('help or unit reference', bad, symbols.count)
}
