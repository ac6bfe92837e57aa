import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultTenancy, type TenancySettings } from '../config/tenancy-settings.ts'
import { encodeLokiPush, encodeWriteRequest, type LabelInput } from '../dev/encode.ts'
import type { Batch } from '../wire/batch.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import { OutcomeCache } from './outcome-cache.ts'
import { compileRouter, type Router, route } from './route.ts'
import { NOWHERE, type Split, split } from './split.ts'

const routerOf = (settings: Partial<TenancySettings>) => compileRouter({ ...defaultTenancy, ...settings })
const batchOf = (router: Router, series: (readonly LabelInput[])[]): Batch =>
  remoteWrite1.scan(
    encodeWriteRequest({ series: series.map((labels) => ({ labels, samples: [[1, 2]] })) }),
    router.watch,
  )
const total = (list: readonly { readonly count: number }[]) => list.reduce((sum, { count }) => sum + count, 0)

/** Where each item went, as `route` would put it: the tenant, or kind and reason. */
function placesOf(batch: Batch, divided: Split): (string | undefined)[] {
  const places = new Array<string | undefined>(batch.count)
  for (const part of divided.parts) {
    for (const i of part.indexes.subarray(0, part.count)) places[i] = part.tenant
  }
  return places
}

const name = fc.constantFrom('__name__', 'job', 'team', 'tenant', '__tenant_id__', 'teams', 'tean')
const value = fc.constantFrom('', 'a', 'b', 'team-1', 'd', 'a|b', '.', '\ufeffa', 'é', 'x'.repeat(151), 'y'.repeat(400))
const labelSet = fc.array(fc.tuple(name, value), { maxLength: 5 })
const settings: fc.Arbitrary<Partial<TenancySettings>> = fc.record({
  labels: fc.shuffledSubarray(['team', 'tenant', '__tenant_id__'], { minLength: 1 }),
  default: fc.constantFrom('', 'd', 'a|b', 'x'.repeat(151)),
  onMissing: fc.constantFrom('reject' as const, 'drop' as const),
  onInvalid: fc.constantFrom('reject' as const, 'drop' as const, 'default' as const),
  keepLabel: fc.boolean(),
  allow: fc.constantFrom<string[]>([], ['*a', 'd', 'p-*'], ['team-?']),
  deny: fc.constantFrom<string[]>([], ['b'], ['*']),
})

/** Each item is where `route` puts its labels; every item is somewhere, once. */
function agrees(batch: Batch, router: Router, prefix: string, cache: OutcomeCache): void {
  const divided = split(batch, router, prefix, cache)
  const places = placesOf(batch, divided)
  const refused = new Map<string, number>()
  for (let i = 0; i < batch.count; i++) {
    const outcome = route(batch.codec.labels(batch, i), router, prefix)
    if (outcome.kind === 'tenant') {
      expect(places[i]).toBe(outcome.tenant)
      expect(divided.parts[divided.partOf[i]!]!.tenant).toBe(outcome.tenant)
    } else {
      expect([places[i], divided.partOf[i]]).toEqual([undefined, NOWHERE])
      const key = `${outcome.kind} ${outcome.reason} ${outcome.rule} ${outcome.tenant}`
      refused.set(key, (refused.get(key) ?? 0) + 1)
    }
  }
  const counted = new Map<string, number>()
  for (const { outcome, count } of [...divided.rejected, ...divided.dropped]) {
    const key = `${outcome.kind} ${outcome.reason} ${outcome.rule} ${outcome.tenant}`
    counted.set(key, (counted.get(key) ?? 0) + count)
  }
  expect(counted).toEqual(refused)
  expect(new Set(divided.parts.map(({ tenant }) => tenant)).size).toBe(divided.parts.length)
}

