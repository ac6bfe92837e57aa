import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import * as undici7 from 'undici'
import type * as Undici8 from 'undici-8'
import { expect, onTestFinished, test } from 'vitest'
import { series, write } from '../../test/support/bodies.ts'
import { onRequests, rawServer } from '../../test/support/raw-server.ts'
import { testSink } from '../../test/support/test-sink.ts'
import type { Dispatch, DispatchHandler, DispatchOptions } from './interceptor/dispatch.ts'
import { tenantInterceptor } from './tenant-interceptor.ts'
import type { TenantOptions } from './tenant-options.ts'

// undici 8 does not import before Node 22.19.
const isOldNode = process.versions.node.localeCompare('22.19', undefined, { numeric: true }) < 0
const undici8 = isOldNode ? undefined : ((await import('undici-8')) as unknown as typeof undici7)
const majors = test.for([
  ['undici 7', undici7],
  ['undici 8', undici8],
] as const)

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const body = write(['a', 'b', 'a'].map((tenant, k) => series('__name__=up', `instance=${k}`, `tenant=${tenant}`)))
const options = { labels: ['tenant'] }

function agentOf({ Agent }: typeof undici7, tenancy: TenantOptions = options) {
  const agent = new Agent().compose(tenantInterceptor(tenancy))
  onTestFinished(() => agent.destroy())
  return agent
}

majors('a push in every form that %s takes', async ([, undici], { skip }) => {
  if (undici === undefined) return skip('undici 8 does not import here')
  const dispatcher = agentOf(undici)
  const check = async (form: unknown, more: Parameters<typeof undici7.request>[1] = {}) => {
    const sink = await testSink()
    const init = { method: 'POST', headers, body: form, dispatcher, ...more } as typeof more
    const response = await undici.request(sink.pushUrl, init)
    expect([response.statusCode, await response.body.text()]).toEqual([204, ''])
    expect(sink.store.violations).toEqual([])
    expect(sink.store.tenants).toEqual(['a', 'b'])
    expect(sink.store.counts('a').samples).toBe(2)
  }
  async function* generator() {
    yield body.subarray(0, 10)
    yield body.subarray(10)
  }
  await check(body)
  await check(new Uint8Array(body))
  await check(Readable.from([body.subarray(0, 5), body.subarray(5)]))
  await check(generator())
  await check(new Response(new Uint8Array(body)).body)
  await check(body, { headers: Object.entries(headers).flat() })
  await check(body, { headers: { ...headers, 'Content-Length': String(body.length) } })
  await check(body, { headers: new undici.Headers(headers) })
  await check(body, { query: { a: '1' } })
})

majors('the merged answer, by %s', async ([, undici], { skip }) => {
  if (undici === undefined) return skip('undici 8 does not import here')
  const sink = await testSink()
  const dispatcher = agentOf(undici)
  sink.setFault('b', { status: 429, retryAfter: 7, body: 'too fast' })
  const asked = await undici.request(sink.pushUrl, { method: 'POST', headers, body, dispatcher })
  expect([asked.statusCode, asked.headers['retry-after'], asked.headers['content-type']]).toEqual([
    429,
    '7',
    'text/plain; charset=utf-8',
  ])
  const text = await asked.body.text()
  expect(text).toContain('too fast')
  const fetched = await undici.fetch(sink.pushUrl, { method: 'POST', headers, body, dispatcher })
  expect([fetched.status, fetched.statusText, fetched.headers.get('content-type')]).toEqual([
    429,
    'Too Many Requests',
    'text/plain; charset=utf-8',
  ])
  expect(await fetched.text()).toContain('b')
  const raw = await undici.request(sink.pushUrl, { method: 'POST', headers, body, dispatcher, responseHeaders: 'raw' })
  expect(raw.headers).toEqual(['content-type', 'text/plain; charset=utf-8', 'retry-after', '7'])
  await raw.body.dump()
  // The last was a repeat of the first: a had been served, b's Retry-After was not over. fetch has headers of its own.
  expect(sink.requests.map(({ tenant }) => tenant).sort()).toEqual(['a', 'a', 'b', 'b'])
})

