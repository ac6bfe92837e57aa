import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { decodeLokiPush, decodeWriteRequest, encodeWriteRequest } from './encode.ts'

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('what is not well formed is refused, with where', () => {
  const check = (input: string, want: string): void => expect(() => decodeWriteRequest(bytes(input))).toThrow(want)

  check('0a', 'TimeSeries: the message ends inside a varint (at byte 1)')
  check('0a05 0a', 'TimeSeries: 5 bytes promised, 1 left (at byte 2)')
  check('00 01', 'WriteRequest: illegal tag 0 (at byte 0)')
  check('8080808080 01', 'WriteRequest: illegal tag 34359738368 (at byte 0)')
  check('08 01', 'TimeSeries: field 1 has wire type 0, not 2 (at byte 1)')
  check('0a04 1202 0900', 'Sample.value: 8 bytes promised, 1 left (at byte 5)')
  check('0a0d 120b 10 ffffffffffffffffff7f', 'Sample.timestamp: a varint of more than 64 bits (at byte 5)')
  check('26', 'WriteRequest: wire type 6 of field 4 cannot be read (at byte 0)')
  check('24', 'WriteRequest: wire type 4 of field 4 cannot be read (at byte 0)')
  check('23 0801', 'WriteRequest: the message ends inside a varint (at byte 3)')
  check('23'.repeat(40), 'WriteRequest: wire type 3 of field 4 cannot be read (at byte 32)')
})

test('what is unusual but well formed is read', () => {
  const series = (input: string): unknown => decodeWriteRequest(bytes(input)).series[0]
  const none = { labels: [], samples: [], exemplars: [], histograms: [], unknown: [] }

  // An overlong varint, a group among the label's fields, the last of two values wins.
  expect(series('0a 8900 0a07 0a0161 1b 0801 1c')).toEqual({ ...none, labels: [['a', '']] })
  expect(series('0a08 0a06 120161 120162')).toEqual({ ...none, labels: [['', 'b']] })
  expect(series('0a0d 120b 10 ffffffffffffffffff01')).toMatchObject({ samples: [{ tsMs: -1 }] })
  expect(series('0a05 2d 01020304')).toMatchObject({ unknown: [{ number: 5, raw: bytes('2d01020304') }] })
  expect(decodeWriteRequest(bytes('1001 c23e 0161')).unknown).toEqual([
    { number: 2, raw: bytes('1001') },
    { number: 1000, raw: bytes('c23e0161') },
  ])
})

test('law: any bytes are read or refused with an offset inside them', () => {
  const valid = encodeWriteRequest({ series: [{ labels: [['a', 'b']], samples: [[1, 2]] }] })
  const mutated = fc
    .tuple(fc.nat(valid.length - 1), fc.nat(255))
    .map(([at, byte]) => Uint8Array.from(valid, (old, i) => (i === at ? byte : old)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), mutated), (input) => {
      for (const decode of [decodeWriteRequest, decodeLokiPush]) {
        try {
          decode(input)
        } catch (error) {
          if (!(error instanceof SluiceError)) throw error
          expect(error.code).toBe('BODY_CORRUPT')
          expect(error.offset).toBeLessThanOrEqual(input.length)
        }
      }
    }),
    { numRuns: 2000 },
  )
})
