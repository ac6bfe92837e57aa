import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { logs } from '../../test/support/bodies.ts'
import { metricsOf } from '../../test/support/pipeline.ts'
import { seriesOf, startTenantUpstream, type Tell } from '../../test/support/tenant-upstream.ts'
import { decodeLokiPush, encodeWriteRequest } from '../dev/encode.ts'
import { uncompress } from '../wire/snappy.ts'
import { tenantFetch } from './tenant-fetch.ts'
import type { RefusedResult, TenantOptions, TenantResult } from './tenant-options.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const options = { labels: ['tenant'] }
const post = (body: BodyInit, more: RequestInit = {}): RequestInit => ({ method: 'POST', headers, body, ...more })
type BodyInit = NonNullable<RequestInit['body']>

test('each tenant gets its series under its own header, and there is one Response', async () => {
  const upstream = await startTenantUpstream()
  const send = tenantFetch(fetch, options)
  const answer = await send(upstream.url, post(metricsOf(['a', 'b', 'a'])))
  expect(answer).toBeInstanceOf(Response)
  expect([answer.status, answer.statusText, answer.url, answer.redirected]).toEqual([200, 'OK', upstream.url, false])
  expect(await answer.text()).toBe('')
  const arrived = upstream.arrivals.map((arrival) => [arrival.tenant, arrival.path, seriesOf(arrival)])
  expect(arrived.sort()).toEqual([
    ['a', '/api/v1/push', ['0', '2']],
    ['b', '/api/v1/push', ['1']],
  ])
})

test('the caller’s headers travel, credentials too; those of the protocol are made anew', async () => {
  const upstream = await startTenantUpstream()
  const own = {
    Authorization: 'Bearer x',
    Cookie: 'c=1',
    'X-Custom': '1',
    'User-Agent': 'me/1',
    'X-Scope-OrgID': 'all',
  }
  await tenantFetch(fetch, options)(upstream.url, post(metricsOf(['a']), { headers: { ...headers, ...own } }))
  expect(upstream.arrivals[0]?.headers).toMatchObject({
    authorization: 'Bearer x',
    cookie: 'c=1',
    'x-custom': '1',
    'user-agent': 'me/1',
    'x-scope-orgid': 'a',
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  })
})

test('Loki: protobuf, and JSON, which goes on as protobuf', async () => {
  const upstream = await startTenantUpstream(() => 204)
  const send = tenantFetch(fetch, options)
  const url = `${upstream.origin}/loki/api/v1/push`
  const json = JSON.stringify({ streams: [{ stream: { tenant: 'a', job: 'x' }, values: [['1', 'hello']] }] })
  const check = async (init: RequestInit, want: string[]) => {
    const answer = await send(url, init)
    expect([answer.status, answer.body]).toEqual([204, null])
    const arrived = upstream.arrivals.slice(-want.length)
    expect(arrived.map(({ tenant, body }) => [tenant, labelsOf(body)].join()).sort()).toEqual(want)
  }
  const labelsOf = (body: Buffer) => decodeLokiPush(uncompress(body, 1 << 20)).streams.map(({ labels }) => labels)
  await check(post(logs('{tenant="a", job="x"}', '{tenant="b", job="y"}')), ['a,{job="x"}', 'b,{job="y"}'])
  await check(post(json, { headers: { 'content-type': 'application/json' } }), ['a,{job="x"}'])
})

