// What one lane has stored, as numbers. They are written in the same atomic step as the records they count, so a start
// reads one small value for each lane instead of every record, and a record that vanished is missed.

import { crc32 } from 'node:zlib'

export interface LaneCount {
  readonly batches: number
  /** Keys and values. */
  readonly bytes: number
  readonly series: number
  readonly samples: number
  /** No record lies before this sequence number. */
  readonly first: number
  /** No record lies behind this one. */
  readonly last: number
  /** No record arrived before, ms since 1970; exact once the oldest has been read. */
  readonly oldestMs: number
}

const fields = ['batches', 'bytes', 'series', 'samples', 'first', 'last', 'oldestMs'] as const

export const nothing: LaneCount = { batches: 0, bytes: 0, series: 0, samples: 0, first: 0, last: 0, oldestMs: 0 }

export function encodeCount(key: Uint8Array, count: LaneCount): Buffer {
  const value = Buffer.allocUnsafe(4 + fields.length * 8)
  fields.forEach((field, k) => void value.writeDoubleLE(count[field], 4 + k * 8))
  value.writeUInt32LE(crc32(value.subarray(4), crc32(key)), 0)
  return value
}

/** Undefined if the bytes are not what `encodeCount` made for this key. */
export function decodeCount(key: Uint8Array, value: Uint8Array): LaneCount | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  if (bytes.length !== 4 + fields.length * 8) return undefined
  if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(4), crc32(key))) return undefined
  const [batches, size, series, samples, first, last, oldestMs] = fields.map((_, k) =>
    bytes.readDoubleLE(4 + k * 8),
  ) as [number, number, number, number, number, number, number]
  return { batches, bytes: size, series, samples, first, last, oldestMs }
}

/** What one record adds to a lane's count. */
export interface CountedRecord {
  readonly sequence: number
  /** Key and value. */
  readonly bytes: number
  readonly series: number
  readonly samples: number
  readonly arrivedMs: number
}

export function plus(count: LaneCount, record: CountedRecord): LaneCount {
  const isOnly = count.batches === 0
  return {
    batches: count.batches + 1,
    bytes: count.bytes + record.bytes,
    series: count.series + record.series,
    samples: count.samples + record.samples,
    first: isOnly ? record.sequence : count.first,
    last: record.sequence,
    oldestMs: isOnly ? record.arrivedMs : count.oldestMs,
  }
}

export function minus(count: LaneCount, record: CountedRecord): LaneCount {
  return {
    ...count,
    batches: count.batches - 1,
    bytes: count.bytes - record.bytes,
    series: count.series - record.series,
    samples: count.samples - record.samples,
  }
}
