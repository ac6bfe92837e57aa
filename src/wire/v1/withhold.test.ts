import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeRequest } from '../../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../../test/oracle/codec.ts'
import { concat, lengthField } from '../../../test/oracle/encode.ts'
import { type Node, readStrictly } from '../../../test/oracle/strict.ts'
import { decodeWriteRequest, encodeHistogram, encodeWriteRequest, type SeriesInput } from '../../dev/encode.ts'
import { type Withheld, watchLabels } from '../codec.ts'
import { remoteWrite1 } from './codec.ts'
import { withhold } from './withhold.ts'

const watch = watchLabels(['team'])
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)
const both: Withheld = { exemplars: true, histograms: true }
const exemplarsOnly: Withheld = { exemplars: true, histograms: false }
const histogramsOnly: Withheld = { exemplars: false, histograms: true }

const exemplar = { labels: [['trace_id', 'x']], value: 1, tsMs: 2 } as const
const histogram = encodeHistogram(3, 4, 5)
const full: SeriesInput = {
  labels: [
    ['__name__', 'm'],
    ['team', 'a'],
  ],
  samples: [[1, 1]],
  exemplars: [exemplar, exemplar],
  histograms: [histogram],
}
const { samples: _, ...sampleless } = full
const only = (what: 'exemplars' | 'histograms'): SeriesInput => ({ labels: full.labels, [what]: full[what] })

const check = (
  withheld: Withheld,
  series: SeriesInput[],
  want: SeriesInput[],
  emptied: [number, number],
  more = {},
) => {
  const batch = remoteWrite1.scan(encodeWriteRequest({ series, ...more }), watch)
  const got = withhold(batch, all(batch.count), batch.count, withheld)
  expect(Buffer.from(got!.batch.bytes)).toEqual(Buffer.from(encodeWriteRequest({ series: want, ...more })))
  expect([got!.emptied.exemplars, got!.emptied.histograms]).toEqual(emptied)
}

test('what is withheld goes, and nothing else', () => {
  const { exemplars: _1, ...withoutExemplars } = full
  const { histograms: _2, ...withoutHistograms } = full
  const { exemplars: _3, ...bare } = withoutHistograms
  check(exemplarsOnly, [full], [withoutExemplars], [0, 0])
  check(histogramsOnly, [full], [withoutHistograms], [0, 0])
  check(both, [full, bare], [bare, bare], [0, 0], { extra: lengthField(9, Uint8Array.of(1, 2)) })
})

test('a series that has nothing left goes; one that had nothing from the start stays', () => {
  check(both, [sampleless, full, only('exemplars')], [{ labels: full.labels, samples: full.samples! }], [1, 1])
  check(histogramsOnly, [only('histograms'), only('exemplars')], [only('exemplars')], [0, 1])
  check(histogramsOnly, [sampleless], [only('exemplars')], [0, 0])
  check(exemplarsOnly, [only('exemplars'), { labels: full.labels }], [{ labels: full.labels }], [1, 0])
  const unknown = lengthField(7, Uint8Array.of(9))
  check(histogramsOnly, [{ ...only('histograms'), extra: unknown }], [{ labels: full.labels, extra: unknown }], [0, 0])
})

test('where there is nothing to withhold nothing is made', () => {
  const batch = remoteWrite1.scan(encodeWriteRequest({ series: [only('histograms'), only('exemplars')] }), watch)
  expect(withhold(batch, Uint32Array.of(0), 1, exemplarsOnly)).toBeUndefined()
  expect(withhold(batch, Uint32Array.of(1), 1, histogramsOnly)).toBeUndefined()
  expect(withhold(batch, Uint32Array.of(1), 1, { exemplars: false, histograms: false })).toBeUndefined()
})

test('fields before the labels, and tags longer than they need be', () => {
  const label = lengthField(1, concat(lengthField(1, Buffer.from('team')), lengthField(2, Buffer.from('a'))))
  const sample = lengthField(2, Uint8Array.of())
  const series = lengthField(
    1,
    concat(lengthField(4, histogram, 1, 2), label, lengthField(3, Uint8Array.of(), 3), sample),
  )
  const batch = remoteWrite1.scan(series, watch)
  const got = withhold(batch, all(1), 1, both)!.batch
  expect(Buffer.from(got.bytes)).toEqual(Buffer.from(lengthField(1, concat(label, sample))))
  expect(Buffer.from(remoteWrite1.gather(got, all(1), 1, true))).toEqual(Buffer.from(lengthField(1, sample)))
  expect(decodeWriteRequest(got.bytes).series).toHaveLength(1)
})

