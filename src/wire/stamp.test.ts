import { expect, test } from 'vitest'
import { at, series } from '../../test/support/bodies.ts'
import { decodeRequest2 } from '../dev/decode-v2.ts'
import { decodeWriteRequest, encodeWriteRequest, type SeriesInput } from '../dev/encode.ts'
import { encodeRequest2 } from '../dev/encode-v2.ts'
import { RESERVED_LABEL, watchLabels } from './codec.ts'
import { codecs } from './codecs.ts'
import { Stamp } from './stamp.ts'

const stamp = new Stamp()
const watch = watchLabels([RESERVED_LABEL])
const protocols = ['remote-write-1', 'remote-write-2'] as const
type Protocol = (typeof protocols)[number]

const encode = { 'remote-write-1': encodeWriteRequest, 'remote-write-2': encodeRequest2 }
const scan = (protocol: Protocol, ...items: readonly SeriesInput[]) =>
  codecs[protocol].scan(encode[protocol]({ series: items }), watch)

const decode = { 'remote-write-1': decodeWriteRequest, 'remote-write-2': decodeRequest2 }

/** Labels of a series as `name=value …`, stamped. */
const check = (value: string | undefined, before: readonly string[], want: string): void => {
  for (const protocol of protocols) {
    const all = [series('a=1'), series(...before), series('z=1', `${RESERVED_LABEL}=x`)]
    const { bytes } = stamp.apply(scan(protocol, ...all), value)
    const shown = decode[protocol](bytes).series.map(({ labels }) => labels.map((label) => label.join('=')).join(' '))
    expect(shown[1]).toBe(want)
    expect(shown.length).toBe(3)
  }
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

test('a malformed series of 2.0 stays so', () => {
  const batch = codecs['remote-write-2'].scan(
    encodeRequest2({ symbols: ['', 'a', 'b'], series: [{ labelRefs: [1, 77] }, { labelRefs: [1, 2] }] }),
    watch,
  )
  const stamped = stamp.apply(batch, 't')
  expect([batch.faults.size, stamped.faults]).toEqual([1, batch.faults])
  expect(stamped.codec.labels(stamped, 1)).toEqual([
    ['__tenant_id__', 't'],
    ['a', 'b'],
  ])
})

test('a batch that stays as it is is the same one, and samples stay with their series', () => {
  for (const protocol of protocols) {
    const batch = scan(protocol, series('a=b'), series('c=d'))
    expect(stamp.apply(batch, undefined)).toBe(batch)
    const both = stamp.apply(scan(protocol, at(5, series('a=b')), at(6, series('__tenant_id__=x'))), 't')
    expect(decode[protocol](both.bytes).series.map(({ samples }) => samples[0]?.tsMs)).toEqual([5, 6])
  }
})
