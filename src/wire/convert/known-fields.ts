// Copies messages that are alike in both forms: samples and histograms, byte for byte, less what only one form knows.

import { cursor, readTag, readVarint, skipValue } from '../protobuf.ts'
import type { Lost } from './lost.ts'
import type { Writer } from './writer.ts'

/** Where a message came from, and where it goes. */
export interface Passage {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly to: Writer
  readonly lost: Lost
}

/**
 * Fields up to `last` are both forms', but for `without`, which the caller writes; `start` is the start timestamp of
 * the form it comes from.
 */
export interface Common {
  readonly last: number
  readonly start?: number
  readonly without?: number
}

/** Writes `bytes[at … end)` as a message behind `tag`, without the fields that are not in both forms. */
export function copyCommon(passage: Passage, tag: number, at: number, end: number, common: Common): void {
  const { bytes, view, to } = passage
  if (isUsualSample(bytes, at, end)) {
    to.field(tag, bytes, view, at, end)
    return
  }
  const content = to.open(tag)
  copyCommonFields(passage, at, end, common)
  to.close(content)
}

/** The same without tag and length. */
export function copyCommonFields(passage: Passage, at: number, end: number, { last, start, without }: Common): void {
  const { bytes, view, to, lost } = passage
  let runStart = at
  for (let p = at; p < end; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    const field = Math.floor(tag / 8)
    if (field <= last && field !== without) continue
    to.copy(bytes, view, runStart, fieldAt)
    runStart = p
    if (field === without) continue
    if (field !== start) lost.unknown++
    // 0 is as good as absent.
    else if (readVarint(bytes, value, end) !== 0) lost.startTimestamps++
  }
  to.copy(bytes, view, runStart, end)
}

/** A value and a time, 1 and 2 in both forms of a sample; a histogram has something else there. */
function isUsualSample(bytes: Uint8Array, at: number, end: number): boolean {
  const last = end - 1
  if (last < at + 10 || bytes[at] !== 0x09 || bytes[at + 9] !== 0x10) return false
  for (let p = at + 10; p < last; p++) if (bytes[p]! < 0x80) return false
  return bytes[last]! < 0x80
}
