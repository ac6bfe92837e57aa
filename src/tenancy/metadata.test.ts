import { expect, test } from 'vitest'
import { defaultTenancy } from '../config/tenancy-settings.ts'
import { encodeWriteRequest } from '../dev/encode.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import { Families, type FamiliesOptions } from './metadata.ts'
import { OutcomeCache } from './outcome-cache.ts'
import { compileRouter } from './route.ts'
import { split } from './split.ts'

const router = compileRouter({ ...defaultTenancy, labels: ['t'] })
const everyone = () => true
const minute = 60_000
const record = (text: string) => new TextEncoder().encode(text)

/** Learns `tenant name` pairs, one push for all of them. */
function learn(families: Families, pairs: readonly string[], now: number, filter = everyone as (t: string) => boolean) {
  const series = pairs.map((pair) => {
    const [tenant = '', name = ''] = pair.split(' ')
    return {
      labels: [
        ['__name__', name],
        ['t', tenant],
      ] as const,
    }
  })
  const batch = remoteWrite1.scan(encodeWriteRequest({ series }), router.watch)
  families.learn(batch, split(batch, router, '', new OutcomeCache()), filter, now)
}

function familiesWith(pairs: readonly string[], options?: FamiliesOptions): Families {
  const families = new Families(options)
  learn(families, pairs, 0)
  return families
}

const tenants = (families: Families, family: string, now = 0, filter = everyone as (t: string) => boolean) =>
  [...families.tenantsOf(family, filter, now)].sort().join(' ')

test('a family matches series named it, or it and one of the suffixes', () => {
  const suffixes = ['', '_total', '_bucket', '_sum', '_count', '_created', '_info', '_gsum', '_gcount']
  const families = familiesWith(suffixes.map((suffix, i) => `t${i} http${suffix}`))
  expect(tenants(families, 'http')).toBe('t0 t1 t2 t3 t4 t5 t6 t7 t8')
  expect(tenants(families, 'http_total')).toBe('t1')
  expect(tenants(families, 'htt')).toBe('')
  expect(tenants(familiesWith(['a http_max']), 'http')).toBe('')
})

test('each tenant that sent a series of the family, for an hour', () => {
  const families = familiesWith(['a up', 'b up', 'a up', 'c down'])
  expect(families.pairs).toBe(3)
  expect(tenants(families, 'up', 60 * minute)).toBe('a b')
  expect(tenants(families, 'up', 60 * minute + 1)).toBe('')
  learn(families, ['b up'], 40 * minute)
  expect(tenants(families, 'up', 90 * minute)).toBe('b')
  expect(families.pairs).toBe(3)
})

test('a pair that is seen all the time is never forgotten', () => {
  const families = new Families()
  for (let now = 0; now < 180 * minute; now += minute / 4) {
    learn(families, ['a up', 'b up'], now)
    expect(tenants(families, 'up', now)).toBe('a b')
  }
})

test('tenants that the filter refuses neither learn nor get anything', () => {
  const families = new Families()
  learn(families, ['a up', 'b up'], 0, (tenant) => tenant !== 'b')
  expect(tenants(families, 'up')).toBe('a')
  expect(families.pairs).toBe(1)
  expect(tenants(families, 'up', 0, (tenant) => tenant !== 'a')).toBe('')
})

test('items that went nowhere, and those without a name, teach nothing', () => {
  const families = familiesWith(['a|b up', 'a '])
  expect(families.pairs).toBe(0)
})

test('the pairs not seen for the longest time go first', () => {
  const families = familiesWith(['a one', 'a two', 'a three', 'b one', 'a four'], { maxPairs: 4 })
  expect(families.pairs).toBe(4)
  // `one` was used again by b: it is younger than `two`.
  expect(['one', 'two', 'three', 'four'].map((name) => tenants(families, name))).toEqual(['a b', '', 'a', 'a'])
})

test('names are bounded in bytes; giant ones are not followed', () => {
  const name = (i: number) => `n${String(i).padStart(499, '0')}`
  const families = familiesWith(
    Array.from({ length: 100 }, (_, i) => `a ${name(i)}`),
    { maxNamesBytes: 5000 },
  )
  expect(families.pairs).toBe(10)
  expect(tenants(families, name(99))).toBe('a')
  expect(tenants(familiesWith([`a ${'x'.repeat(513)}`]), 'x'.repeat(513))).toBe('')
})

