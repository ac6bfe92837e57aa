import { expect, test } from 'vitest'
import { changesOf, changesText } from './difference.ts'
import type { Judgement } from './judged.ts'

/** Series a, b, …, each with its ends as `place text`. */
const judged = (isAgent: boolean, ...series: readonly (readonly string[])[]): Judgement => ({
  isAgent,
  series: series.map((ends, index) => ({
    labels: [['n', 'abcdef'[index] as string]],
    ends: ends.map((end) => {
      const [at = '', ...words] = end.split(' ')
      return { at, kind: 'tenant', text: words.join(' '), rule: '' }
    }),
  })),
  text: '',
  report: {},
})

const check = (before: Judgement, after: Judgement, ...want: readonly string[]) =>
  expect(changesText(changesOf(before, after), before.series.length)).toBe(`${want.join('\n')}\n`)

test('by endpoint', () => {
  check(
    judged(true, ['x/0 tenant a'], ['x/0 tenant b'], ['x/0 tenant c', 'y/0 tenant c'], []),
    judged(true, ['x/0 tenant a'], ['x/0 tenant d'], ['x/0 tenant c', 'z/0 tenant c'], ['x/0 tenant a']),
    ...['{n="b"}', '  x/0: tenant b → tenant d'],
    ...['{n="c"}', '  y/0: tenant c → nothing', '  z/0: nothing → tenant c'],
    ...['{n="d"}', '  x/0: nothing → tenant a'],
    '3 of 4 series would end elsewhere',
  )
})

test('several ways to one endpoint are a set', () => {
  check(
    judged(true, ['x/0 tenant a', 'x/0 tenant b'], ['x/0 tenant a']),
    judged(true, ['x/0 tenant b', 'x/0 tenant a', 'x/0 tenant a'], ['x/0 tenant a', 'x/0 tenant b']),
    ...['{n="b"}', '  x/0: tenant a → tenant a and tenant b'],
    '1 of 2 series would end elsewhere',
  )
})

test('a proxy and an agent are compared by tenants alone', () => {
  check(
    judged(false, ['proxy/metrics tenant a'], ['proxy/metrics tenant b']),
    judged(true, ['x/0 tenant a'], ['x/0 tenant c']),
    ...['{n="b"}', '  tenant b → tenant c'],
    '1 of 2 series would end elsewhere',
  )
})
