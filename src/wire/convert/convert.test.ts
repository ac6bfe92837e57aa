import { expect, test } from 'vitest'
import { decode, schemas } from '../../../test/oracle/codec.ts'
import { fixed64Field, lengthField, varintField } from '../../../test/oracle/encode.ts'
import { encodeHistogram, encodeWriteRequest, type SeriesInput, STALE_MARKER } from '../../dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../../dev/encode-v2.ts'
import { type Lost, nothingLost } from './lost.ts'
import { toRemoteWrite1 } from './to-v1.ts'
import { toRemoteWrite2 } from './to-v2.ts'

const nothing: Lost = nothingLost()
const up = { labels: [['__name__', 'up']], samples: [[1, 5]] } as const satisfies SeriesInput
const histogram = encodeHistogram(3, 4, 5)
/** Marked by its sum, as Prometheus does it. */
const staleHistogram = Buffer.concat([histogram, fixed64Field(3, STALE_MARKER)])
/** Schema -53 behind it: the last counts. */
const custom = Buffer.concat([histogram, varintField(4, 105), lengthField(16, new Uint8Array(8))])

test('what both forms have goes both ways, bit for bit', () => {
  const series: SeriesInput[] = [
    {
      labels: [
        ['__name__', 'up'],
        ['zone', 'ü'],
      ],
      samples: [
        [STALE_MARKER, 1],
        [0x7ff8000000000001n, 2],
        [-0, -3],
      ],
      exemplars: [{ labels: [['trace_id', 'x']], value: STALE_MARKER, tsMs: 4 }],
    },
    { labels: up.labels, histograms: [histogram, staleHistogram] },
    up,
  ]
  const one = encodeWriteRequest({ series })
  const two = encodeRequest2({ series })
  expect(toRemoteWrite2(one).lost).toEqual(nothing)
  expect(decode(schemas.request2, toRemoteWrite2(one).body)).toEqual(decode(schemas.request2, two))
  expect(decode(schemas.writeRequest, toRemoteWrite1(two).body)).toEqual(decode(schemas.writeRequest, one))
})

test('2 → 1: what is lost is counted', () => {
  const check = (series: SeriesInput2[], want: SeriesInput[], lost: Partial<Lost>, extra = new Uint8Array(0)) => {
    const got = toRemoteWrite1(encodeRequest2({ series, extra }))
    expect(Buffer.from(got.body)).toEqual(Buffer.from(encodeWriteRequest({ series: want })))
    expect(got.lost).toEqual({ ...nothing, ...lost })
  }
  const start = varintField(17, 5)
  check([{ ...up, samples: [[1, 5, 3]] }], [up], { startTimestamps: 1 })
  check([{ ...up, extra: varintField(6, 3) }], [up], { startTimestamps: 1 })
  check([{ ...up, extra: varintField(6, 0) }], [up], {})
  check([{ ...up, extra: lengthField(6, Uint8Array.of(1)) }], [up], { unknown: 1 })
  check([{ ...up, extra: lengthField(99, start) }], [up], { unknown: 1 })
  check([up], [up], { unknown: 2 }, Buffer.concat([start, start]))
  check([{ ...up, histograms: [Buffer.concat([histogram, start])] }], [{ ...up, histograms: [histogram] }], {
    startTimestamps: 1,
  })
  check([{ ...up, histograms: [custom, histogram] }], [{ ...up, histograms: [histogram] }], {
    customHistograms: 1,
    customOf: [0],
  })
  check([{ labels: up.labels, histograms: [custom] }, up], [up], { customHistograms: 1, customOf: [0], series: 1 })
  check([{ labels: up.labels }, up], [{ labels: up.labels }, up], {})
})

test('1 → 2: what is lost is counted, and no unknown field is taken for one of 2', () => {
  const check = (one: Uint8Array, want: SeriesInput2[], lost: Partial<Lost>) => {
    const got = toRemoteWrite2(one)
    expect(decode(schemas.request2, got.body)).toEqual(decode(schemas.request2, encodeRequest2({ series: want })))
    expect(got.lost).toEqual({ ...nothing, ...lost })
  }
  const extra = Buffer.concat([varintField(2, 1), varintField(1000, 1), varintField(4, 1)])
  check(encodeWriteRequest({ series: [up], extra }), [up], { unknown: 3 })
  check(encodeWriteRequest({ series: [{ ...up, extra: varintField(5, 1) }] }), [up], { unknown: 1 })
  // A sample's field 3 would be its start timestamp.
  const odd = lengthField(2, varintField(3, 7))
  check(encodeWriteRequest({ series: [{ labels: up.labels, extra: odd }] }), [{ ...up, samples: [[0, 0]] }], {
    unknown: 1,
  })
  const late = Buffer.concat([histogram, varintField(17, 7)])
  const { labels } = up
  check(encodeWriteRequest({ series: [{ labels, histograms: [late] }] }), [{ labels, histograms: [histogram] }], {
    unknown: 1,
  })
  check(encodeWriteRequest({ series: [{ samples: [[1, 5]], labels: [] }] }), [{ samples: [[1, 5]] }], {})
})