test('anything else passes: the same arguments, the same promise', async () => {
  const passed = Promise.resolve(new Response('as it was'))
  let seen: unknown[] = []
  const send = tenantFetch((...args: unknown[]) => {
    seen = args
    return passed
  }, options)
  const check = (...args: [input: string | URL | Request, init?: RequestInit | null]) => {
    expect(send(...args)).toBe(passed)
    expect(seen.length).toBe(args.length)
    for (const [i, arg] of args.entries()) expect(seen[i]).toBe(arg)
  }
  const body = metricsOf(['a'])
  check('http://up/push')
  check('http://up/push', undefined)
  check('http://up/push', null)
  check(new URL('http://up/push'), { method: 'PUT', headers, body })
  check('http://up/push', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  check('http://up/v1/traces', { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body })
  check('http://up/push', { method: 'POST', headers: { ...headers, 'content-encoding': 'gzip' }, body })
  check('http://up/push', { method: 'POST', body: 'text' })
  check(new Request('http://up/push', { method: 'POST', body: 'text' }))
  check('not a URL', post(body))
  check('http://up/push', { method: 'POST', headers: [['broken header', 'x']] })
})

test('what a body that was read already means, fetch says', async () => {
  const request = new Request('http://127.0.0.1:1/push', post(metricsOf(['a'])))
  await request.arrayBuffer()
  await expect(tenantFetch(fetch, options)(request)).rejects.toThrow(TypeError)
})

/** What two tenants are told, in order a, b; and the answer. */
const merged = async (a: number, b: number, want: number) => {
  const told: Record<string, number> = { a, b }
  const upstream = await startTenantUpstream(({ tenant }) => ({ status: told[tenant] ?? 0, text: `says ${tenant}` }))
  const answer = await tenantFetch(fetch, { ...options })(
    upstream.url,
    post(metricsOf(['a', 'b']), { redirect: 'manual' }),
  )
  expect(answer.status, `${a}, ${b}`).toBe(want)
  return answer.text()
}

test('the merged answer', async () => {
  await merged(200, 204, 204)
  expect(await merged(202, 200, 202)).toBe('says a')
  await merged(200, 500, 500)
  await merged(503, 500, 503)
  await merged(408, 200, 504)
  await merged(429, 200, 429)
  await merged(429, 503, 503)
  await merged(400, 200, 400)
  await merged(301, 200, 502)
  expect(await merged(401, 403, 400)).toBe('2 of 2 tenants failed\ntenant a: 401 says a\ntenant b: 403 says b\n')
})

test('one tenant: its own 4xx; Retry-After is handed on, up to 30 s', async () => {
  const upstream = await startTenantUpstream(() => ({ status: 422, text: 'no' }))
  const send = tenantFetch(fetch, options)
  expect((await send(upstream.url, post(metricsOf(['a'])))).status).toBe(422)
  upstream.tell = () => ({ status: 429, headers: { 'retry-after': '3600' } })
  const limited = await send(upstream.url, post(metricsOf(['b'])))
  expect([limited.status, limited.statusText, limited.headers.get('retry-after')]).toEqual([
    429,
    'Too Many Requests',
    '30',
  ])
})

test('upstream that is not there: 503, with why; never a rejection', async () => {
  const answer = await tenantFetch(fetch, options)('http://127.0.0.1:1/push', post(metricsOf(['a'])))
  expect(answer.status).toBe(503)
  expect(await answer.text()).toMatch(/^1 of 1 tenants failed\ntenant a: 503 127\.0\.0\.1:1: /)
})

test('series that belong to nobody: 400 with examples, the rest is delivered', async () => {
  const upstream = await startTenantUpstream()
  const refused: RefusedResult[] = []
  const send = tenantFetch(fetch, { ...options, onRefused: (each) => refused.push(each) })
  const answer = await send(upstream.url, post(metricsOf(['a', '', 'x|y'])))
  expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8'])
  expect(await answer.text()).toMatch(/^2 series rejected\nrejected missing_tenant \(1\): /)
  expect(upstream.tenants()).toEqual(['a'])
  expect(refused).toEqual([
    { tenant: undefined, reason: 'missing_tenant', outcome: 'rejected', series: 1, samples: 1 },
    { tenant: 'x|y', reason: 'invalid_tenant', outcome: 'rejected', series: 1, samples: 1 },
  ])
})

test('pushes that are refused whole are answered as by the proxy', async () => {
  const upstream = await startTenantUpstream()
  const check = async (body: BodyInit, status: number, text: RegExp, more: RequestInit = {}, path = '/api/v1/push') => {
    const answer = await tenantFetch(fetch, { ...options, maxTenantsPerRequest: 2 })(
      upstream.origin + path,
      post(body, more),
    )
    expect(await answer.text()).toMatch(text)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8'])
  }
  await check(Buffer.from('garbage'), 400, /^snappy: /)
  await check(Buffer.alloc(0), 400, /^snappy: /)
  await check(metricsOf([]), 400, /^No timeseries found in the request\n$/)
  await check(metricsOf(['a', 'b', 'c']), 400, /more than 2 tenants/)
  await check(Buffer.alloc((32 << 20) + 1), 413, /^the body is longer than 33554432 bytes/)
  await check(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0), 413, /the limit is 67108864/)
  const version3 = { ...headers, 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' }
  await check(metricsOf(['a']), 415, /remote write is application\/x-protobuf with proto=/, { headers: version3 })
  const zstd = { ...headers, 'content-encoding': 'zstd' }
  await check(metricsOf(['a']), 415, /a Loki push is snappy, gzip or identity/, { headers: zstd }, '/loki/push')
  await check(logs(), 422, /no log entry/, {}, '/loki/push')
  expect(upstream.arrivals).toEqual([])
})

test('a signed body is refused, and says where to sign', async () => {
  const never: typeof fetch = () => Promise.reject(new Error('nothing is sent'))
  const signed = { ...headers, authorization: 'AWS4-HMAC-SHA256 Credential=x' }
  await expect(
    tenantFetch(never, options)('http://up/', post(metricsOf(['a']), { headers: signed })),
  ).rejects.toMatchObject({ code: 'SIGNED_BEFORE_SPLIT', message: expect.stringContaining('Sign inside') })
})

test('mangled bodies: answered, never sent on broken', async () => {
  const upstream = await startTenantUpstream()
  const send = tenantFetch(fetch, options)
  const whole = Buffer.from(encodeWriteRequest({ series: [] }))
  const good = metricsOf(['a', 'b'])
  const bodies = Array.from({ length: good.length }, (_, at) => {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] as number) ^ 0xff
    return bad
  })
  for (const body of [whole, ...bodies]) expect((await send(upstream.url, post(body))).status).toBeLessThan(500)
  expect(upstream.arrivals.length).toBeGreaterThan(10)
  for (const arrival of upstream.arrivals) expect(() => seriesOf(arrival)).not.toThrow()
})

