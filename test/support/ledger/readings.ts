// Reads what a ledger's receiver was sent: of each series whose it is, and the numbers of its samples. Fast, since it
// must not be what a test waits for, and strict: bytes that a ledger's sender never writes are an error.

import { uncompressSync } from 'snappy'

export interface Reading {
  /** The tenant that the series was made for. */
  readonly owner: string
  readonly source: string
  /** Which of the source's series. */
  readonly series: number
  /** Times of its samples in ms, in their order. */
  readonly times: readonly number[]
}

/** Of a compressed remote write 1 body, in its order. Throws where it is not what a ledger's sender wrote. */
export function readBody(body: Uint8Array): Reading[] {
  const bytes = uncompressSync(body, { copyOutputData: true }) as Buffer
  const readings: Reading[] = []
  const cursor = { at: 0 }
  while (cursor.at < bytes.length) {
    expectTag(bytes, cursor, 0x0a)
    const end = varint(bytes, cursor) + cursor.at
    readings.push(readSeries(bytes, cursor, end))
    if (cursor.at !== end) throw new Error(`a series ends at ${cursor.at}, not at ${end}`)
  }
  return readings
}

function readSeries(bytes: Buffer, cursor: { at: number }, end: number): Reading {
  const labels: Record<string, string> = {}
  const times: number[] = []
  while (cursor.at < end) {
    const tag = bytes[cursor.at++]
    const size = varint(bytes, cursor)
    if (tag === 0x0a) {
      expectTag(bytes, cursor, 0x0a)
      const name = text(bytes, cursor)
      expectTag(bytes, cursor, 0x12)
      labels[name] = text(bytes, cursor)
    } else if (tag === 0x12) {
      const sampleEnd = cursor.at + size
      expectTag(bytes, cursor, 0x09)
      const value = bytes.readDoubleLE(cursor.at)
      cursor.at += 8
      expectTag(bytes, cursor, 0x10)
      const time = varint(bytes, cursor)
      if (value !== time || cursor.at !== sampleEnd)
        throw new Error(`the sample of time ${time} has the value ${value}`)
      times.push(time)
    } else {
      throw new Error(`a series has the tag ${tag}`)
    }
  }
  const { owner = '', source = '', i = '', __name__, ...others } = labels
  if (Object.keys(others).length > 0) throw new Error(`a series has the labels ${JSON.stringify(labels)}`)
  return { owner, source, series: Number(i), times }
}

function expectTag(bytes: Buffer, cursor: { at: number }, tag: number): void {
  const found = bytes[cursor.at++]
  if (found !== tag) throw new Error(`byte ${cursor.at - 1} is ${found}, not ${tag}`)
}

function text(bytes: Buffer, cursor: { at: number }): string {
  const size = varint(bytes, cursor)
  const value = bytes.toString('latin1', cursor.at, cursor.at + size)
  cursor.at += size
  return value
}

function varint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw new Error('the body ends inside a number')
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}