majors('abort ends every part, by %s', async ([, undici], { skip }) => {
  if (undici === undefined) return skip('undici 8 does not import here')
  const open = new Set<Socket>()
  const silent = await rawServer((socket) => {
    onRequests(socket, () => open.add(socket))
    socket.on('close', () => open.delete(socket))
  })
  const url = `http://127.0.0.1:${silent.port}/push`
  const dispatcher = agentOf(undici)
  const check = async (send: (signal: AbortSignal) => Promise<unknown>) => {
    const abort = new AbortController()
    const refused = expect(send(abort.signal)).rejects.toThrow('enough')
    await expect.poll(() => open.size).toBe(2)
    abort.abort(new Error('enough'))
    await refused
    await expect.poll(() => open.size).toBe(0)
  }
  const init = { method: 'POST', headers, body, dispatcher } as const
  await check((signal) => undici.request(url, { ...init, signal }))
  await check((signal) => undici.fetch(url, { ...init, signal }))
})

majors('time-outs of the request are those of each part, by %s', async ([, undici], { skip }) => {
  if (undici === undefined) return skip('undici 8 does not import here')
  const sink = await testSink()
  const results: unknown[] = []
  const dispatcher = agentOf(undici, {
    ...options,
    onTenantResult: ({ tenant, error }) => results.push([tenant, error?.code]),
  })
  sink.setFault('b', { hang: true })
  const init = { method: 'POST', headers, body, dispatcher, headersTimeout: 50 } as const
  const response = await undici.request(sink.pushUrl, init)
  expect([response.statusCode, await response.body.text()]).toEqual([504, expect.stringContaining('b')])
  expect(results).toEqual([
    ['a', undefined],
    ['b', 'UPSTREAM_TIMEOUT'],
  ])
})

majors('an override on another origin, by %s', async ([, undici], { skip }) => {
  if (undici === undefined) return skip('undici 8 does not import here')
  const [own, other] = [await testSink(), await testSink()]
  const tenancy = { ...options, override: [{ tenants: ['b'], url: `${other.pushUrl}?x=1`, headers: { 'X-Own': '1' } }] }
  const post = { method: 'POST', headers, body } as const
  const response = await undici.request(own.pushUrl, { ...post, query: { y: 2 }, dispatcher: agentOf(undici, tenancy) })
  expect(response.statusCode).toBe(204)
  expect([own.store.tenants, other.store.tenants]).toEqual([['a'], ['b']])
  expect(own.requests.map(({ path }) => path)).toEqual(['/api/v1/push'])
  expect(other.requests[0]?.headers).toMatchObject({ 'x-own': '1', host: other.url.slice('http://'.length) })

  own.reset()
  for (const bound of [new undici.Client(own.url), new undici.Pool(own.url)]) {
    onTestFinished(() => bound.destroy())
    const dispatcher = bound.compose(tenantInterceptor(tenancy))
    const refused = dispatcher.request({ ...post, path: '/api/v1/push' })
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(other.url) })
  }
  expect(own.requests).toEqual([])
})

majors('a client bound to one origin, by %s', async ([, undici], { skip }) => {
  if (undici === undefined) return skip('undici 8 does not import here')
  const sink = await testSink()
  const client = new undici.Pool(sink.url).compose(tenantInterceptor(options))
  onTestFinished(() => client.destroy())
  const response = await client.request({ method: 'POST', path: '/api/v1/push', headers, body })
  expect([response.statusCode, sink.store.tenants]).toEqual([204, ['a', 'b']])
})

/** Its answer is what comes back; what it was given is kept. */
function recording() {
  const given: { readonly request: DispatchOptions; readonly handler: DispatchHandler }[] = []
  const dispatch: Dispatch = (request, handler) => {
    given.push({ request, handler })
    return false
  }
  return { given, dispatch }
}

