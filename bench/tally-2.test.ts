import { expect, test } from 'vitest'
import { encodeHistogram, encodeWriteRequest, snappyBlock } from '../src/dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../src/dev/encode-v2.ts'
import { uncompress } from '../src/wire/snappy.ts'
import { makeBodies } from './bodies.ts'
import { inMessage2 } from './message.ts'
import { difference, tallyBody } from './tally.ts'
import { tallyBody2 } from './tally-2.ts'

const one = (more: Partial<SeriesInput2> = {}): SeriesInput2 => ({
  labels: [
    ['__name__', 'a'],
    ['tenant', 'x'],
    ['zone', 'z'],
  ],
  samples: [[1, 1000]],
  ...more,
})
const tally = (series: SeriesInput2, symbols = ['']) =>
  tallyBody2(encodeRequest2({ series: [series], symbols }), 'tenant')

test('the same series tell the same in either form', () => {
  for (const tenants of [1, 50]) {
    const [body] = makeBodies({ tenants, order: 'shuffled', series: 500 }, 1, 7)
    const [first, second] = [body!, inMessage2(body!)].map(({ compressed }) => uncompress(compressed, 2 ** 24))
    const wanted = tallyBody(first!, 'tenant')
    const found = tallyBody2(second!, 'tenant')
    expect(difference(wanted, found)).toBe(undefined)
    expect([found.series, found.labelled]).toEqual([500n, 500n])
  }
})

test('what only some series hold goes over, stale markers bit for bit', () => {
  const stale = 0x7ff0000000000002n
  const series = [
    { labels: one().labels!, samples: [[stale, 1] as const] },
    { labels: one().labels!, histograms: [encodeHistogram(3, 4, 1000)] },
    { labels: one().labels!, exemplars: [{ labels: [['trace_id', 't'] as const], value: 1, tsMs: 5 }] },
  ]
  const raw = encodeWriteRequest({ series })
  const { compressed } = inMessage2({ compressed: snappyBlock(raw), rawLength: raw.length })
  expect(difference(tallyBody(raw, 'tenant'), tallyBody2(uncompress(compressed, 2 ** 20), 'tenant'))).toBe(undefined)
})

test('neither the table, the tenant label nor empty metadata matters', () => {
  const check = (got: ReturnType<typeof tally>) => expect(difference(tally(one()), got)).toBe(undefined)
  check(tally(one(), ['', 'unused', 'z', 'z', '__name__']))
  check(tally(one({ metadata: {} })))
  const bare = { labels: one().labels!.filter(([name]) => name !== 'tenant') }
  check(tallyBody2(encodeRequest2({ series: [one(bare)] }), 'tenant', 'x'))
})

test('whatever else is changed shows', () => {
  const check = (more: Partial<SeriesInput2>) =>
    expect(difference(tally(one()), tally(one(more)))).toBe('tenant "x": the samples that arrived are not those sent')
  check({ samples: [[2, 1000]] })
  check({ samples: [[1, 1000, 500]] })
  check({ labels: [...one().labels!, ['zz', 'z']] })
  check({ metadata: { help: 'Help.' } })
  check({ metadata: { type: 1 } })
  check({ exemplars: [{ labels: [], value: 1, tsMs: 1 }] })
})

test('references that lead nowhere, or are alone, are no body', () => {
  const check = (labelRefs: number[], want: RegExp) => expect(() => tally({ labelRefs }, ['', 'a'])).toThrow(want)
  check([1, 2], /reference 2 is outside of 2 symbols/)
  check([1], /1 references are not pairs/)
})
