// Proves one log entry well formed without decoding it, and its timestamp one that exists: Loki refuses a whole push for
// one that does not, so it must not share a body with other streams.

import { cursor, readTag, skipValue, verify } from '../protobuf.ts'
import { entry } from './shapes.ts'

const earliest = -62_135_596_800n // 0001-01-01T00:00:00Z
const afterLatest = 253_402_300_800n // 10000-01-01T00:00:00Z
const nanosPerSecond = 1_000_000_000

/** Throws BODY_CORRUPT if `bytes[at … end)` is no EntryAdapter; false if its timestamp does not exist. */
export function proveEntry(bytes: Uint8Array, at: number, end: number): boolean {
  if (isPlainEntry(bytes, at, end)) return true
  verify(bytes, at, end, entry)
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag === 0x0a && !timestampExists(bytes, cursor.at, p)) return false
  }
  return true
}

/**
 * The usual entry, recognised at a glance: a timestamp in its usual form, then a line that takes the rest or is followed
 * by structured metadata in its usual form. Anything else, legal or not, is for the slower road.
 */
function isPlainEntry(bytes: Uint8Array, at: number, end: number): boolean {
  const lineAt = at + 2 + bytes[at + 1]!
  if (bytes[at] !== 0x0a || lineAt >= end || bytes[lineAt] !== 0x12 || bytes[at + 2] !== 0x08) return false
  let p = plainVarint(bytes, at + 3, lineAt)
  if (p < 0) return false
  if (p < lineAt) {
    if (bytes[p] !== 0x10 || plainVarint(bytes, p + 1, lineAt) !== lineAt || value >= nanosPerSecond) return false
  }
  p = plainField(bytes, lineAt + 1, end)
  while (p < end) {
    if (p < 0 || bytes[p] !== 0x1a) return false
    const stop = plainField(bytes, p + 1, end)
    if (stop < 0) return false
    p = stop - value
    if (p < stop && bytes[p] === 0x0a) p = plainField(bytes, p + 1, stop)
    if (p >= 0 && p < stop && bytes[p] === 0x12) p = plainField(bytes, p + 1, stop)
    if (p !== stop) return false
  }
  return p === end
}

/** What `plainVarint` read, and the length that `plainField` read. */
let value = 0

/** Reads a varint of at most 5 bytes; returns where it ended, -1 if there is none such before `end`. */
function plainVarint(bytes: Uint8Array, at: number, end: number): number {
  value = 0
  let scale = 1
  for (let p = at; p < end && p < at + 5; scale *= 128) {
    const byte = bytes[p++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return p
  }
  return -1
}

/** Steps over a length at `at` and as many bytes; -1 if they do not end before or at `end`. */
function plainField(bytes: Uint8Array, at: number, end: number): number {
  const p = plainVarint(bytes, at, end)
  return p < 0 || value > end - p ? -1 : p + value
}

/** Looks at a Timestamp as Loki does: seconds of 64 bits, nanoseconds of 32, the last of each counts. */
function timestampExists(bytes: Uint8Array, at: number, end: number): boolean {
  let seconds = 0n
  let nanos = 0
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const valueAt = cursor.at
    p = skipValue(bytes, valueAt, end, tag)
    if (tag === 0x08) seconds = BigInt.asIntN(64, bigVarint(bytes, valueAt, p))
    if (tag === 0x10) nanos = Number(BigInt.asIntN(32, bigVarint(bytes, valueAt, p)))
  }
  return seconds >= earliest && seconds < afterLatest && nanos >= 0 && nanos < nanosPerSecond
}

function bigVarint(bytes: Uint8Array, at: number, end: number): bigint {
  let all = 0n
  for (let p = end - 1; p >= at; p--) all = (all << 7n) | BigInt(bytes[p]! & 0x7f)
  return all
}
