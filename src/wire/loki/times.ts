// Reads the timestamps of all log entries of a push, in ms. Expects what a scan has proved.

import { cursor, readLength, readSigned, readTag, skipValue } from '../protobuf.ts'
import type { SampleTimes } from '../sample-times.ts'
import { entryTag, nanosTag, secondsTag, streamTag, timestampTag } from './shapes.ts'

/** Implements Codec.times. */
export function times(bytes: Uint8Array): SampleTimes {
  let oldestMs = Number.POSITIVE_INFINITY
  let newestMs = Number.NEGATIVE_INFINITY
  each(bytes, 0, bytes.length, streamTag, (stream, streamEnd) => {
    each(bytes, stream, streamEnd, entryTag, (entry, entryEnd) => {
      // Without a timestamp it is 1970.
      let time = 0
      each(bytes, entry, entryEnd, timestampTag, (at, end) => {
        time = timeAt(bytes, at, end)
      })
      oldestMs = Math.min(oldestMs, time)
      newestMs = Math.max(newestMs, time)
    })
  })
  return { oldestMs, newestMs }
}

/** Calls back with the content of each field of that tag, which must be one with a length. */
function each(bytes: Uint8Array, at: number, end: number, tag: number, use: (at: number, end: number) => void): void {
  for (let p = at; p < end; ) {
    const found = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, found)
    if (found !== tag) continue
    readLength(bytes, value, p)
    use(cursor.at, p)
  }
}

function timeAt(bytes: Uint8Array, at: number, end: number): number {
  let seconds = 0
  let nanos = 0
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === secondsTag) seconds = readSigned(bytes, value, p)
    if (tag === nanosTag) nanos = readSigned(bytes, value, p) | 0
  }
  return seconds * 1000 + nanos / 1e6
}
