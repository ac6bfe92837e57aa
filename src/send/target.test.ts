import { expect, test } from 'vitest'
import type { Override } from '../config/tenancy-settings.ts'
import { basicAuthorization, compileTargets, type Target } from './target.ts'

const base: Target = {
  url: 'http://base/',
  headers: { 'x-a': '1', 'x-b': '2' },
  timeoutMs: 10_000,
  rateLimit: { samplesPerSecond: 0, burst: 0 },
}

test('the first override that matches wins, and replaces only what it gives', () => {
  const overrides: Override[] = [
    { tenants: ['team-*'], url: 'http://teams/', headers: { 'X-B': '3' } },
    { tenants: ['team-a', 'b?'], remoteTimeoutMs: 500, rateLimit: { samplesPerSecond: 5, burst: 6 } },
  ]
  const targetOf = compileTargets(base, overrides)
  expect(targetOf('other')).toBe(base)
  expect(targetOf('team-a')).toEqual({ ...base, url: 'http://teams/', headers: { 'x-a': '1', 'x-b': '3' } })
  expect(targetOf('bb')).toEqual({ ...base, timeoutMs: 500, rateLimit: { samplesPerSecond: 5, burst: 6 } })
  expect(targetOf('bbb')).toBe(base)
})

test('Basic auth of an override takes the place of any other authorization', () => {
  const basicAuth = { username: 'usér', password: 'p:w' }
  const withAuth = { ...base, headers: { authorization: 'Bearer x' } }
  const targetOf = compileTargets(withAuth, [{ tenants: ['a'], basicAuth }])
  expect(targetOf('a').headers).toEqual({ authorization: basicAuthorization(basicAuth) })
  const [scheme, credentials = ''] = targetOf('a').headers.authorization!.split(' ')
  expect([scheme, Buffer.from(credentials, 'base64').toString()]).toEqual(['Basic', 'usér:p:w'])
})
