import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf } from '../../../test/support/store.ts'
import { type ClosedBatch, decodeRecord, encodeRecord } from './record.ts'

const count = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const time = fc.double({ noNaN: true })
const anyBatch: fc.Arbitrary<ClosedBatch> = fc.record({
  protocol: fc.constantFrom('remote-write-1', 'remote-write-2', 'loki'),
  body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  series: count,
  samples: count,
  oldestMs: time,
  newestMs: time,
  arrivedMs: time,
  haKey: fc.string({ unit: 'binary' }),
  parts: fc.array(fc.record({ series: count, samples: count })),
})

test('what was encoded is decoded', () => {
  fc.assert(
    fc.property(anyBatch, fc.uint8Array(), (batch, key) => {
      expect(decodeRecord(key, encodeRecord(key, batch))).toEqual(batch)
    }),
  )
})

test('a changed byte, another key, a cut: each is told from the record', () => {
  const key = Buffer.from('key')
  const value = encodeRecord(key, batchOf('body', { parts: [{ series: 1, samples: 1 }] }))
  for (let at = 0; at < value.length; at++) {
    const changed = Buffer.from(value)
    changed[at]! ^= 0x10
    expect(decodeRecord(key, changed)).toHaveProperty('fault')
    expect(decodeRecord(key, value.subarray(0, at))).toHaveProperty('fault')
  }
  expect(decodeRecord(Buffer.from('kez'), value)).toEqual({ fault: 'checksum does not match' })
})

test('hostile bytes with a right checksum are read within bounds', async () => {
  const { crc32 } = await import('node:zlib')
  const sign = (bytes: Uint8Array) => {
    const value = Buffer.concat([Buffer.alloc(4), bytes])
    value.writeUInt32LE(crc32(bytes, crc32('')))
    return value
  }
  const check = (bytes: Uint8Array, want: string) =>
    expect(decodeRecord(Buffer.alloc(0), sign(bytes))).toEqual({ fault: want })
  const body = Buffer.alloc(37)
  body[0] = 1
  check(Buffer.alloc(10), 'cut off after 14 bytes')
  check(Buffer.alloc(37), 'record format 0 is unknown')
  body.writeUInt32LE(0xffffffff, 33)
  check(body, '4294967295 parts are more than fit')
  body.writeUInt32LE(0, 33)
  check(body, 'a text runs past the end')
  check(Buffer.concat([body, Buffer.from('ffffffff', 'hex')]), 'a text runs past the end')
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void decodeRecord(Buffer.alloc(0), sign(bytes))))
})
