import { expect, test } from 'vitest'
import { flag, NONE } from '../batch.ts'
import { watchLabels } from '../codec.ts'
import { compress, uncompress } from '../snappy.ts'
import { remoteWrite1 } from './codec.ts'

const bytesOf = (...parts: (number | string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((p) => (typeof p === 'number' ? Buffer.from([p]) : Buffer.from(p as Uint8Array))))
const field = (number: number, body: Uint8Array): Uint8Array => bytesOf((number << 3) | 2, body.length, body)
const label = (name: string, value: string): Uint8Array =>
  field(1, bytesOf(0x0a, name.length, name, 0x12, value.length, value))
const sample = bytesOf(0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 5)
const series = (labels: Record<string, string>): Uint8Array =>
  field(1, bytesOf(...Object.entries(labels).map(([n, v]) => label(n, v)), sample))
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)

test('finds each series, its tenant by preference, its name and its samples', () => {
  const body = bytesOf(
    series({ __name__: 'up', a: '1', b: '2' }),
    series({ __name__: 'down', b: '3' }),
    series({ c: '4' }),
  )
  const batch = remoteWrite1.scan(body, watchLabels(['b', 'a']))
  const value = (i: number) => Buffer.from(body.subarray(batch.valueStart[i], batch.valueEnd[i])).toString()
  expect(batch.count).toBe(3)
  expect([...batch.which]).toEqual([0, 0, NONE])
  expect([value(0), value(1)]).toEqual(['2', '3'])
  expect(Buffer.from(body.subarray(batch.nameStart[1], batch.nameEnd[1])).toString()).toBe('down')
  expect([...batch.samples]).toEqual([1, 1, 1])
  expect(remoteWrite1.labels(batch, 0)).toEqual([
    ['__name__', 'up'],
    ['a', '1'],
    ['b', '2'],
  ])
})

test('an empty value gives way to the next name in preference', () => {
  const batch = remoteWrite1.scan(series({ a: '', b: 'x' }), watchLabels(['a', 'b']))
  expect(batch.which[0]).toBe(1)
})

test('gather keeps bytes and order; removal takes only the label that matched', () => {
  const one = series({ __name__: 'up', t: 'x', z: '1' })
  const two = series({ __name__: 'up', t: 'y', z: '2' })
  const unknown = bytesOf(field(9, bytesOf(1, 2, 3)))
  const batch = remoteWrite1.scan(bytesOf(one, two, unknown), watchLabels(['t']))
  expect(Buffer.from(remoteWrite1.gather(batch, all(2), 2, false))).toEqual(bytesOf(one, two, unknown))
  expect(Buffer.from(remoteWrite1.gather(batch, Uint32Array.of(1), 1, true))).toEqual(
    bytesOf(series({ __name__: 'up', z: '2' }), unknown),
  )
})

test('a label that occurs twice goes twice, and the reserved one always goes', () => {
  const body = series2(['a', '1'], ['t', 'x'], ['t', 'y'], ['__tenant_id__', 'z'])
  const batch = remoteWrite1.scan(body, watchLabels(['t']))
  expect(batch.flags[0]! & flag.repeated).toBeTruthy()
  expect(Buffer.from(remoteWrite1.gather(batch, all(1), 1, true))).toEqual(series2(['a', '1']))
  expect(Buffer.from(remoteWrite1.gather(batch, all(1), 1, false))).toEqual(series2(['a', '1'], ['t', 'x'], ['t', 'y']))
  const named = remoteWrite1.scan(body, watchLabels(['t', '__tenant_id__']))
  expect(Buffer.from(remoteWrite1.gather(named, all(1), 1, false))).toEqual(body)
})

const series2 = (...labels: [string, string][]) => field(1, bytesOf(...labels.map(([n, v]) => label(n, v)), sample))

test('says what removal would leave', () => {
  const flags = (body: Uint8Array) =>
    remoteWrite1.scan(body, watchLabels(['t'])).flags[0]! & (flag.bare | flag.reservedOnly)
  expect(flags(series2(['t', 'x']))).toBe(flag.bare)
  expect(flags(series2(['__tenant_id__', 'x']))).toBe(flag.bare | flag.reservedOnly)
  expect(flags(series2(['t', 'x'], ['__tenant_id__', 'x']))).toBe(flag.bare)
  expect(flags(series2(['a', 'x'], ['t', 'x']))).toBe(0)
})

test('a snappy block is bounded by its claim before anything is allocated', () => {
  const block = compress(new Uint8Array(1000))
  expect(uncompress(block, 1000).length).toBe(1000)
  expect(() => uncompress(block, 999)).toThrow(/claims to unpack to 1000 bytes/)
  expect(() => uncompress(Buffer.from('ffffffff0f00', 'hex'), 1 << 26)).toThrow(/claims to unpack to 4294967295/)
  expect(() => uncompress(Buffer.from('ffffff0f00', 'hex'), 1 << 26)).toThrow(/cannot unpack to the 33554431/)
  expect(() => uncompress(Buffer.from('foobar'), 1 << 26)).toThrow(/byte \d+ of the compressed body/)
})
