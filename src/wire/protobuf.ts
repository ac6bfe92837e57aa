// Protobuf's wire format, walked in place: nothing is decoded, everything is proved well formed.
// Positions are plain numbers; a reader that returns more than a position leaves the rest in `cursor`.

import { SluiceError } from '../errors.ts'

/** Where the last varint ended: `readVarint` returns the value and leaves the position here. */
export const cursor: { at: number } = { at: 0 }

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH = 2
export const START_GROUP = 3
export const END_GROUP = 4
export const FIXED32 = 5

const maxGroupDepth = 100

/** What a known field must look like. A `Shape` in place of a kind is a nested message. */
type Kind = 'varint' | 'double' | 'bytes' | 'varints' | 'doubles' | Shape

/** A message's known fields by number. Unknown fields are allowed anywhere. */
export interface Shape {
  readonly name: string
  readonly fields: ReadonlyMap<number, Kind>
}

export const shape = (name: string, fields: Readonly<Record<number, Kind>>): Shape => ({
  name,
  fields: new Map(Object.entries(fields).map(([number, kind]) => [Number(number), kind])),
})

export function corrupt(text: string, offset: number): SluiceError {
  return new SluiceError('BODY_CORRUPT', `protobuf: ${text} (byte ${offset})`, { offset })
}

/**
 * Reads a varint of up to 10 bytes at `at`. Exact below 2^53; above, only its size matters to callers.
 * Throws BODY_CORRUPT if it is cut off by `end` or overlong.
 */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at]! < 0x80) {
    cursor.at = at + 1
    return bytes[at]!
  }
  let value = 0
  let scale = 1
  for (let k = 0; k < 10; k++) {
    if (at + k >= end) throw corrupt('a varint is cut off', at)
    const byte = bytes[at + k]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      if (k === 9 && byte > 1) throw corrupt('a varint is over 64 bits', at)
      cursor.at = at + k + 1
      return value
    }
    scale *= 128
  }
  throw corrupt('a varint is over 10 bytes', at)
}

/** Reads a varint as a signed number of 64 bits: exact within 2^53 of 0. */
export function readSigned(bytes: Uint8Array, at: number, end: number): number {
  const value = readVarint(bytes, at, end)
  if (cursor.at - at < 10) return value
  let all = 0n
  for (let p = cursor.at - 1; p >= at; p--) all = (all << 7n) | BigInt(bytes[p]! & 0x7f)
  return Number(BigInt.asIntN(64, all))
}

/** Reads a field's tag. Throws BODY_CORRUPT on field number 0, one that takes over 32 bits or 5 bytes, or an unknown wire type. */
export function readTag(bytes: Uint8Array, at: number, end: number): number {
  const tag = readVarint(bytes, at, end)
  if (tag > 0xffff_ffff || cursor.at - at > 5) throw corrupt('a field number is over 2^29 - 1', at)
  if (tag < 8) throw corrupt('field number 0 is not allowed', at)
  if (tag % 8 > FIXED32) throw corrupt(`wire type ${tag % 8} does not exist`, at)
  return tag
}

/** Reads a length and proves that so many bytes are there; `cursor.at` is where they begin, the result where they end. */
export function readLength(bytes: Uint8Array, at: number, end: number): number {
  const length = readVarint(bytes, at, end)
  if (length > end - cursor.at) throw corrupt(`a field of ${length} bytes runs past the end`, at)
  return cursor.at + length
}

/** Where the content of the field `bytes[at … end)` begins, behind its tag and length. */
export function contentAt(bytes: Uint8Array, at: number, end: number): number {
  readTag(bytes, at, end)
  readLength(bytes, cursor.at, end)
  return cursor.at
}

/** Steps over the value of a field whose tag ended at `at`; returns where the next field begins. */
export function skipValue(bytes: Uint8Array, at: number, end: number, tag: number, depth = 0): number {
  switch (tag % 8) {
    case VARINT:
      readVarint(bytes, at, end)
      return cursor.at
    case FIXED64:
      if (end - at < 8) throw corrupt('an 8-byte value is cut off', at)
      return at + 8
    case LENGTH:
      return readLength(bytes, at, end)
    case FIXED32:
      if (end - at < 4) throw corrupt('a 4-byte value is cut off', at)
      return at + 4
    case START_GROUP:
      return skipGroup(bytes, at, end, tag, depth + 1)
    default:
      throw corrupt('a group ends that never began', at)
  }
}

function skipGroup(bytes: Uint8Array, at: number, end: number, start: number, depth: number): number {
  if (depth > maxGroupDepth) throw corrupt(`groups are nested over ${maxGroupDepth} deep`, at)
  let p = at
  while (p < end) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    if (tag % 8 === END_GROUP) {
      if (Math.floor(tag / 8) !== Math.floor(start / 8)) throw corrupt('a group ends with another’s number', p)
      return value
    }
    p = skipValue(bytes, value, end, tag, depth)
  }
  throw corrupt('a group is cut off', at)
}

/** Proves that `bytes[at … end)` is a well-formed message of that shape. Throws BODY_CORRUPT where it is not. */
export function verify(bytes: Uint8Array, at: number, end: number, shape: Shape): void {
  let p = at
  while (p < end) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    const kind = shape.fields.get(Math.floor(tag / 8))
    p = kind === undefined ? skipValue(bytes, value, end, tag) : verifyField(bytes, value, end, tag, kind, shape)
  }
}

function verifyField(bytes: Uint8Array, at: number, end: number, tag: number, kind: Kind, shape: Shape): number {
  const type = tag % 8
  if (typeof kind === 'object' || kind === 'bytes') {
    if (type !== LENGTH) throw wrongType(shape, tag, at)
    const stop = readLength(bytes, at, end)
    if (kind !== 'bytes') verify(bytes, cursor.at, stop, kind)
    return stop
  }
  const single = kind === 'varint' || kind === 'varints' ? VARINT : FIXED64
  const repeated = kind === 'varints' || kind === 'doubles'
  if (repeated && type === LENGTH) return verifyPacked(bytes, at, end, single)
  if (type !== single) throw wrongType(shape, tag, at)
  return skipValue(bytes, at, end, tag)
}

function verifyPacked(bytes: Uint8Array, at: number, end: number, type: number): number {
  const stop = readLength(bytes, at, end)
  let p = cursor.at
  if (type === FIXED64) {
    if ((stop - p) % 8 !== 0) throw corrupt('packed doubles are cut off', at)
    return stop
  }
  while (p < stop) {
    readVarint(bytes, p, stop)
    p = cursor.at
  }
  return stop
}

export function wrongType(shape: Shape, tag: number, at: number): SluiceError {
  return corrupt(`wrong wire type ${tag % 8} for field ${Math.floor(tag / 8)} of ${shape.name}`, at)
}

/** Bytes that a length or tag takes as a varint. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

/** Bytes of a field with so many bytes of content, whose tag takes one. */
export const fieldSize = (size: number): number => 1 + varintSize(size) + size

/** Writes a varint (below 2^53); returns where it ended. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value
  let p = at
  while (rest >= 128) {
    out[p++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  out[p++] = rest
  return p
}
