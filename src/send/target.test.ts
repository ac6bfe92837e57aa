import { expect, test } from 'vitest'
import type { Override } from '../config/tenancy-settings.ts'
import type { Send } from '../wire/message.ts'
import { compileTargets, type Target } from './target.ts'

const base: Target = {
  url: 'http://base/',
  headers: { 'x-a': '1', 'x-b': '2' },
  timeoutMs: 10_000,
  rateLimit: { samplesPerSecond: 0, burst: 0 },
}

test('the first override that matches wins, and replaces only what it gives', () => {
  const overrides: Override[] = [
    { tenants: ['team-*'], url: 'http://teams/', headers: { 'X-B': '€' } },
    { tenants: ['team-a', 'b?'], remoteTimeoutMs: 500, rateLimit: { samplesPerSecond: 5, burst: 6 } },
  ]
  const targetOf = compileTargets(base, overrides, () => undefined)
  expect(targetOf('other')).toBe(base)
  expect(targetOf('team-a')).toEqual({ ...base, url: 'http://teams/', headers: { 'x-a': '1', 'x-b': '\xe2\x82\xac' } })
  expect(targetOf('bb')).toEqual({ ...base, timeoutMs: 500, rateLimit: { samplesPerSecond: 5, burst: 6 } })
  expect(targetOf('bbb')).toBe(base)
})

test('an override may be sent for in its own way', () => {
  const own: Send = () => Promise.reject(new Error('not sent'))
  const overrides: Override[] = [{ tenants: ['a'] }, { tenants: ['b'], client: { followRedirects: true } }]
  const targetOf = compileTargets(base, overrides, ({ client }) => client && own)
  expect(targetOf('a').send).toBeUndefined()
  expect(targetOf('b')).toEqual({ ...base, send: own })
})

test('what is withheld: nothing, unless an override says so', () => {
  const overrides: Override[] = [
    { tenants: ['a'], sendExemplars: true, sendNativeHistograms: true },
    { tenants: ['b'], sendExemplars: false },
    { tenants: ['c'], sendExemplars: true, sendNativeHistograms: false },
  ]
  const targetOf = compileTargets(base, overrides, () => undefined)
  expect(['a', 'b', 'c'].map((tenant) => targetOf(tenant).withheld)).toEqual([
    undefined,
    { exemplars: true, histograms: false },
    { exemplars: false, histograms: true },
  ])
})