test('each part is told once, before the answer', async () => {
  const tell: Tell = ({ tenant }) =>
    tenant === 'a' ? { status: 200, text: 'fine', headers: { 'X-Seen': '1' } } : { status: 401, text: 'x'.repeat(2000) }
  const upstream = await startTenantUpstream(tell)
  const told: TenantResult[] = []
  const override = [{ tenants: ['c'], url: 'http://127.0.0.1:1/' }]
  const send = tenantFetch(fetch, { ...options, override, onTenantResult: (result) => told.push(result) })
  await send(upstream.url, post(metricsOf(['a', 'b', 'c', 'a'])))
  const byTenant = Object.fromEntries(told.map((result) => [result.tenant, result]))
  expect(told.length).toBe(3)
  expect(byTenant.a).toMatchObject({ status: 200, headers: { 'x-seen': '1' }, error: undefined, series: 2 })
  expect(Buffer.from(byTenant.a?.body ?? []).toString()).toBe('fine')
  expect([byTenant.b?.status, byTenant.b?.body.length, byTenant.b?.error]).toEqual([401, 2000, undefined])
  expect(byTenant.c).toMatchObject({ status: 503, headers: {}, error: { code: 'UPSTREAM_UNREACHABLE' }, series: 1 })
  expect(byTenant.c?.error?.cause).toBeInstanceOf(Error)
})

test('what the listeners throw is a warning, and no more', async () => {
  const upstream = await startTenantUpstream()
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const send = tenantFetch(fetch, {
    ...options,
    onTenantResult: () => {
      throw new Error('mine')
    },
    onRefused: () => Promise.reject('later'),
  })
  const answer = await send(upstream.url, post(metricsOf(['a', ''])))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', note)
  expect(answer.status).toBe(400)
  expect(warnings.map(({ name, message }) => `${name}: ${message.split('\n')[0]}`).sort()).toEqual([
    'SluiceWarning: onRefused threw, which did not disturb the push: later',
    'SluiceWarning: onTenantResult threw, which did not disturb the push: Error: mine',
  ])
})

test('wrong options are an error that names all of them', () => {
  const check = () => tenantFetch(fetch, { labels: [], header: 'no header', ...{ label: 'x' } })
  expect(check).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(check).toThrow(/labels[\s\S]*header[\s\S]*label/)
  const mixedUp = { labels: ['tenant'] } as unknown as typeof fetch
  expect(() => tenantFetch(mixedUp)).toThrow('tenantFetch(fetch, options)')
  const noFunction = { labels: [], onRefused: 'log' as unknown as () => void }
  expect(() => tenantFetch(fetch, noFunction)).toThrow(/onRefused: a function belongs here, not a text[\s\S]*labels/)
  for (const none of [null, [], fetch]) {
    expect(() => tenantFetch(fetch, none as TenantOptions)).toThrow('an object belongs here, not ')
  }
})

test('a URL with a password is refused, in words without it', async () => {
  const push = tenantFetch(fetch, options)('http://me:hunter2@127.0.0.1:1/push', post(metricsOf(['a'])))
  const error = await push.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('the URL to 127.0.0.1:1') })
  expect(inspect(error)).not.toContain('hunter2')
})
