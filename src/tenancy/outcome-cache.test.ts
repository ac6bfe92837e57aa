import { expect, test } from 'vitest'
import { OutcomeCache } from './outcome-cache.ts'

const variant = 2

function cacheOf(tenants: readonly string[]) {
  const cache = new OutcomeCache()
  const find = (tenant: string): number => cache.find(Buffer.from(tenant), 0, tenant.length, variant)
  const add = (tenant: string): number =>
    cache.add(Buffer.from(tenant), 0, tenant.length, variant, { kind: 'tenant', tenant, rule: 'tenancy.labels' })
  for (const tenant of tenants) add(tenant)
  return { cache, find, add }
}

test('removed tenants are forgotten once half of the entries may be theirs', () => {
  const { cache, find, add } = cacheOf(['a', 'b', 'c', 'd'])
  cache.tenantRemoved()
  cache.tenantRemoved()
  expect([cache.outcomes.length, cache.generation, find('d')]).toEqual([4, 0, 3])
  cache.tenantRemoved()
  expect([cache.outcomes.length, cache.generation, find('d')]).toEqual([0, 1, -1])
  cache.tenantRemoved()
  expect(cache.generation).toBe(1)
  expect([add('d'), find('d')]).toEqual([0, 0])
})