test('split puts each series where route says, whatever the labels, the settings and the cache', () => {
  fc.assert(
    fc.property(
      settings,
      fc.constantFrom('', 'p-', 'a|'),
      fc.array(fc.array(labelSet, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
      (chosen, prefix, bodies) => {
        const router = routerOf(chosen)
        const cache = new OutcomeCache(600)
        for (const series of bodies) agrees(batchOf(router, series), router, prefix, cache)
      },
    ),
    { numRuns: 2000 },
  )
})

test('split puts each stream where route says', () => {
  const quoted = value.map((text) => JSON.stringify(text))
  const streamLabels = fc
    .uniqueArray(fc.tuple(name, quoted), { maxLength: 4, selector: ([key]) => key })
    .map((pairs) => `{${pairs.map(([key, text]) => `${key}=${text}`).join(', ')}}`)
  fc.assert(
    fc.property(settings, fc.array(streamLabels, { maxLength: 8 }), (chosen, streams) => {
      const router = routerOf(chosen)
      const entries = [{ tsNs: 1n, line: 'x' }]
      const body = encodeLokiPush({ streams: streams.map((labels) => ({ labels, entries })) })
      agrees(lokiPush.scan(body, router.watch), router, '', new OutcomeCache())
    }),
    { numRuns: 500 },
  )
})

test('a part says whether gathering it rewrites anything', () => {
  const check = (chosen: Partial<TenancySettings>, labels: LabelInput[], want: boolean) => {
    const router = routerOf({ labels: ['team'], default: 'd', ...chosen })
    const { parts } = split(batchOf(router, [[['__name__', 'up'], ...labels]]), router, '', new OutcomeCache())
    expect(parts.map(({ rewrites }) => rewrites)).toEqual([want])
  }
  check({}, [['team', 'a']], true)
  check({}, [], false)
  check({}, [['team', '']], false)
  check({ keepLabel: true }, [['team', 'a']], false)
  check({ keepLabel: true }, [['__tenant_id__', 'a']], true)
  check({ keepLabel: true, labels: ['__tenant_id__'] }, [['__tenant_id__', 'a']], false)
})

test('items keep their order within a part, and samples are added up', () => {
  const router = routerOf({ labels: ['t'] })
  const series = ['a', 'b', 'a', 'c', 'b', 'a'].map((t, i): LabelInput[] => [
    ['i', String(i)],
    ['t', t],
  ])
  const { parts } = split(batchOf(router, series), router, '', new OutcomeCache())
  expect(parts.map(({ tenant, indexes, count, samples }) => [tenant, [...indexes], count, samples])).toEqual([
    ['a', [0, 2, 5], 3, 3],
    ['b', [1, 4], 2, 2],
    ['c', [3], 1, 1],
  ])
})

test('a cache that overflows in the middle of a body still makes one part of each tenant', () => {
  const values = Array.from({ length: 70_000 }, (_, i) => `no|${i}`)
  const all = [...values, 'a', 'b', ...values, 'a', 'b', 'c']
  const router = routerOf({ labels: ['t'] })
  const cache = new OutcomeCache(1 << 30)
  const batch = batchOf(
    router,
    all.map((t): LabelInput[] => [
      ['i', ''],
      ['t', t],
    ]),
  )
  const before = cache.generation
  const divided = split(batch, router, '', cache)
  expect(cache.generation).toBeGreaterThan(before)
  expect(divided.parts.map(({ tenant, count }) => [tenant, count])).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 1],
  ])
  expect(total(divided.rejected)).toBe(140_000)
  // 100 ids apart, all others together under none.
  expect(divided.rejected).toHaveLength(101)
  expect(divided.rejected.at(-1)?.outcome.tenant).toBeUndefined()
})

test('the cache is bounded in bytes, and keeps little of a giant value', () => {
  const router = routerOf({ labels: ['t'] })
  const cache = new OutcomeCache(100_000)
  const batch = batchOf(
    router,
    Array.from({ length: 1000 }, (_, i): LabelInput[] => [
      ['i', ''],
      ['t', `${'x'.repeat(1000)}${i}`],
    ]),
  )
  const divided = split(batch, router, '', cache)
  expect(total(divided.rejected)).toBe(1000)
  expect(cache.generation).toBeGreaterThan(3)
  expect(cache.outcomes.length).toBeLessThan(300)
})

test('a request for more tenants than allowed is refused as a whole, by tenants and not by values', () => {
  const split3 = (maxTenantsPerRequest: number, values: string[], prefix = '') => {
    const router = routerOf({ labels: ['t', 'u'], maxTenantsPerRequest })
    const series = values.map((t, i): LabelInput[] => [
      ['i', ''],
      [i % 2 === 0 ? 't' : 'u', t],
    ])
    return split(batchOf(router, series), router, prefix, new OutcomeCache())
  }
  expect(split3(2, ['a', 'b', 'a', 'b', '|', '/', ' ']).parts).toHaveLength(2)
  expect(split3(1, ['a', 'a']).parts).toHaveLength(1)
  expect(() => split3(2, ['a', 'b', 'c'])).toThrow(
    'the request is for more than 2 tenants (tenancy.max_tenants_per_request); nothing was sent',
  )
})
