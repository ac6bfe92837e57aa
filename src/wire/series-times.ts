// Reads the timestamps of all samples and histograms of a remote write body, 1 or 2: the two differ in their tags. All
// else is stepped over; the usual encoding is recognised at a glance. Expects what a scan has proved.

import { cursor, readLength, readSigned, readTag, skipValue } from './protobuf.ts'
import type { SampleTimes } from './sample-times.ts'

/** Tags of a series' labels and samples, the same in both. */
const labels = 0x0a
const sample = 0x12
/** Tags of the timestamps in a sample and in a histogram. */
const timeTags = { sample: 0x10, histogram: 0x78 }

/** Oldest and newest so far: numbers that don't have to be allocated at each change. */
const bounds = new Float64Array(2)

/** Implements Codec.times; `series` and `histogram` are the tags of these. */
export function seriesTimes(bytes: Uint8Array, series: number, histogram: number): SampleTimes {
  bounds[0] = Number.POSITIVE_INFINITY
  bounds[1] = Number.NEGATIVE_INFINITY
  for (let p = 0; p < bytes.length; ) {
    const tag = readTag(bytes, p, bytes.length)
    p = skipValue(bytes, cursor.at, bytes.length, tag)
    if (tag === series) timesOfSeries(bytes, cursor.at, p, histogram)
  }
  return { oldestMs: bounds[0]!, newestMs: bounds[1]! }
}

function timesOfSeries(bytes: Uint8Array, at: number, end: number, histogram: number): void {
  for (let p = at; p < end; ) {
    // The usual labels: under 128 bytes.
    if (bytes[p] === labels && bytes[p + 1]! < 0x80) {
      p += 2 + bytes[p + 1]!
      continue
    }
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag !== sample && tag !== histogram) continue
    readLength(bytes, value, p)
    const inner = cursor.at
    // The usual sample: a value, then a timestamp that takes the rest.
    if (tag === sample && bytes[inner] === 0x09 && bytes[inner + 9] === timeTags.sample) {
      const time = readSigned(bytes, inner + 10, p)
      if (cursor.at === p) {
        note(time)
        continue
      }
    }
    note(lastTime(bytes, inner, p, tag === sample ? timeTags.sample : timeTags.histogram))
  }
}

/** The last occurrence counts; without one it is 0, as everywhere in protobuf. */
function lastTime(bytes: Uint8Array, at: number, end: number, timeTag: number): number {
  let time = 0
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === timeTag) time = readSigned(bytes, value, p)
  }
  return time
}

function note(time: number): void {
  if (time < bounds[0]!) bounds[0] = time
  if (time > bounds[1]!) bounds[1] = time
}
