import { expect, test } from 'vitest'
import type { TenantStatus } from '../proxy/tenants.ts'
import { createRegistry } from '../telemetry/registry.ts'
import { createRejectionLog } from '../telemetry/rejections.ts'
import { createAdminApp } from './app.ts'
import type { AdminSources, ExplainQuestion } from './sources.ts'

const setup = (change: Partial<AdminSources> = {}) => {
  const defects: unknown[] = []
  const asked: ExplainQuestion[] = []
  const app = createAdminApp({
    notReady: () => [],
    reload: async () => ({ ok: true }),
    tenants: () => [],
    queues: undefined,
    rejections: { list: () => [] },
    explain: (questions) => {
      asked.push(...questions)
      return { outcomes: questions.map(({ labels }) => ({ kind: 'tenant', tenant: labels[0]?.[1] ?? '' })) }
    },
    metrics: createRegistry({ includeTenant: false, processMetrics: false }),
    onDefect: (error) => defects.push(error),
    ...change,
  })
  const json = async (path: string, init?: RequestInit) => {
    const response = await app.request(path, init)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return { app, json, defects, asked }
}

const tenant = (change: Partial<TenantStatus> & { id: string }): TenantStatus => ({
  signals: ['metrics'],
  inFlight: 0,
  waiting: 0,
  samplesDelivered: 0,
  requests: {},
  lastSeenMs: 0,
  ...change,
})

test('ready and healthy', async () => {
  const { app } = setup()
  expect([(await app.request('/-/ready')).status, (await app.request('/-/healthy')).status]).toEqual([200, 200])
  expect((await app.request('/-/ready', { method: 'HEAD' })).status).toBe(200)

  const waiting = setup({ notReady: () => ['the push listener is not open', 'shutting down'] })
  expect(await waiting.json('/-/ready')).toEqual({
    status: 503,
    body: { error: 'NOT_READY', message: 'not ready: the push listener is not open; shutting down' },
  })
  expect((await waiting.app.request('/-/healthy')).status).toBe(200)
})

test('other methods and paths', async () => {
  const { app } = setup()
  const check = async (method: string, path: string, status: number, allow: string | null = null) => {
    const response = await app.request(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow])
    if (method !== 'HEAD') expect(await response.json()).toMatchObject({ error: expect.any(String) })
  }
  await check('GET', '/-/reload', 405, 'POST')
  await check('HEAD', '/-/reload', 405, 'POST')
  await check('PUT', '/-/reload', 405, 'POST')
  await check('GET', '/api/v1/explain', 405, 'POST')
  await check('POST', '/api/v1/tenants', 405, 'GET, HEAD')
  await check('DELETE', '/metrics', 405, 'GET, HEAD')
  await check('GET', '/', 404)
  await check('GET', '/-/reload/', 404)
  await check('GET', '/debug/pprof/', 404)
  await check('POST', '/push', 404)
})

test('reload: done, or the diagnostics as they are', async () => {
  const done = setup({ reload: async () => ({ ok: true, notes: ['listen: needs a restart'] }) })
  const good = await done.app.request('/-/reload', { method: 'POST' })
  expect([good.status, await good.text()]).toEqual([200, 'reloaded\nlisten: needs a restart\n'])

  const diagnostics = 'ct.yml:3:1: error: unknown key "tennant"\n  3 | tennant:\n    | ^^^^^^^ did you mean "tenant"?'
  const refused = setup({ reload: async () => ({ ok: false, diagnostics }) })
  const bad = await refused.app.request('/-/reload', { method: 'POST' })
  expect([bad.status, await bad.text()]).toEqual([400, `${diagnostics}\n`])
  expect(await refused.json('/-/reload', { method: 'POST', headers: { accept: 'application/json' } })).toEqual({
    status: 400,
    body: { error: 'CONFIG_INVALID', message: diagnostics },
  })
})

