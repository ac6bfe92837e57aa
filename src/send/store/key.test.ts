import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  afterPrefix,
  decodeLaneKey,
  decodeRecordKey,
  keyKind,
  type LaneId,
  lanePrefix,
  queueName,
  withSequence,
} from './key.ts'

const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
  fc.constantFrom('a', 'ab', 'a\u0001', 'proxy/metrics', 'proxy/logs', 'ä', '\uffff', '😀'),
)
const place = fc.record({
  endpoint: id.filter((text) => !text.includes('\0')),
  signal: fc.constantFrom('metrics' as const, 'logs' as const),
  tenant: id.filter((text) => !text.includes('\0')),
  lane: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffff })),
  sequence: fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER),
  ),
})
const prefixOf = (lane: LaneId) => lanePrefix(keyKind.record, queueName(lane), lane.lane)

test('a key says what it was made of', () => {
  fc.assert(
    fc.property(place, (from) => {
      const { sequence, ...lane } = from
      expect(decodeRecordKey(withSequence(prefixOf(lane), sequence))).toEqual(from)
      expect(decodeLaneKey(lanePrefix(keyKind.counts, queueName(lane), lane.lane))).toEqual(lane)
    }),
  )
})

test('keys are in the order of what they are made of', () => {
  const compareTexts = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  fc.assert(
    fc.property(place, place, (a, b) => {
      const want =
        compareTexts(a.endpoint, b.endpoint) ||
        compareTexts(a.signal, b.signal) ||
        compareTexts(a.tenant, b.tenant) ||
        a.lane - b.lane ||
        a.sequence - b.sequence
      const got = Buffer.compare(withSequence(prefixOf(a), a.sequence), withSequence(prefixOf(b), b.sequence))
      expect(got).toBe(Math.sign(want))
    }),
  )
})

test('what follows a prefix is over every key of the lane and under those of the next', () => {
  fc.assert(
    fc.property(place, ({ sequence, ...lane }) => {
      const end = afterPrefix(prefixOf(lane))
      expect(Buffer.compare(withSequence(prefixOf(lane), sequence), end)).toBe(-1)
      if (lane.lane === 0xffff) return
      expect(Buffer.compare(end, withSequence(prefixOf({ ...lane, lane: lane.lane + 1 }), 0))).toBeLessThanOrEqual(0)
    }),
  )
  expect(afterPrefix(Buffer.from('01ffff', 'hex')).toString('hex')).toBe('02')
})

test('bytes that are no key are none', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void decodeRecordKey(bytes)))
  for (const text of [
    '',
    'r',
    'r\0\0\0',
    'ra\0traces\0t\0..........',
    'ra\0metrics\0t..........',
    'ra\0metrics\0t\0x\0..........',
  ]) {
    expect(decodeRecordKey(Buffer.from(text))).toBeUndefined()
  }
})
