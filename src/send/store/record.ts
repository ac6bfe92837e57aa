// One closed batch as the bytes of one value. A CRC-32 over key and value proves that neither was changed nor swapped;
// what it doesn't prove is read within bounds all the same, and a fault is a value with its reason, never thrown.

import { crc32 } from 'node:zlib'

/** A body that is compressed and never changes again, with what a lane must know of it. */
export interface ClosedBatch {
  /** `Codec.protocol` of the body. */
  readonly protocol: string
  /** As it goes upstream, Content-Encoding applied. */
  readonly body: Uint8Array
  /** Series, or streams. */
  readonly series: number
  readonly samples: number
  /** Timestamps of the oldest and newest sample, ms since 1970. */
  readonly oldestMs: number
  readonly newestMs: number
  /** When its first part came, by the wall clock, ms since 1970. */
  readonly arrivedMs: number
  /** Values of `ha_labels` of the first series: batches that differ here are never merged. */
  readonly haKey: string
  /** The pushes that it was merged of, in order; empty if it came as one. */
  readonly parts: readonly PartSize[]
}

/** So many series, and their samples, came with one push. */
export interface PartSize {
  readonly series: number
  readonly samples: number
}

/** Why a value is not a record. */
export interface Fault {
  readonly fault: string
}

const format = 1
const crcBytes = 4
/** Format, three times, two counts, number of parts. */
const fixedBytes = 1 + 3 * 8 + 2 * 4 + 4
const partBytes = 8

/** The value to be stored under `key`. */
export function encodeRecord(key: Uint8Array, batch: ClosedBatch): Buffer {
  const { protocol, haKey, parts, body } = batch
  const texts = [protocol, haKey].map((text) => Buffer.from(text))
  const textBytes = texts.reduce((sum, text) => sum + 4 + text.length, 0)
  const value = Buffer.allocUnsafe(crcBytes + fixedBytes + textBytes + parts.length * partBytes + body.length)
  let at = value.writeUInt8(format, crcBytes)
  at = value.writeDoubleLE(batch.oldestMs, at)
  at = value.writeDoubleLE(batch.newestMs, at)
  at = value.writeDoubleLE(batch.arrivedMs, at)
  at = value.writeUInt32LE(batch.series, at)
  at = value.writeUInt32LE(batch.samples, at)
  at = value.writeUInt32LE(parts.length, at)
  for (const { series, samples } of parts) at = value.writeUInt32LE(samples, value.writeUInt32LE(series, at))
  for (const text of texts) {
    at = value.writeUInt32LE(text.length, at)
    at += text.copy(value, at)
  }
  value.set(body, at)
  value.writeUInt32LE(crc32(value.subarray(crcBytes), crc32(key)), 0)
  return value
}

/** Reads what `encodeRecord` made; `body` lies in the memory of `value`. */
export function decodeRecord(key: Uint8Array, value: Uint8Array): ClosedBatch | Fault {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  if (bytes.length < crcBytes + fixedBytes) return { fault: `cut off after ${bytes.length} bytes` }
  if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(crcBytes), crc32(key))) return { fault: 'checksum does not match' }
  if (bytes[crcBytes] !== format) return { fault: `record format ${bytes[crcBytes]} is unknown` }
  let at = crcBytes + 1
  const oldestMs = bytes.readDoubleLE(at)
  const newestMs = bytes.readDoubleLE(at + 8)
  const arrivedMs = bytes.readDoubleLE(at + 16)
  const series = bytes.readUInt32LE(at + 24)
  const samples = bytes.readUInt32LE(at + 28)
  const partCount = bytes.readUInt32LE(at + 32)
  at = crcBytes + fixedBytes
  if (at + partCount * partBytes > bytes.length) return { fault: `${partCount} parts are more than fit` }
  const parts: PartSize[] = []
  for (let k = 0; k < partCount; k++, at += partBytes) {
    parts.push({ series: bytes.readUInt32LE(at), samples: bytes.readUInt32LE(at + 4) })
  }
  const texts: string[] = []
  for (let k = 0; k < 2; k++) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (at + 4 + length > bytes.length) return { fault: 'a text runs past the end' }
    texts.push(bytes.toString('utf8', at + 4, at + 4 + length))
    at += 4 + length
  }
  const [protocol, haKey] = texts as [string, string]
  return { protocol, body: bytes.subarray(at), series, samples, oldestMs, newestMs, arrivedMs, haKey, parts }
}
