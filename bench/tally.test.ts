import { expect, test } from 'vitest'
import { encodeHistogram, encodeWriteRequest, type SeriesInput } from '../src/dev/encode.ts'
import { addTally, difference, emptyTally, type Tally, tallyBody, totalSamples } from './tally.ts'

const a = (tenant: string | undefined, value = 1): SeriesInput => ({
  labels: [['__name__', 'a'], ...(tenant === undefined ? [] : [['tenant', tenant] as const]), ['zone', 'z']],
  samples: [[value, 1000]],
})
const b = (tenant: string | undefined): SeriesInput => ({
  labels: [['__name__', 'b'], ...(tenant === undefined ? [] : [['tenant', tenant] as const])],
  samples: [[2, 1000]],
  histograms: [encodeHistogram(3, 4, 1000)],
})

const tally = (series: SeriesInput[], tenant?: string): Tally =>
  tallyBody(encodeWriteRequest({ series }), 'tenant', tenant)

const sum = (...tallies: Tally[]): Tally => {
  const all = emptyTally()
  for (const one of tallies) addTally(all, one, 1)
  return all
}

test('a tally does not depend on order, on cuts, or on the tenant label', () => {
  const sent = tally([a('x'), b('x'), b('y')])
  const check = (got: Tally) => expect(difference(sent, got)).toBe(undefined)
  check(tally([b('y'), b('x'), a('x')]))
  check(sum(tally([b(undefined), a(undefined)], 'x'), tally([b(undefined)], 'y')))
  check(sum(tally([b('x')], 'x'), tally([a('x')], 'x'), tally([b('y')], 'y')))
  expect(totalSamples(sent)).toBe(5)
  expect(sent.labelled).toBe(3n)
  expect(tally([a(undefined), a('')], 'x').labelled).toBe(1n)
})

test('whatever is lost, repeated, changed or misdirected shows', () => {
  const sent = tally([a('x'), b('x'), b('y')])
  const check = (got: Tally, want: string) => expect(difference(sent, got)).toBe(want)
  check(tally([a('x'), b('y')]), '5 samples were sent, 3 arrived')
  check(tally([a('x'), b('x'), b('y'), b('y')]), '5 samples were sent, 7 arrived')
  check(tally([a('x'), b('x'), b('z')]), 'tenant "y": 2 samples were sent, 0 arrived')
  check(tally([a('x', 3), b('x'), b('y')]), 'tenant "x": the samples that arrived are not those sent')
  check(sum(tally([a('x'), b('x'), b('y')], '')), 'tenant "x": 3 samples were sent, 0 arrived')
})

test('times multiply', () => {
  const thrice = emptyTally()
  addTally(thrice, tally([a('x'), b('y')]), 3)
  const one = tally([a('x'), b('y')])
  expect(difference(sum(one, one, one), thrice)).toBe(undefined)
  expect(thrice.series).toBe(6n)
})
