import { expect, test } from 'vitest'
import { at, series } from '../../../test/support/bodies.ts'
import { decodeWriteRequest, encodeWriteRequest, type SeriesInput } from '../../dev/encode.ts'
import { RESERVED_LABEL, watchLabels } from '../codec.ts'
import { remoteWrite1 } from './codec.ts'
import { Stamp } from './stamp.ts'

const stamp = new Stamp()
const watch = watchLabels([RESERVED_LABEL])
const scan = (...items: readonly SeriesInput[]) => remoteWrite1.scan(encodeWriteRequest({ series: items }), watch)

/** Labels of a series as `name=value …`, stamped. */
const check = (value: string | undefined, before: readonly string[], want: string): void => {
  const item = series(...before)
  const { bytes } = stamp.apply(scan(series('a=1'), item, series('z=1', `${RESERVED_LABEL}=x`)), value)
  const shown = decodeWriteRequest(bytes).series.map(({ labels }) => labels.map((label) => label.join('=')).join(' '))
  expect(shown[1]).toBe(want)
  expect(shown.length).toBe(3)
}

test('a value is set, and replaces what was there', () => {
  check('t', ['__name__=m', 'a=b'], '__name__=m __tenant_id__=t a=b')
  check('t', ['__name__=m'], '__name__=m __tenant_id__=t')
  check('t', ['A=1', 'a=b'], 'A=1 __tenant_id__=t a=b')
  check('t', ['__tenant_id__=spoofed', 'a=b'], '__tenant_id__=t a=b')
  check('t', ['a=b', '__tenant_id__=spoofed', 'c=d', '__tenant_id__=again'], '__tenant_id__=t a=b c=d')
  check('t', ['__tenant_id=1', '__tenant_id__x=2'], '__tenant_id=1 __tenant_id__=t __tenant_id__x=2')
  check('t', [], '__tenant_id__=t')
  check('x'.repeat(300), [`a=${'b'.repeat(500)}`], `__tenant_id__=${'x'.repeat(300)} a=${'b'.repeat(500)}`)
})

test('without a value it goes, wherever it stands', () => {
  check(undefined, ['__name__=m', '__tenant_id__=t', 'a=b'], '__name__=m a=b')
  check(undefined, ['a=b', '__tenant_id__=t', 'c=d', '__tenant_id__='], 'a=b c=d')
  check(undefined, ['__name__=m', 'a=b'], '__name__=m a=b')
})

test('where it is all there is, its value goes', () => {
  check(undefined, ['__tenant_id__=t'], '__tenant_id__=')
  check(undefined, ['__tenant_id__=t', '__tenant_id__=u'], '__tenant_id__=')
  check(undefined, ['__tenant_id__='], '__tenant_id__=')
  check(undefined, [], '')
})

test('a batch that stays as it is is the same one, and samples stay with their series', () => {
  const batch = scan(series('a=b'), series('c=d'))
  expect(stamp.apply(batch, undefined)).toBe(batch)
  const both = stamp.apply(scan(at(5, series('a=b')), at(6, series('__tenant_id__=x'))), 't')
  expect(decodeWriteRequest(both.bytes).series.map(({ samples }) => samples[0]?.tsMs)).toEqual([5, 6])
})
