// Reads the timestamps of all samples and histograms of a body. Everything else is stepped over; the usual encoding is
// recognised at a glance. Expects what a scan has proved.

import { cursor, readLength, readSigned, readTag, skipValue } from '../protobuf.ts'
import type { SampleTimes } from '../sample-times.ts'
import { HISTOGRAMS, SAMPLES, SERIES } from './shapes.ts'

/** Tags of the timestamps in a sample and in a histogram. */
const timeTags = { sample: 0x10, histogram: 0x78 }

/** Oldest and newest so far: numbers that don't have to be allocated at each change. */
const bounds = new Float64Array(2)

/** Implements Codec.times. */
export function times(bytes: Uint8Array): SampleTimes {
  bounds[0] = Number.POSITIVE_INFINITY
  bounds[1] = Number.NEGATIVE_INFINITY
  for (let p = 0; p < bytes.length; ) {
    const tag = readTag(bytes, p, bytes.length)
    const value = cursor.at
    p = skipValue(bytes, value, bytes.length, tag)
    if (tag === SERIES) timesOfSeries(bytes, cursor.at, p)
  }
  return { oldestMs: bounds[0]!, newestMs: bounds[1]! }
}

function timesOfSeries(bytes: Uint8Array, at: number, end: number): void {
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag !== SAMPLES && tag !== HISTOGRAMS) continue
    readLength(bytes, value, p)
    const inner = cursor.at
    // The usual sample: a value, then a timestamp that takes the rest.
    if (tag === SAMPLES && bytes[inner] === 0x09 && bytes[inner + 9] === timeTags.sample) {
      const time = readSigned(bytes, inner + 10, p)
      if (cursor.at === p) {
        note(time)
        continue
      }
    }
    note(lastTime(bytes, inner, p, tag === SAMPLES ? timeTags.sample : timeTags.histogram))
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
