import { expect, test } from 'vitest'
import { decodeRequest2 } from '../../../../dev/decode-v2.ts'
import { encodeRequest2, type SeriesInput2 } from '../../../../dev/encode-v2.ts'
import { watchLabels } from '../../../../wire/codec.ts'
import { remoteWrite1 } from '../../../../wire/v1/codec.ts'
import { remoteWrite2 } from '../../../../wire/v2/codec.ts'
import { TypeAndUnitLabels } from './type-and-unit-labels.ts'

const watch = watchLabels([])
const stage = new TypeAndUnitLabels()

/** Labels of a series that says this of itself, as `name=value …`. */
const check = (labels: readonly (readonly [string, string])[], metadata: SeriesInput2['metadata'], want: string) => {
  const item = { labels, samples: [[1, 1000]], ...(metadata && { metadata }) } as const
  const { bytes } = stage.apply(remoteWrite2.scan(encodeRequest2({ series: [item, item] }), watch))
  const { series, tableFaults } = decodeRequest2(bytes)
  expect(series.map((one) => one.labels.map((label) => label.join('=')).join(' '))).toEqual([want, want])
  expect([series[0]?.metadata, tableFaults]).toEqual([metadata && { help: '', unit: '', ...metadata }, []])
}

test('type and unit become labels, sorted, in place of what was there', () => {
  const up = [
    ['__name__', 'up'],
    ['job', 'x'],
  ] as const
  check(up, { type: 2, unit: 'seconds' }, '__name__=up __type__=gauge __unit__=seconds job=x')
  check([['A', 'b'], ...up], { type: 4 }, 'A=b __name__=up __type__=gaugehistogram job=x')
  check([...up, ['__type__', 'x']], { type: 1, help: 'h' }, '__name__=up __type__=counter job=x')
  // As Prometheus does it: where either is said, both are taken from there.
  check([['__type__', 'x'], ...up], { type: 0, unit: 'bytes' }, '__name__=up __unit__=bytes job=x')
})

test('what says nothing stays as it is', () => {
  const labels = [
    ['job', 'x'],
    ['__type__', 'mine'],
  ] as const
  check(labels, undefined, 'job=x __type__=mine')
  check(labels, { type: 0, help: 'h' }, 'job=x __type__=mine')
  check(labels, { type: 99 }, 'job=x __type__=mine')
  const faulty = { labelRefs: [1, 77], metadata: { type: 1 } }
  for (const batch of [
    remoteWrite2.scan(
      encodeRequest2({ series: [faulty, { labels, metadata: { type: 0 } }], symbols: ['', 'a'] }),
      watch,
    ),
    remoteWrite1.scan(new Uint8Array(0), watch),
  ])
    expect(stage.apply(batch)).toBe(batch)
})