const withhelds = fc.constantFrom(both, exemplarsOnly, histogramsOnly)
const isWithheld = (number: number, { exemplars, histograms }: Withheld) =>
  (number === 3 && exemplars) || (number === 4 && histograms)

/** What must become of a series, by the strict reader's fields; undefined: it goes. */
function expected(body: Uint8Array, series: Node, withheld: Withheld): Uint8Array | undefined {
  const fields = fieldsOf(body, series)
  const kept = fields.filter(({ number }) => !isWithheld(number, withheld))
  if (kept.length === fields.length) return body.subarray(series.start, series.end)
  if (kept.every(({ number }) => number === 1)) return undefined
  return lengthField(1, concat(...kept.map(({ bytes }) => bytes)))
}

/** Known fields are the strict reader's; what lies between them is unknown to it, and one field here. */
function fieldsOf(body: Uint8Array, series: Node): { number: number; bytes: Uint8Array }[] {
  const found: { number: number; bytes: Uint8Array }[] = []
  let at = series.inner
  for (const { number, start, end } of series.children) {
    if (start > at) found.push({ number: 0, bytes: body.subarray(at, start) })
    found.push({ number, bytes: body.subarray(start, end) })
    at = end
  }
  if (series.end > at) found.push({ number: 0, bytes: body.subarray(at, series.end) })
  return found
}

test('the laws: the rest stays byte for byte and in order, samples are counted, and the generated codec agrees', () => {
  const seen = { touched: 0, emptied: 0 }
  fc.assert(
    fc.property(writeRequest(), withhelds, fc.infiniteStream(fc.boolean()), (body, withheld, coins) => {
      const verdict = readStrictly(schemas.writeRequestRaw, body)
      const message = decode(schemas.writeRequestRaw, body)
      if (verdict.fault !== undefined || message === undefined) return
      const batch = remoteWrite1.scan(body, watch)
      const indexes = all(batch.count).filter(() => coins.next().value)
      const nodes = verdict.fields.filter(({ number }) => number === 1)
      const want = [...indexes].map((i) => expected(body, nodes[i]!, withheld))
      const got = withhold(batch, indexes, indexes.length, withheld)
      const before = [...indexes].map((i) => body.subarray(nodes[i]!.start, nodes[i]!.end))
      expect(got === undefined).toBe(
        want.every((bytes, k) => bytes !== undefined && !Buffer.compare(bytes, before[k]!)),
      )
      if (got === undefined) return
      const unknown = batch.unknown.map(({ start, end }) => body.subarray(start, end))
      expect(Buffer.compare(got.batch.bytes, concat(...want.filter((bytes) => bytes !== undefined), ...unknown))).toBe(
        0,
      )
      const { exemplars, histograms } = got.emptied
      expect(got.batch.count + exemplars + histograms).toBe(indexes.length)
      seen.touched++
      seen.emptied += exemplars + histograms

      const received = decode(schemas.writeRequestRaw, got.batch.bytes)!
      message.metadata = []
      message.timeseries = [...indexes].flatMap((i, k) => {
        const one = message.timeseries[i]!
        if (want[k] === undefined) return []
        if (withheld.exemplars) one.exemplars = []
        if (withheld.histograms) one.histograms = []
        return [one]
      })
      const again = encode(schemas.writeRequestRaw, message)
      expect(Buffer.compare(encode(schemas.writeRequestRaw, received), again)).toBe(0)
      const samples = received.timeseries.map((one) => one.samples.length + one.histograms.length)
      expect([...got.batch.samples]).toEqual(samples)
    }),
    { numRuns: 600 },
  )
  expect(Math.min(seen.touched, seen.emptied)).toBeGreaterThan(10) // about 190 and 70: not a matter of luck
})
