import { expect, test } from 'vitest'
import { MetadataUnderWay } from './metadata-under-way.ts'

const limits = { maxRequests: 3, maxTenantBytes: 100, maxBytes: 2000 }

test('a tenant has so many requests and bytes; one that has none may send any', () => {
  const underWay = new MetadataUnderWay(limits)
  const [large, small] = [new Uint8Array(150), new Uint8Array(10)]
  const enter = (...bodies: Uint8Array[]) => bodies.map((body) => underWay.enter('a', body))
  expect(enter(large, small)).toEqual([true, false])
  underWay.leave('a', large)
  expect(enter(small, small, small, small)).toEqual([true, true, true, false])
  for (let k = 0; k < 3; k++) underWay.leave('a', small)
  expect(underWay.bytes).toBe(0)
})

test('all together have so many bytes, of which a body that they share is counted once', () => {
  const underWay = new MetadataUnderWay(limits)
  const shared = new Uint8Array(90)
  expect(['a', 'b', 'c'].map((tenant) => underWay.enter(tenant, shared))).toEqual([true, true, true])
  expect(underWay.bytes).toBe(3 * 512 + 90)
  expect(underWay.enter('d', new Uint8Array(10))).toBe(false)
  underWay.leave('b', shared)
  expect(underWay.enter('d', new Uint8Array(10))).toBe(true)
  for (const tenant of ['a', 'c']) underWay.leave(tenant, shared)
  expect(underWay.bytes).toBe(512 + 10)
})