test('tenants: sorted, in pages, without secrets', async () => {
  const { json } = setup({
    tenants: () => [
      tenant({ id: 'b' }),
      tenant({
        id: 'a',
        signals: ['metrics', 'logs'],
        inFlight: 1,
        waiting: 2,
        samplesDelivered: 3,
        requests: { '2xx': 4, error: 5 },
        lastStatus: 500,
        lastError: `https://u:hunter2@mimir/: ${'x'.repeat(5000)}`,
        lastSeenMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
        failingSinceMs: 0,
        stored: { bytes: 6, batches: 7, samples: 8, oldestMs: 0 },
        paused: true,
      }),
      tenant({ id: 'B' }),
    ],
  })
  const { body } = await json('/api/v1/tenants')
  expect(body).toMatchObject({ total: 3, limit: 500, offset: 0 })
  expect((body.tenants as { id: string }[]).map(({ id }) => id)).toEqual(['B', 'a', 'b'])
  expect((await json('/api/v1/tenants?failing=true')).body).toEqual({
    tenants: [
      {
        id: 'a',
        signals: ['metrics', 'logs'],
        in_flight: 1,
        waiting: 2,
        samples_delivered: 3,
        requests: { '2xx': 4, error: 5 },
        last_status: 500,
        last_error: `https://***@mimir/: ${'x'.repeat(1024 - 20)}…`,
        last_seen: '2026-01-02T03:04:05.006Z',
        failing_since: '1970-01-01T00:00:00.000Z',
        stored: { bytes: 6, batches: 7, samples: 8, oldest: '1970-01-01T00:00:00.000Z' },
        paused: true,
      },
    ],
    total: 1,
    limit: 500,
    offset: 0,
  })
  const page = (await json('/api/v1/tenants?limit=1&offset=2')).body
  expect(page).toMatchObject({
    tenants: [{ id: 'b', last_status: null, last_error: null, stored: null, paused: false }],
    total: 3,
  })
})

test('page parameters are judged', async () => {
  const { json } = setup()
  const check = async (query: string, want: string) => {
    for (const path of ['/api/v1/tenants', '/api/v1/rejections']) {
      const { status, body } = await json(`${path}?${query}`)
      expect([status, body.message]).toEqual([400, want])
    }
  }
  await check('limit=0', 'limit must be a whole number from 1 to 5000')
  await check('limit=5001', 'limit must be a whole number from 1 to 5000')
  await check('limit=', 'limit must be a whole number from 1 to 5000')
  await check('limit=1e3', 'limit must be a whole number from 1 to 5000')
  await check('offset=-1', 'offset must be a whole number from 0 to 9007199254740991')
})

test('rejections: latest first, by reason and tenant', async () => {
  const rejections = createRejectionLog({ clock: () => Date.UTC(2026, 0, 1) })
  const base = { metric: 'up', job: 'j', sender: '10.0.0.1:1', example: [['__name__', 'up']] as const, count: 2 }
  rejections.add({ ...base, reason: 'missing_tenant', tenant: undefined })
  rejections.add({ ...base, reason: 'denied_tenant', tenant: 'evil', example: [['__proto__', 'x']] })
  const { json } = setup({ rejections })
  const check = async (query: string, want: string[]) => {
    const { body } = await json(`/api/v1/rejections${query}`)
    expect((body.rejections as { reason: string }[]).map(({ reason }) => reason)).toEqual(want)
    expect(body.total).toBe(want.length)
  }
  await check('', ['denied_tenant', 'missing_tenant'])
  await check('?reason=denied_tenant', ['denied_tenant'])
  await check('?tenant=evil', ['denied_tenant'])
  await check('?tenant=', ['missing_tenant'])
  await check('?tenant=evil&reason=missing_tenant', [])
  expect((await json('/api/v1/rejections?tenant=')).body.rejections).toEqual([
    {
      reason: 'missing_tenant',
      tenant: null,
      metric: 'up',
      job: 'j',
      sender: '10.0.0.1',
      first: '2026-01-01T00:00:00.000Z',
      last: '2026-01-01T00:00:00.000Z',
      count: 2,
      example: { __name__: 'up' },
    },
  ])
  const text = await (await setup({ rejections }).app.request('/api/v1/rejections?tenant=evil')).text()
  expect(text).toContain('"example":{"__proto__":"x"}')
})

