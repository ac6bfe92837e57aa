import fc from 'fast-check'
import { uncompressSync } from 'snappy'
import { expect, test } from 'vitest'
import type { DecodedMetadata } from './decode.ts'
import {
  decodeLokiPush,
  decodeWriteRequest,
  encodeHistogram,
  encodeLokiPush,
  encodeWriteRequest,
  STALE_MARKER,
  snappyBlock,
} from './encode.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the bytes are those of the published schema', () => {
  const check = (bytes: Uint8Array, want: string): void => expect(hex(bytes)).toBe(want)

  check(encodeWriteRequest({}), '')
  check(
    encodeWriteRequest({ series: [{ labels: [['a', 'b']], samples: [[1, 300]] }] }),
    '0a16' + '0a060a0161120162' + '120c09000000000000f03f10ac02',
  )
  // A series without labels or samples is still a series, and zeros are left out.
  check(encodeWriteRequest({ series: [{ labels: [] }, { labels: [], samples: [[0, 0]] }] }), '0a000a021200')
  check(
    encodeWriteRequest({ metadata: [{ family: 'm', type: 1, help: 'h', unit: 's' }] }),
    '1a0b0801' + '12016d' + '220168' + '2a0173',
  )
  check(encodeWriteRequest({ extra: Uint8Array.of(0x10, 1) }), '1001')
  check(
    encodeLokiPush({ streams: [{ labels: '{}', entries: [{ tsNs: 1_000_000_002n, line: 'x' }] }] }),
    '0a0f' + '0a027b7d' + '1209' + '0a0408011002' + '120178',
  )
})

test('the stale marker keeps its bits, a negative time its sign', () => {
  const { series } = decodeWriteRequest(
    encodeWriteRequest({ series: [{ labels: [['a', 'b']], samples: [[STALE_MARKER, -5]] }] }),
  )
  expect(series[0]?.samples[0]?.bits.toString(16)).toBe('7ff0000000000002')
  expect(series[0]?.samples[0]?.tsMs).toBe(-5)
})

test('values of every length are read back, where the writer grows too', () => {
  for (let length = 0; length < 2200; length++) {
    const labels = [['a', 'x'.repeat(length)] as const, ['b', 'y'] as const]
    expect(decodeWriteRequest(encodeWriteRequest({ series: [{ labels }] })).series[0]?.labels).toEqual(labels)
  }
})

test('snappyBlock makes one block', () => {
  const bytes = encodeWriteRequest({ series: [{ labels: [['a', 'x'.repeat(10_000)]] }] })
  expect(uncompressSync(snappyBlock(bytes), { copyOutputData: true })).toEqual(Buffer.from(bytes))
})

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const label = fc.tuple(text, text)
const labels = fc.array(label, { maxLength: 5 })
const value = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const time = fc.maxSafeInteger()

test('law: a remote write request is read back as it was written', () => {
  const metadata = fc.record<DecodedMetadata>({ family: text, type: fc.nat(7), help: text, unit: text })
  const series = fc.record({
    labels,
    samples: fc.array(fc.tuple(value, time), { maxLength: 4 }),
    exemplars: fc.array(fc.record({ labels, value, tsMs: time }), { maxLength: 2 }),
    histogramTimes: fc.array(time, { maxLength: 2 }),
  })
  fc.assert(
    fc.property(fc.array(series, { maxLength: 6 }), fc.array(metadata, { maxLength: 3 }), (series, metadata) => {
      const bytes = encodeWriteRequest({
        series: series.map((s) => ({ ...s, histograms: s.histogramTimes.map((ts) => encodeHistogram(3, 4.5, ts)) })),
        metadata,
      })
      const got = decodeWriteRequest(bytes)
      expect(got.metadata).toEqual(metadata)
      expect(got.unknown).toEqual([])
      expect(got.badUtf8).toBe(0)
      expect(
        got.series.map((s) => ({
          labels: s.labels,
          samples: s.samples.map(({ bits, tsMs }) => [bits, tsMs]),
          exemplars: s.exemplars.map((e) => [e.labels, e.tsMs]),
          histogramTimes: s.histograms.map(({ tsMs }) => tsMs),
        })),
      ).toEqual(series.map((s) => ({ ...s, exemplars: s.exemplars.map((e) => [e.labels, e.tsMs]) })))
    }),
  )
})

test('law: a Loki push is read back as it was written', () => {
  const entry = fc.record({ tsNs: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 62n }), line: text, metadata: labels })
  const stream = fc.record({ labels: text, entries: fc.array(entry, { maxLength: 4 }) })
  fc.assert(
    fc.property(fc.array(stream, { maxLength: 5 }), (streams) => {
      const got = decodeLokiPush(encodeLokiPush({ streams }))
      expect(got.streams).toEqual(streams.map((s) => ({ ...s, unknown: [] })))
    }),
  )
})
