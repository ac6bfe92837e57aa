import { expect, test } from 'vitest'
import { decodeLokiPush, encodeLokiPush, type LokiPushInput } from '../../dev/encode.ts'
import { RESERVED_LABEL, watchLabels } from '../codec.ts'
import { lokiPush } from './codec.ts'
import { Restamp } from './restamp.ts'

const watch = watchLabels([RESERVED_LABEL])
const scan = (input: LokiPushInput) => lokiPush.scan(encodeLokiPush(input), watch)

const nowMs = 1_700_000_000_999
const restamped = (restamp: Restamp, input: LokiPushInput) => decodeLokiPush(restamp.apply(scan(input)).bytes)

test('entries get the time of now, each a nanosecond later, and keep all else', () => {
  const restamp = new Restamp(() => nowMs)
  const input: LokiPushInput = {
    streams: [
      {
        labels: '{a="b"}',
        entries: [
          { tsNs: 5n, line: 'one', metadata: [['trace', 'x']] },
          { tsNs: 0n, line: '' },
        ],
        hash: 7n,
      },
      { labels: '{c="d"}', entries: [{ tsNs: -3n, line: 'x'.repeat(1000) }] },
      { labels: '{e="f"}', entries: [] },
    ],
  }
  const before = decodeLokiPush(encodeLokiPush(input)).streams
  const { streams } = restamped(restamp, input)
  const ns = BigInt(nowMs) * 1_000_000n
  const times = streams.map(({ entries }) => entries.map(({ tsNs }) => tsNs - ns))
  expect(times).toEqual([[0n, 1n], [2n], []])
  const without = (all: typeof streams) =>
    all.map((stream) => ({ ...stream, entries: stream.entries.map((entry) => ({ ...entry, tsNs: 0n })) }))
  expect(without(streams)).toEqual(without(before))
  // Another push in the same millisecond.
  expect(restamped(restamp, input).streams[0]?.entries.map(({ tsNs }) => tsNs - ns)).toEqual([3n, 4n])
})

test('a clock that goes back, and the end of a second', () => {
  let now = 1_700_000_000_000.999
  const restamp = new Restamp(() => now)
  const push = (count: number) => {
    const entries = Array.from({ length: count }, () => ({ tsNs: 1n, line: 'x' }))
    return restamped(restamp, { streams: [{ labels: '{a="b"}', entries }] }).streams[0]!.entries.map(({ tsNs }) => tsNs)
  }
  expect(push(1)).toEqual([1_700_000_000_000_999_000n])
  now -= 5000
  expect(push(1)).toEqual([1_700_000_000_000_999_001n])
  now = 1_700_000_000_999.999
  const many = push(1002)
  expect([many[0], many[999], many[1000], many[1001]]).toEqual([
    1_700_000_000_999_999_000n,
    1_700_000_000_999_999_999n,
    1_700_000_001_000_000_000n,
    1_700_000_001_000_000_001n,
  ])
})

test('a faulty stream stays as it came', () => {
  const batch = scan({ streams: [{ labels: '{a=', entries: [{ tsNs: 5n, line: 'x' }] }] })
  const { bytes } = new Restamp(() => nowMs).apply(batch)
  expect(bytes).toEqual(batch.bytes)
})
