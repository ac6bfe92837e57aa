// From one form of remote write to the other and back: what comes back is what went in, by the generated codec, with the
// 64 bits of every value. What a form has no place for is taken from what went in first, by rules written out here.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { request2 } from '../../../test/oracle/arbitrary/request-2.ts'
import { writeRequest } from '../../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../../test/oracle/codec.ts'
import { varintField } from '../../../test/oracle/encode.ts'
import { checkLaw } from '../../../test/oracle/law.ts'
import { readStrictly } from '../../../test/oracle/strict.ts'
import { readPlainly, tableIsSound } from '../../../test/oracle/symbols.ts'
import { encodeHistogram, encodeWriteRequest } from '../../dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../../dev/encode-v2.ts'
import { toRemoteWrite1 } from './to-v1.ts'
import { toRemoteWrite2 } from './to-v2.ts'

interface Series {
  samples: unknown[]
  exemplars: unknown[]
  histograms: { schema: number }[]
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Without histograms of custom buckets, which 1 has not, and without series that held nothing else. */
function withoutCustom<S extends Series>(all: readonly S[]): S[] {
  return all.flatMap((one) => {
    const histograms = one.histograms.filter(({ schema }) => schema !== -53)
    const isWhole = histograms.length === one.histograms.length
    const isEmpty = histograms.length + one.samples.length + one.exemplars.length === 0
    return isEmpty && !isWhole ? [] : [{ ...one, histograms }]
  })
}

/** As 2 has it: samples or histograms, not both; exemplars of a series without either at the nearest of the same labels. */
function asTwoHasIt<S extends Series>(all: readonly S[], keys: readonly string[]): S[] {
  const hasData = (i: number): boolean => all[i]!.samples.length + all[i]!.histograms.length > 0
  const fits = (i: number) => (j: number) => hasData(j) && keys[j] === keys[i]
  const every = all.map((_, i) => i)
  const carrierOf = (i: number): number | undefined =>
    every.slice(0, i).findLast(fits(i)) ?? every.slice(i + 1).find((j) => fits(i)(j))
  return every.filter(hasData).flatMap((j) => {
    const taken = every.filter((i) => !hasData(i) && carrierOf(i) === j).flatMap((i) => all[i]!.exemplars)
    const one = { ...all[j]!, exemplars: [...all[j]!.exemplars, ...taken] }
    if (one.samples.length === 0 || one.histograms.length === 0) return [one]
    return [
      { ...one, histograms: [] },
      { ...one, samples: [], exemplars: [] },
    ]
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
  checkLaw(writeRequest(), { runs: 400, least: 120 }, (body) => {
    const before = decode(schemas.writeRequestRaw, body)
    const { fields, fault } = readStrictly(schemas.writeRequestRaw, body)
    if (before === undefined || fault !== undefined) return false
    const keys = fields
      .filter(({ number }) => number === 1)
      .map(({ children }) => children.filter(({ number }) => number === 1))
      .map((labels) => labels.map(({ start, end }) => latin1(body.subarray(start, end))).join(''))
    const two = toRemoteWrite2(body).body
    if (two.length > 0) {
      const verdict = readStrictly(schemas.request2Raw, two)
      expect(verdict.fault).toBeUndefined()
      tableIsSound(readPlainly(two, verdict.fields), verdict.fields)
      for (const { samples, histograms } of decode(schemas.request2Raw, two)!.timeseries)
        expect(samples.length > 0).toBe(histograms.length === 0)
    }
    const after = decode(schemas.writeRequestRaw, two.length === 0 ? two : toRemoteWrite1(two).body)!
    before.metadata = after.metadata = []
    before.timeseries = withoutCustom(asTwoHasIt(before.timeseries, keys))
    const plain = [before, after].map((one) => encode(schemas.writeRequestRaw, forgetUnknown(one)))
    expect(Buffer.compare(plain[0]!, plain[1]!)).toBe(0)
    return before.timeseries.length > 0
  })
})

test('2 → 1 → 2: the same series, less start timestamps', () => {
  checkLaw(request2(), { runs: 400, least: 80 }, (body) => {
    const before = decode(schemas.request2Raw, body)
    const { fields, fault } = readStrictly(schemas.request2Raw, body)
    if (before === undefined || fault !== undefined || (before.symbols[0]?.length ?? 0) > 0) return false
    if (readPlainly(body, fields).series.some(({ content }) => content === undefined)) return false
    const two = toRemoteWrite2(toRemoteWrite1(body).body).body
    const after = decode(schemas.request2Raw, two)!
    const textsIn = (symbols: readonly Uint8Array[], refs: readonly number[]) =>
      refs.map((ref) => latin1(symbols[ref]!))
    const inOne = withoutCustom(before.timeseries)
    before.timeseries = asTwoHasIt(
      inOne,
      inOne.map(({ labelsRefs }) => JSON.stringify(textsIn(before.symbols, labelsRefs))),
    )
    const plain = [before, after].map((one) => {
      const texts = one.timeseries.map(({ labelsRefs, exemplars }) =>
        [labelsRefs, ...exemplars.map((exemplar) => exemplar.labelsRefs)].map((refs) => textsIn(one.symbols, refs)),
      )
      for (const series of one.timeseries) {
        series.labelsRefs = []
        for (const exemplar of series.exemplars) exemplar.labelsRefs = []
        for (const sample of series.samples) sample.startTimestamp = 0n
        for (const each of series.histograms) each.startTimestamp = 0n
        delete series.metadata
      }
      one.symbols = []
      return [JSON.stringify(texts), Buffer.from(encode(schemas.request2Raw, forgetUnknown(one))).toString('hex')]
    })
    expect(plain[1]).toEqual(plain[0])
    return before.timeseries.length > 0
  })
})

/** What series of a family are called, by its type. */
const namesOf = (family: string, type: number): string[] => {
  if (type === 3) return ['_bucket', '_sum', '_count'].map((suffix) => family + suffix)
  if (type === 5) return ['', '_sum', '_count'].map((suffix) => family + suffix)
  return [family]
}
const families = fc.uniqueArray(
  fc.record({
    family: fc.constantFrom('up', 'requests_total', 'latency_seconds', 'heap_bytes', 'ü', 'build_info'),
    type: fc.integer({ min: 1, max: 7 }).filter((type) => type !== 4),
    help: fc.constantFrom('', 'How many.', 'é\n"'),
    unit: fc.constantFrom('', 'seconds'),
    isSent: fc.boolean(),
  }),
  { selector: ({ family }) => family, minLength: 1 },
)

test('1 → 2 → 1: the metadata of every family that has series; 2 → 1 → 2: that of every series', () => {
  fc.assert(
    fc.property(families, (all) => {
      const sent = all.filter(({ isSent }) => isSent)
      const named = sent.flatMap(({ family, type, help, unit }) =>
        namesOf(family, type).map((name) => ({
          labels: [['__name__', name] as const],
          samples: [[1, 5] as const],
          help,
          type,
          unit,
        })),
      )
      const plain = named.map(({ labels, samples }) => ({ labels, samples }))
      const one = encodeWriteRequest({ series: plain, metadata: all.map(({ isSent: _, ...metadata }) => metadata) })
      const there = toRemoteWrite2(one)
      expect(there.lost.metadata).toBe(all.length - sent.length)
      const back = sent.length === 0 ? there : toRemoteWrite1(there.body)
      const wanted = encodeWriteRequest({ series: plain, metadata: sent.map(({ isSent: _, ...metadata }) => metadata) })
      expect(Buffer.from(back.body)).toEqual(Buffer.from(wanted))
      if (sent.length === 0) return
      const two = encodeRequest2({
        series: named.map(({ labels, samples, ...metadata }) => ({ labels, samples, metadata })),
      })
      const again = toRemoteWrite2(toRemoteWrite1(two).body).body
      expect(decode(schemas.request2, again)).toEqual(decode(schemas.request2, two))
    }),
    { numRuns: 200 },
  )
})

test('2 → 1: every start timestamp is counted, and no value changes for it', () => {
  const start = fc.constantFrom(0, 0, 1, 1_790_000_000_000)
  const oneSeries = fc.tuple(fc.boolean(), fc.array(start, { minLength: 1, maxLength: 4 }))
  fc.assert(
    fc.property(fc.array(oneSeries, { maxLength: 5 }), (all) => {
      const seriesWith = (starts: boolean): SeriesInput2[] =>
        all.map(([hasHistograms, times]) => ({
          labels: [['__name__', 'm']],
          ...(hasHistograms
            ? {
                histograms: times.map((time, k) =>
                  Buffer.concat([encodeHistogram(k, k, k), varintField(17, BigInt(starts ? time : 0))]),
                ),
              }
            : { samples: times.map((time, k) => [k, k, starts ? time : 0] as const) }),
        }))
      const { body, lost } = toRemoteWrite1(encodeRequest2({ series: seriesWith(true) }))
      expect(lost.startTimestamps).toBe(all.flatMap(([, times]) => times).filter((time) => time > 0).length)
      const without = Buffer.from(body)
      expect(Buffer.compare(without, toRemoteWrite1(encodeRequest2({ series: seriesWith(false) })).body)).toBe(0)
    }),
    { numRuns: 200 },
  )
})
