import { expect, test } from 'vitest'
import { series, write } from '../../test/support/bodies.ts'
import { metricsOf } from '../../test/support/pipeline.ts'
import { startTenantUpstream } from '../../test/support/tenant-upstream.ts'
import { decodeWriteRequest, encodeHistogram } from '../dev/encode.ts'
import { uncompress } from '../wire/snappy.ts'
import { tenantFetch } from './tenant-fetch.ts'
import type { TenantResult } from './tenant-options.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', authorization: 'Basic all' }

test('url and headers of some tenants; the rest of the call is theirs too', async () => {
  const home = await startTenantUpstream()
  const other = await startTenantUpstream()
  const override = [{ tenants: ['b*'], url: other.url, headers: { Authorization: 'Basic b', 'X-Tier': 'gold' } }]
  const send = tenantFetch(fetch, { labels: ['tenant'], override })
  const body = metricsOf(['a', 'b1', 'b2'])
  expect((await send(home.url, { method: 'POST', headers: { ...headers, 'x-tier': 'own' }, body })).status).toBe(200)
  const seen = [...home.arrivals, ...other.arrivals].map((each) => [
    each.tenant,
    each.headers.authorization,
    each.headers['x-tier'],
  ])
  expect(seen.sort()).toEqual([
    ['a', 'Basic all', 'own'],
    ['b1', 'Basic b', 'gold'],
    ['b2', 'Basic b', 'gold'],
  ])
  expect(home.tenants()).toEqual(['a'])
})

test('remoteTimeout: only of those it is for; it counts as 504', async () => {
  const upstream = await startTenantUpstream(({ tenant }) => (tenant === 'slow' ? 'hang' : 200))
  const told: TenantResult[] = []
  const send = tenantFetch(fetch, {
    labels: ['tenant'],
    override: [{ tenants: ['slow'], remoteTimeout: '1s' }],
    onTenantResult: (result) => told.push(result),
  })
  const answer = await send(upstream.url, { method: 'POST', headers, body: metricsOf(['a', 'slow']) })
  expect(answer.status).toBe(504)
  expect(await answer.text()).toMatch(/tenant slow: 504 127\.0\.0\.1:\d+: no answer within \d+ ms/)
  expect(told.map(({ tenant, status, error }) => [tenant, status, error?.code]).sort()).toEqual([
    ['a', 200, undefined],
    ['slow', 504, 'UPSTREAM_TIMEOUT'],
  ])
  await upstream.until(() => upstream.arrivals.some(({ isCut }) => isCut))
})

test('rateLimit: 429 with Retry-After, nothing sent; others are not held back', async () => {
  const upstream = await startTenantUpstream()
  const told: TenantResult[] = []
  const send = tenantFetch(fetch, {
    labels: ['tenant'],
    override: [{ tenants: ['b'], rateLimit: { samplesPerSecond: 1 } }],
    onTenantResult: (result) => told.push(result),
  })
  const push = (...tenants: string[]) => send(upstream.url, { method: 'POST', headers, body: metricsOf(tenants) })
  // Twenty more than there is room for: whatever the machine does between the two pushes, the debt is not paid yet.
  expect((await push('a', ...Array<string>(21).fill('b'))).status).toBe(200)
  told.length = 0
  const answer = await push('a', 'b')
  const retryAfter = Number(answer.headers.get('retry-after'))
  expect(answer.status).toBe(429)
  expect(retryAfter).toBeGreaterThanOrEqual(1)
  expect(retryAfter).toBeLessThanOrEqual(21)
  expect(upstream.tenants()).toEqual(['a', 'a', 'b'])
  expect(told.find(({ tenant }) => tenant === 'b')).toMatchObject({
    status: 429,
    error: { code: 'RATE_LIMITED', retryAfter },
  })
})

test('sendExemplars, sendNativeHistograms: what is withheld is not sent, and a tenant left with nothing is not called', async () => {
  const upstream = await startTenantUpstream()
  const told: TenantResult[] = []
  const send = tenantFetch(fetch, {
    labels: ['tenant'],
    override: [{ tenants: ['b', 'c'], sendExemplars: false, sendNativeHistograms: false }],
    onTenantResult: (result) => told.push(result),
  })
  const exemplars = [{ labels: [], value: 1, tsMs: 2 }]
  const histograms = [encodeHistogram(1, 2, 3)]
  const full = (tenant: string) => ({ ...series('__name__=m', `tenant=${tenant}`), exemplars, histograms })
  const { samples: _, ...hollow } = full('b')
  const body = write([full('a'), full('b'), hollow, { ...full('c'), samples: [] }])
  expect((await send(upstream.url, { method: 'POST', headers, body })).status).toBe(200)
  const seen = upstream.arrivals.map(({ tenant, body: part }) => [
    tenant,
    ...decodeWriteRequest(uncompress(part, 1 << 20)).series.map(
      (one) => `${one.samples.length}/${one.exemplars.length}/${one.histograms.length}`,
    ),
  ])
  expect(seen.sort()).toEqual([
    ['a', '1/1/1'],
    ['b', '1/0/0'],
  ])
  expect(told.map(({ tenant, series: count }) => [tenant, count]).sort()).toEqual([
    ['a', 1],
    ['b', 1],
  ])
})