test('the types of both majors take it', async () => {
  const own = tenantInterceptor(options)
  const seven: undici7.Dispatcher.DispatcherComposeInterceptor = own
  const eight: Undici8.Dispatcher.DispatcherComposeInterceptor = own
  expect([seven, eight]).toEqual([own, own])
  await new undici7.Agent().compose(own, undici7.interceptors.retry()).close()
  await new undici7.Pool('http://a').compose([own]).close()
})

test('what is no push passes: the same objects', () => {
  const { given, dispatch } = recording()
  const intercepted = tenantInterceptor(options)(dispatch)
  expect(intercepted.length).toBe(2)
  const check = (more: Partial<DispatchOptions>) => {
    const request = { origin: 'http://a', path: '/push', method: 'POST', headers, body, ...more }
    const handler = {}
    expect(intercepted(request, handler)).toBe(false)
    expect(given.at(-1)?.request).toBe(request)
    expect(given.at(-1)?.handler).toBe(handler)
  }
  check({ method: 'GET' })
  check({ headers: undefined })
  check({ headers: { 'content-type': 'application/json' } })
  check({ headers: { ...headers, 'content-encoding': 'gzip' } })
  check({ headers: ['content-type'] })
  check({ upgrade: 'websocket' })
})

test('what is wrong with the options is said at once', () => {
  const check = (options: unknown) =>
    expect(() => tenantInterceptor(options as TenantOptions)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  check({ labels: [], defualt: 'x' })
  // Composed without being called: `compose(tenantInterceptor)`.
  check(recording().dispatch)
})

test('a body that is too long is answered, one that is none is an error, a signature is refused', async () => {
  const sink = await testSink()
  const dispatcher = agentOf(undici7)
  const push = (more: object) => undici7.request(sink.pushUrl, { method: 'POST', headers, body, dispatcher, ...more })
  const long = await push({ body: Readable.from([Buffer.alloc(20 << 20), Buffer.alloc(20 << 20)]) })
  expect([long.statusCode, await long.body.text()]).toEqual([413, 'the body is longer than 33554432 bytes\n'])
  const form = new FormData()
  form.append('a', 'b')
  await expect(push({ body: form })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(push({ headers: { ...headers, digest: 'x' } })).rejects.toMatchObject({ code: 'SIGNED_BEFORE_SPLIT' })
  const none = await push({ body: null })
  expect(none.statusCode).toBe(400)
  expect(sink.requests).toEqual([])
})

test('interceptors composed before it work on each part', async () => {
  const sink = await testSink()
  sink.setFault('b', { status: 503, times: 1 })
  const agent = new undici7.Agent().compose(
    undici7.interceptors.retry({ methods: ['POST'], minTimeout: 1 }),
    tenantInterceptor(options),
  )
  onTestFinished(() => agent.destroy())
  const response = await undici7.request(sink.pushUrl, { method: 'POST', headers, body, dispatcher: agent })
  expect(response.statusCode).toBe(204)
  expect([sink.store.counts('a').requests, sink.store.counts('b').requests]).toEqual([1, 1])
})

test('a handler of the older kind', async () => {
  const sink = await testSink()
  const agent = new undici7.Agent()
  onTestFinished(() => agent.destroy())
  const calls: string[] = []
  await new Promise<void>((resolve) => {
    const old = {
      onConnect: () => calls.push('connect'),
      onHeaders: (status: number, raw: Buffer[], resume: () => void, message: string) => {
        calls.push(`headers ${status} ${message} ${raw.length}`)
        setImmediate(resume)
        return false
      },
      onData: () => calls.push('data'),
      onComplete: () => resolve(void calls.push('complete')),
      onError: () => resolve(void calls.push('error')),
    }
    const dispatch = agent.dispatch.bind(agent) as unknown as Dispatch
    const request = { origin: sink.url, path: '/api/v1/push', method: 'POST', headers, body }
    tenantInterceptor(options)(dispatch)(request, old as DispatchHandler)
  })
  expect(calls).toEqual(['connect', 'headers 204 No Content 0', 'complete'])
})
