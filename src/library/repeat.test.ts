// A repeat sends only what failed, and what makes a push the repeat of another.

import { expect, test } from 'vitest'
import { metricsOf } from '../../test/support/pipeline.ts'
import { startTenantUpstream } from '../../test/support/tenant-upstream.ts'
import { tenantFetch } from './tenant-fetch.ts'
import type { TenantResult } from './tenant-options.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const options = { labels: ['tenant'] }
const body = metricsOf(['a', 'b', 'c'])

test('only unfinished tenants are asked again; a refusal for good is remembered with its text', async () => {
  const upstream = await startTenantUpstream(({ tenant }) =>
    tenant === 'a' ? 200 : tenant === 'b' ? { status: 400, text: 'never' } : 503,
  )
  const told: TenantResult[] = []
  const send = tenantFetch(fetch, { ...options, onTenantResult: (result) => told.push(result) })
  const push = (more: Record<string, string> = {}) =>
    send(upstream.url, { method: 'POST', headers: { ...headers, ...more }, body })
  expect((await push()).status).toBe(503)
  expect(upstream.tenants()).toEqual(['a', 'b', 'c'])
  told.length = 0
  upstream.tell = () => 200
  const answer = await push({ 'retry-attempt': '1', traceparent: '00-other' })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toBe('1 of 3 tenants failed\ntenant b: 400 never\n')
  expect(upstream.tenants()).toEqual(['c'])
  expect(upstream.arrivals.at(-1)?.headers).toMatchObject({ 'retry-attempt': '1', traceparent: '00-other' })
  expect(told.map(({ tenant, status, body: text }) => `${tenant} ${status} ${Buffer.from(text)}`).sort()).toEqual([
    'a 200 ',
    'b 400 never',
    'c 200 ',
  ])
  expect((await push()).status).toBe(200)
  expect(upstream.tenants()).toEqual(['a', 'b', 'c'])
})

test('before a Retry-After is over upstream is not asked', async () => {
  const limited = { status: 429, text: 'slow down', headers: { 'retry-after': '20' } }
  const upstream = await startTenantUpstream(({ tenant }) => (tenant === 'b' ? limited : 200))
  const send = tenantFetch(fetch, options)
  const push = () => send(upstream.url, { method: 'POST', headers, body })
  await push()
  const again = await push()
  expect([again.status, again.headers.get('retry-after')]).toEqual([429, '20'])
  expect(upstream.tenants()).toEqual(['a', 'b', 'c'])
})

test('others’ pushes of the same bytes are no repeat', async () => {
  const upstream = await startTenantUpstream(() => 503)
  const send = tenantFetch(fetch, options)
  const check = async (more: Record<string, string>, url = upstream.url, wrapped = send) => {
    upstream.tell = ({ tenant }) => (tenant === 'c' ? 503 : 200)
    await send(upstream.url, { method: 'POST', headers, body })
    upstream.tenants()
    upstream.tell = () => 200
    await wrapped(url, { method: 'POST', headers: { ...headers, ...more }, body })
    expect(upstream.tenants()).toEqual(['a', 'b', 'c'])
    await send(upstream.url, { method: 'POST', headers, body })
    expect(upstream.tenants()).toEqual(['c'])
  }
  await check({ authorization: 'Basic other' })
  await check({ 'x-stack': '2' })
  await check({}, `${upstream.origin}/other/push`)
  await check({}, upstream.url, tenantFetch(fetch, options))
})
