import fc from 'fast-check'
import { expect, test } from 'vitest'
import { request2 } from '../../../test/oracle/arbitrary/request-2.ts'
import { schemas } from '../../../test/oracle/codec.ts'
import { lengthField, varintField } from '../../../test/oracle/encode.ts'
import { partIs } from '../../../test/oracle/request-2-laws.ts'
import { readStrictly } from '../../../test/oracle/strict.ts'
import { type PlainContent, readPlainly } from '../../../test/oracle/symbols.ts'
import { encodeHistogram } from '../../dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../../dev/encode-v2.ts'
import { type Withheld, watchLabels } from '../codec.ts'
import { remoteWrite2 } from './codec.ts'
import { withhold } from './withhold.ts'

const watch = watchLabels(['__tenant_id__'])
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)
const both: Withheld = { exemplars: true, histograms: true }
const exemplarsOnly: Withheld = { exemplars: true, histograms: false }
const histogramsOnly: Withheld = { exemplars: false, histograms: true }

const base: SeriesInput2 = {
  labels: [
    ['__name__', 'm'],
    ['team', 'a'],
  ],
  metadata: { type: 1, help: 'H.' },
}
const samples = { samples: [[1, 1]] } as const
const exemplars = { exemplars: [{ labels: [['trace_id', 'x']], value: 1, tsMs: 2 }] } as const
const histograms = { histograms: [encodeHistogram(3, 4, 5)] }

const check = (withheld: Withheld, series: SeriesInput2[], want: SeriesInput2[], emptied: [number, number]) => {
  const batch = remoteWrite2.scan(encodeRequest2({ series }), watch)
  const got = withhold(batch, all(batch.count), batch.count, withheld)!
  expect(Buffer.from(got.batch.bytes)).toEqual(Buffer.from(encodeRequest2({ series: want })))
  expect([got.emptied.exemplars, got.emptied.histograms]).toEqual(emptied)
}

test('what is withheld goes, its symbols too, and nothing else', () => {
  const full = { ...base, ...samples, ...exemplars, ...histograms }
  check(exemplarsOnly, [full], [{ ...base, ...samples, ...histograms }], [0, 0])
  check(histogramsOnly, [full], [{ ...base, ...samples, ...exemplars }], [0, 0])
  check(
    both,
    [full, { ...base, ...samples }],
    [
      { ...base, ...samples },
      { ...base, ...samples },
    ],
    [0, 0],
  )
})

test('a series that has lost its last sample goes; one that had none from the start stays', () => {
  const kept = { ...base, ...samples }
  check(histogramsOnly, [{ ...base, ...histograms, ...exemplars }, kept], [kept], [0, 1])
  check(both, [{ ...base, ...exemplars }, base, { ...base, ...histograms }], [base], [1, 1])
  check(both, [{ ...base, ...histograms, extra: varintField(6, 5) }], [], [0, 1])
  const extra = lengthField(77, Uint8Array.of(1))
  check(both, [{ ...base, ...histograms, extra }], [{ ...base, extra }], [0, 0])
})

test('where there is nothing to withhold nothing is made', () => {
  const batch = remoteWrite2.scan(
    encodeRequest2({
      series: [
        { ...base, ...histograms },
        { ...base, ...exemplars },
      ],
    }),
    watch,
  )
  expect(withhold(batch, Uint32Array.of(0), 1, exemplarsOnly)).toBeUndefined()
  expect(withhold(batch, Uint32Array.of(1), 1, histogramsOnly)).toBeUndefined()
})

test('the laws: the rest stays byte for byte and in order, under a sound table', () => {
  let touched = 0
  fc.assert(
    fc.property(request2(), fc.constantFrom(both, exemplarsOnly, histogramsOnly), (body, withheld) => {
      const { fields, fault } = readStrictly(schemas.request2Raw, body)
      const plain = readPlainly(body, fields)
      if (fault !== undefined || (plain.symbols[0] ?? '') !== '') return
      if (plain.series.some(({ content }) => content === undefined)) return
      const batch = remoteWrite2.scan(body, watch)
      const got = withhold(batch, all(batch.count), batch.count, withheld)
      const goes = (number: number) => (number === 3 && withheld.histograms) || (number === 4 && withheld.exemplars)
      const want = plain.series.flatMap(({ node, content }): PlainContent[] => {
        const numbers = node.children.map(({ number }) => number)
        const left = numbers.filter((number) => !goes(number))
        if (left.length === numbers.length) return [content!]
        const useful = (number: number) => ![1, 4, 5, 6].includes(number)
        if (!left.some(useful)) return []
        const others = numbers.filter((number) => number !== 1)
        return [{ ...content!, rest: content!.rest.filter((_, k) => !goes(others[k]!)) }]
      })
      const isTouched = plain.series.some(({ node }) => node.children.some(({ number }) => goes(number)))
      expect(got !== undefined).toBe(isTouched)
      if (got === undefined) return
      partIs(got.batch.bytes, want, plain.unknown, 'the rest')
      const { exemplars, histograms } = got.emptied
      expect(got.batch.count + exemplars + histograms).toBe(batch.count)
      touched++
    }),
    { numRuns: 500 },
  )
  expect(touched).toBeGreaterThan(40)
})