test('what nobody has sent yet is held until a series comes, then goes to whoever sent it', () => {
  const families = familiesWith(['a other'])
  families.release(everyone, 0)
  expect(families.hold('up', record('1'), 'd', 0)).toBe(true)
  expect(families.hold('down', record('2'), '', 0)).toBe(true)
  expect(families.release(everyone, 1000)).toEqual({ ready: [], overdue: [] })
  learn(families, ['a up', 'b up_total'], 2000)
  const { ready, overdue } = families.release(everyone, 2000)
  expect(ready.map((entry) => [entry.record.family, [...entry.tenants].sort()])).toEqual([['up', ['a', 'b']]])
  expect(overdue).toEqual([])
  expect(families.held).toBe(1)
})

test('after two minutes the wait is over', () => {
  const families = new Families()
  families.hold('early', record('1'), 'd', 0)
  families.hold('late', record('2'), '', minute)
  expect(families.release(everyone, 2 * minute - 1).overdue).toEqual([])
  expect(families.release(everyone, 2 * minute).overdue.map(({ family, fallback }) => [family, fallback])).toEqual([
    ['early', 'd'],
  ])
  expect(families.release(everyone, 3 * minute).overdue.map(({ family }) => family)).toEqual(['late'])
  expect(families.held).toBe(0)
})

test('what is held is a copy, bounded in number and in bytes', () => {
  const families = new Families({ maxHeld: 3, maxHeldBytes: 10 })
  const request = Buffer.from('a long request with a record in it')
  expect(families.hold('up', request.subarray(7, 12), '', 0)).toBe(true)
  expect(families.hold('up', new Uint8Array(6), '', 0)).toBe(false)
  expect(families.hold('up', new Uint8Array(5), '', 0)).toBe(true)
  expect(families.hold('up', new Uint8Array(0), '', 0)).toBe(true)
  expect(families.hold('up', new Uint8Array(0), '', 0)).toBe(false)
  request.fill(0)
  const { overdue } = families.release(everyone, 2 * minute)
  const first = overdue[0]!.bytes
  expect(Buffer.from(first).toString()).toBe('reque')
  expect(first.buffer.byteLength).toBe(5)
  expect(families.hold('up', new Uint8Array(10), '', 0)).toBe(true)
})

test('a tenant that comes back after a while releases what was held meanwhile', () => {
  const families = familiesWith(['a up'])
  families.release(everyone, 0)
  const nobody = () => false
  families.hold('up', record('1'), '', 20 * minute)
  expect(families.release(nobody, 20 * minute).ready).toEqual([])
  learn(families, ['a up'], 21 * minute)
  expect(families.release(everyone, 21 * minute).ready).toHaveLength(1)
})

test('what teaches nothing new for long is looked at now and then, until a record has to be held', () => {
  const families = new Families()
  for (let body = 0; body < 200; body++) learn(families, ['a up'], 0)
  const knows = (family: string) => families.tenantsOf(family, everyone, 0).size > 0
  let bodies = 0
  do learn(families, ['a up', 'a late'], 0)
  while (++bodies < 10 && !knows('late'))
  expect(bodies).toBeLessThanOrEqual(4)

  for (let body = 0; body < 200; body++) learn(families, ['a up'], 0)
  families.hold('later', new Uint8Array(3), '', 0)
  learn(families, ['a later'], 0)
  expect(knows('later')).toBe(true)
})

test('removed tenants are forgotten, and learned anew when they come back', () => {
  const families = familiesWith(['a up', 'b up', 'a down'])
  families.forget(new Set(['a']), 0)
  expect([families.pairs, tenants(families, 'up'), tenants(families, 'down')]).toEqual([1, 'b', ''])
  learn(families, ['a up'], 1)
  expect([families.pairs, tenants(families, 'up')]).toEqual([2, 'a b'])
  families.forget(new Set(), 60 * minute + 1)
  expect([families.pairs, tenants(families, 'up', 1)]).toEqual([1, 'a'])
})
