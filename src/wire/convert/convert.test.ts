import fc from 'fast-check'
import { expect, test } from 'vitest'
import { request2 } from '../../../test/oracle/arbitrary/request-2.ts'
import { writeRequest } from '../../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../../test/oracle/codec.ts'
import { lengthField, varintField } from '../../../test/oracle/encode.ts'
import { readStrictly } from '../../../test/oracle/strict.ts'
import { readPlainly, tableIsSound } from '../../../test/oracle/symbols.ts'
import { encodeHistogram, encodeWriteRequest, type SeriesInput, STALE_MARKER } from '../../dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../../dev/encode-v2.ts'
import type { Lost } from './lost.ts'
import { toRemoteWrite1 } from './to-v1.ts'
import { toRemoteWrite2 } from './to-v2.ts'

const nothing: Lost = { customHistograms: 0, customOf: [], series: 0, startTimestamps: 0, metadata: 0, unknown: 0 }
const up = { labels: [['__name__', 'up']], samples: [[1, 5]] } as const satisfies SeriesInput
const histogram = encodeHistogram(3, 4, 5)
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
      histograms: [histogram],
    },
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
  check(encodeWriteRequest({ series: [{ ...up, histograms: [late] }] }), [{ ...up, histograms: [histogram] }], {
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

interface Histograms {
  samples: readonly unknown[]
  exemplars: readonly unknown[]
  histograms: { schema: number }[]
}

/** Without histograms of custom buckets, and without series that held nothing else. */
function withoutCustom<S extends Histograms>(series: readonly S[]): S[] {
  return series.filter((one) => {
    const { length } = one.histograms
    one.histograms = one.histograms.filter(({ schema }) => schema !== -53)
    return one.histograms.length === length || one.histograms.length + one.samples.length + one.exemplars.length > 0
  })
}

/** Removes every unknown field of a message, at any depth. */
function forgetUnknown<T>(message: T): T {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return message
  delete (message as { $unknown?: unknown }).$unknown
  for (const value of Object.values(message)) forgetUnknown(value)
  return message
}

test('1 → 2 → 1: the same series', () => {
  let seen = 0
  fc.assert(
    fc.property(writeRequest(), (body) => {
      const before = decode(schemas.writeRequestRaw, body)
      if (before === undefined || readStrictly(schemas.writeRequestRaw, body).fault !== undefined) return
      const two = toRemoteWrite2(body).body
      const verdict = readStrictly(schemas.request2Raw, two)
      expect(verdict.fault).toBeUndefined()
      tableIsSound(readPlainly(two, verdict.fields), verdict.fields)
      const after = decode(schemas.writeRequestRaw, toRemoteWrite1(two).body)!
      before.metadata = after.metadata = []
      before.timeseries = withoutCustom(before.timeseries)
      const plain = [before, after].map((one) => encode(schemas.writeRequestRaw, forgetUnknown(one)))
      expect(Buffer.compare(plain[0]!, plain[1]!)).toBe(0)
      if (before.timeseries.length > 0) seen++
    }),
    { numRuns: 400 },
  )
  expect(seen).toBeGreaterThan(150)
})

test('2 → 1 → 2: the same series, less what 1 has not', () => {
  let seen = 0
  fc.assert(
    fc.property(request2(), (body) => {
      const before = decode(schemas.request2Raw, body)
      const { fields, fault } = readStrictly(schemas.request2Raw, body)
      if (before === undefined || fault !== undefined || (before.symbols[0]?.length ?? 0) > 0) return
      if (readPlainly(body, fields).series.some(({ content }) => content === undefined)) return
      const two = toRemoteWrite2(toRemoteWrite1(body).body).body
      const after = decode(schemas.request2Raw, two)!
      before.timeseries = withoutCustom(before.timeseries)
      const plain = [before, after].map((one) => {
        const texts = one.timeseries.map((series) => {
          const refs = [series.labelsRefs, ...series.exemplars.map(({ labelsRefs }) => labelsRefs)]
          series.labelsRefs = []
          for (const exemplar of series.exemplars) exemplar.labelsRefs = []
          for (const sample of series.samples) sample.startTimestamp = 0n
          for (const each of series.histograms) each.startTimestamp = 0n
          delete series.metadata
          return refs.map((list) => list.map((ref) => Buffer.from(one.symbols[ref]!).toString('latin1')))
        })
        one.symbols = []
        return [JSON.stringify(texts), Buffer.from(encode(schemas.request2Raw, forgetUnknown(one))).toString('hex')]
      })
      expect(plain[1]).toEqual(plain[0])
      if (before.timeseries.length > 0) seen++
    }),
    { numRuns: 400 },
  )
  expect(seen).toBeGreaterThan(100)
})