test('explain: one question or several', async () => {
  const { json, asked } = setup()
  const ask = (body: unknown) => json('/api/v1/explain', { method: 'POST', body: JSON.stringify(body) })
  expect(await ask({ labels: { team: 'a' } })).toEqual({
    status: 200,
    body: { outcomes: [{ kind: 'tenant', tenant: 'a' }] },
  })
  await ask([
    {
      labels: [
        ['team', 'b'],
        ['team', 'c'],
      ],
      headers: { 'X-Scope-OrgID': 'p' },
    },
    { labels: {}, signal: 'logs' },
  ])
  expect(asked.slice(1)).toEqual([
    {
      labels: [
        ['team', 'b'],
        ['team', 'c'],
      ],
      headers: { 'x-scope-orgid': 'p' },
      signal: 'metrics',
    },
    { labels: [], headers: {}, signal: 'logs' },
  ])
})

test('explain: what is wrong with a question is said', async () => {
  const { json, asked } = setup()
  const check = async (body: string, want: string | RegExp) => {
    const answer = await json('/api/v1/explain', { method: 'POST', body })
    expect(answer).toMatchObject({ status: 400, body: { error: 'BAD_REQUEST' } })
    expect(answer.body.message).toMatch(want)
  }
  await check('{', /^the body is not JSON: /)
  await check('3', /^the body must be an object such as /)
  await check('{}', 'labels must be an object of names and values')
  await check('[{"labels":{}},null]', /^\[1\] must be an object/)
  await check('{"labels":{"a":1}}', 'labels["a"] must be a string')
  await check('[{"labels":[["a"]]}]', '[0].labels[0] must be [name, value]')
  await check('{"labels":{},"signal":"traces"}', 'signal must be "metrics" or "logs"')
  await check('{"labels":{},"lables":{}}', 'the body has the key "lables"; known are labels, headers, signal')
  expect(asked).toEqual([])
})

test('a body over 1 MiB is 413', async () => {
  const { json } = setup()
  const labels = { a: 'x'.repeat(1024 * 1024) }
  const answer = await json('/api/v1/explain', { method: 'POST', body: JSON.stringify({ labels }) })
  expect(answer).toMatchObject({ status: 413, body: { error: 'BODY_TOO_LARGE' } })
})

test('posts of other origins are refused', async () => {
  let reloads = 0
  const { app } = setup({
    reload: async () => {
      reloads++
      return { ok: true }
    },
  })
  const check = async (headers: Record<string, string>, want: number) => {
    const before = reloads
    const response = await app.request('/-/reload', { method: 'POST', headers })
    expect([headers, response.status]).toEqual([headers, want])
    expect(reloads - before).toBe(want === 200 ? 1 : 0)
  }
  await check({ host: 'sluice.monitoring.svc:12345' }, 200)
  await check({ host: '127.0.0.1:12345', origin: 'http://127.0.0.1:12345' }, 200)
  await check({ host: 'localhost:12345', origin: 'http://LOCALHOST:12345' }, 200)
  await check({ host: '[::1]:12345', origin: 'http://[::1]:12345' }, 200)
  await check({ host: '127.0.0.1:12345', origin: 'http://127.0.0.1:8080' }, 403)
  await check({ host: '127.0.0.1:12345', origin: 'https://evil.example' }, 403)
  await check({ host: '127.0.0.1:12345', origin: 'null' }, 403)
  await check({ host: 'rebound.example:12345', origin: 'http://rebound.example:12345' }, 403)
  await check({ host: '127.0.0.1.evil.example', origin: 'http://127.0.0.1.evil.example' }, 403)
})

test('metrics as text and as JSON', async () => {
  const metrics = createRegistry({ includeTenant: false, processMetrics: false })
  metrics.meter.tally('sluice_tenants').value = 3
  const { app, json } = setup({ metrics })
  const text = await app.request('/metrics')
  expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await text.text()).toContain('\nsluice_tenants 3\n')
  const { body } = await json('/api/v1/metrics')
  expect(body.metrics).toContainEqual(
    expect.objectContaining({ name: 'sluice_tenants', type: 'gauge', values: [{ labels: {}, value: 3 }] }),
  )
})

test('a defect is 500 without its text, and is reported', async () => {
  const boom = new TypeError('http://u:hunter2@x')
  const { app, defects } = setup({
    tenants: () => {
      throw boom
    },
  })
  const response = await app.request('/api/v1/tenants')
  expect(response.status).toBe(500)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await response.json()).toEqual({ error: 'INTERNAL', message: 'a defect in Sluice; the log has the details' })
  expect(defects).toEqual([boom])
})
