import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { metricsOf } from '../../test/support/pipeline.ts'
import { startTenantUpstream } from '../../test/support/tenant-upstream.ts'
import { type PartFetch, sendByFetch } from './fetch-part.ts'
import { tenantFetch } from './tenant-fetch.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const part = { method: 'POST', url: 'http://up.test/push', headers: { a: '1' }, body: Buffer.from('x') }
const sendTo = (fetch: PartFetch, more: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}) =>
  sendByFetch(fetch, part.url, part.url)({ ...part, ...more })
const hanging: PartFetch = () => new Promise(() => undefined)

test('a Request: its own options go with each part, and so do those that fetch alone knows', async () => {
  const upstream = await startTenantUpstream(({ tenant }) =>
    tenant === 'b' ? { status: 302, headers: { location: '/' } } : 200,
  )
  const seen: RequestInit[] = []
  const noting: typeof fetch = (input, init) => {
    seen.push(init ?? {})
    return fetch(input, init)
  }
  const body = metricsOf(['a', 'b'])
  const more = { headers: { ...headers, authorization: 'Basic x' }, redirect: 'manual', credentials: 'omit' } as const
  const request = new Request(upstream.url, { method: 'POST', body, ...more })
  const answer = await tenantFetch(noting, { labels: ['tenant'] })(request, { own: 1 } as RequestInit)
  expect(answer.status).toBe(502)
  expect(request.bodyUsed).toBe(true)
  expect(upstream.arrivals.map((each) => [each.tenant, each.headers.authorization]).sort()).toEqual([
    ['a', 'Basic x'],
    ['b', 'Basic x'],
  ])
  expect(seen.map((init) => Object.entries(init).filter(([name]) => name === 'own'))).toEqual([
    [['own', 1]],
    [['own', 1]],
  ])
})

test('a Request whose part an override leads elsewhere keeps what of it can be read', async () => {
  const home = await startTenantUpstream()
  const other = await startTenantUpstream(() => ({ status: 302, headers: { location: '/' } }))
  const send = tenantFetch(fetch, { labels: ['tenant'], override: [{ tenants: ['b'], url: other.url }] })
  const answer = await send(
    new Request(home.url, { method: 'POST', headers, body: metricsOf(['a', 'b']), redirect: 'manual' }),
  )
  expect([answer.status, home.tenants(), other.tenants()]).toEqual([502, ['a'], ['b']])
})

test('init goes before the Request, as with fetch: headers, body, signal', async () => {
  const upstream = await startTenantUpstream()
  const aborted = AbortSignal.abort(new Error('the Request’s'))
  const request = new Request(upstream.url, { method: 'POST', body: 'text', signal: aborted })
  const send = tenantFetch(fetch, { labels: ['tenant'] })
  await expect(send(request, { headers, body: metricsOf(['a']) })).rejects.toThrow('the Request’s')
  const answer = await send(request, { headers, body: metricsOf(['a']), signal: null })
  expect([answer.status, upstream.tenants()]).toEqual([200, ['a']])
})

test('a time-out is one, whatever fetch does about the signal', async () => {
  await expect(sendTo(hanging, { timeoutMs: 20 })).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: 'up.test: no answer within 20 ms',
  })
  const abort = new AbortController()
  const sent = sendTo(hanging, { signal: abort.signal, timeoutMs: 60_000 })
  abort.abort(new Error('enough'))
  await expect(sent).rejects.toThrow('enough')
})

test('fetch is given a signal that ends with the part', async () => {
  let given: AbortSignal | null | undefined
  const sent = sendTo(
    (_input, init) => {
      given = init?.signal
      return hanging('')
    },
    { timeoutMs: 10 },
  )
  await expect(sent).rejects.toThrow()
  expect(given?.reason).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
})

test('why there is no answer', async () => {
  const check = (error: unknown, want: object) =>
    expect(sendTo(() => Promise.reject(error))).rejects.toMatchObject(want)
  const failed = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(`${code} happened`), { code }) })
  await check(failed('ECONNREFUSED'), {
    code: 'UPSTREAM_UNREACHABLE',
    message: 'up.test: nothing listens there (connection refused)',
  })
  await check(failed('UND_ERR_HEADERS_TIMEOUT'), {
    code: 'UPSTREAM_TIMEOUT',
    message: 'up.test: UND_ERR_HEADERS_TIMEOUT happened',
  })
  await check(new DOMException('too slow', 'TimeoutError'), { code: 'UPSTREAM_TIMEOUT', message: 'up.test: too slow' })
  await check(new TypeError('no such thing'), { code: 'UPSTREAM_UNREACHABLE', message: 'up.test: no such thing' })
  await check('text', { code: 'UPSTREAM_UNREACHABLE', message: 'up.test: text' })
  await expect(sendTo(async () => Response.error())).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
  await expect(
    sendTo(() => {
      throw new Error('at once')
    }),
  ).rejects.toMatchObject({ message: 'up.test: at once' })
})

test('a status that has come counts, whatever becomes of the text after it', async () => {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-length': request.url === '/long' ? 10 << 20 : 100 })
    if (request.url === '/long') response.end(Buffer.alloc(10 << 20, 'x'))
    else response.write('begun', () => request.url === '/cut' && response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const check = async (path: string, length: number, timeoutMs: number) => {
    const url = origin + path
    const { status, body } = await sendByFetch(fetch as PartFetch, url, url)({ ...part, url, timeoutMs })
    expect([status, body.length]).toEqual([200, length])
  }
  await check('/cut', 5, 10_000)
  await check('/hang', 5, 2000)
  await check('/long', 64 * 1024, 10_000)
})