test('metadata of families goes to the series of that name, and back', () => {
  const named = (name: string) => ({ labels: [['__name__', name]], samples: [[1, 5]] }) as const
  const metadata = [
    { family: 'requests', type: 3, help: 'How long.', unit: 'seconds' },
    { family: 'up', type: 2, help: '' },
    { family: 'nobody', type: 1 },
  ]
  const series = [named('requests_bucket'), named('requests_sum'), named('up'), named('other')]
  const two = toRemoteWrite2(encodeWriteRequest({ series, metadata }))
  const found = decode(schemas.request2, two.body)!
  const text = (ref: number) => found.symbols[ref]
  expect(found.timeseries.map(({ metadata: m }) => m && [m.type, text(m.helpRef), text(m.unitRef)])).toEqual([
    [3, 'How long.', 'seconds'],
    [3, 'How long.', 'seconds'],
    [2, '', ''],
    undefined,
  ])
  expect(two.lost).toEqual({ ...nothing, metadata: 1 })
  const one = toRemoteWrite1(two.body)
  expect(Buffer.from(one.body)).toEqual(Buffer.from(encodeWriteRequest({ series, metadata: metadata.slice(0, 2) })))
  expect(one.lost).toEqual(nothing)
})

test('metadata that contradicts another of its family is counted; so is metadata without a name', () => {
  const about = (name: string, help: string) =>
    ({
      labels: name === '' ? [] : [['__name__', name]],
      samples: [[1, 5]],
      metadata: { type: 5, help },
    }) as SeriesInput2
  const series = [about('a_sum', 'A.'), about('a_count', 'A.'), about('a', 'B.'), about('', 'A.'), about('a_sum', 'A.')]
  const { body, lost } = toRemoteWrite1(encodeRequest2({ series }))
  expect(decode(schemas.writeRequest, body)!.metadata.map((m) => [m.metricFamilyName, m.help])).toEqual([['a', 'A.']])
  expect(lost).toEqual({ ...nothing, metadata: 2 })
})

test('very many symbols, long ones and short ones', () => {
  const series = Array.from({ length: 10_000 }, (_, k) => ({
    labels: [
      ['__name__', 'up'],
      ['k', `${k}`],
      ['long', `${k}`.repeat(1 + (k % 60))],
    ] as [string, string][],
    samples: [[k, k]] as const,
  }))
  const one = encodeWriteRequest({ series })
  const two = toRemoteWrite2(one).body.slice()
  expect(decode(schemas.request2, two)!.symbols).toEqual(decode(schemas.request2, encodeRequest2({ series }))!.symbols)
  expect(Buffer.compare(toRemoteWrite1(two).body, one)).toBe(0)
})

test('a body with a malformed series is refused', () => {
  expect(() => toRemoteWrite1(encodeRequest2({ series: [{ labelRefs: [9, 9] }] }))).toThrow(/outside of the symbols/)
})

test('1 → 2: a series has samples or histograms, and exemplars only beside them', () => {
  const exemplar = (id: string) => ({ labels: [['trace_id', id]] as const, value: 1, tsMs: 5 })
  const other = { labels: [['__name__', 'other']], samples: [[1, 5]] } as const satisfies SeriesInput
  const alone = (of: SeriesInput, ...ids: string[]): SeriesInput => ({
    labels: of.labels,
    exemplars: ids.map(exemplar),
  })
  const check = (series: SeriesInput[], want: SeriesInput2[], lost: Partial<Lost> = {}) => {
    const got = toRemoteWrite2(encodeWriteRequest({ series }))
    expect(decode(schemas.request2, got.body)).toEqual(decode(schemas.request2, encodeRequest2({ series: want })))
    expect(got.lost).toEqual({ ...nothing, ...lost })
  }
  check(
    [{ ...up, histograms: [histogram], exemplars: [exemplar('a')] }],
    [
      { ...up, exemplars: [exemplar('a')] },
      { labels: up.labels, histograms: [histogram] },
    ],
  )
  // As Prometheus sends them: behind what they belong to, or in front of it.
  check(
    [up, other, alone(up, 'a'), alone(other, 'b')],
    [
      { ...up, exemplars: [exemplar('a')] },
      { ...other, exemplars: [exemplar('b')] },
    ],
  )
  check(
    [alone(up, 'a'), up, { ...up, exemplars: [exemplar('b')] }, alone(up, 'c', 'd')],
    [
      { ...up, exemplars: [exemplar('a')] },
      { ...up, exemplars: ['b', 'c', 'd'].map(exemplar) },
    ],
  )
  check([alone(up, 'a', 'b'), other], [other], { exemplars: 2 })
  check([{ labels: up.labels }, other], [other], { emptySeries: 1 })
})

test('1 → 2: nothing that it can carry is no body', () => {
  const check = (one: Uint8Array, lost: Partial<Lost>) => {
    const got = toRemoteWrite2(one)
    expect([got.body.length, got.lost]).toEqual([0, { ...nothing, ...lost }])
  }
  check(new Uint8Array(0), {})
  check(encodeWriteRequest({ metadata: [{ family: 'up', type: 2 }] }), { metadata: 1 })
  check(encodeWriteRequest({ series: [{ labels: up.labels }] }), { emptySeries: 1 })
})
