// The differences from cortex-tenant that none of the numbered cases shows, one test each; docs/migrating-from-cortex-tenant.md
// lists all of them with their reasons. And, beside them, what is near a difference but must stay equal.

import { expect, test } from 'vitest'
import { series, write } from '../support/bodies.ts'
import { ask as askUrl, settingsOf, startInProcess } from '../support/in-process.ts'
import { until } from '../support/until.ts'

const config = 'timeout: 30s\ntenant: { label: tenant, default: def }\n'
const body = write([series('__name__=a', 'tenant=A')])

const checkPath = async (method: string, path: string, status: number): Promise<void> => {
  const { ask } = await startInProcess(config)
  const answer = await ask(path, { method, ...(method === 'POST' && { body }) })
  expect([path, answer.status]).toEqual([path, status])
}

test.each([
  ['GET', '/push'],
  ['PUT', '/loki/push'],
])('%s %s: 405, was 400', (method, path) => checkPath(method, path, 405))

test.each([
  ['GET', '/'],
  ['GET', '/metrics'],
])('%s %s: 404, was 400', (method, path) => checkPath(method, path, 404))

test.each(['/push/', '/PUSH', '/alive/', '/x'])('POST %s: 404, as there', (path) => checkPath('POST', path, 404))

test.each(['GET', 'HEAD', 'PUT', 'POST'])('%s /alive: 200, as there', (method) => checkPath(method, '/alive', 200))

test.each(['/push?x=1', '//push', '/./push', '/x/../push', '/%70ush'])('POST %s is POST /push, as there', (path) =>
  checkPath('POST', path, 200),
)

test('paths that are not there: /api/v1/push, /loki/api/v1/push, /-/ready, /-/healthy', async () => {
  await checkPath('POST', '/api/v1/push', 200)
  await checkPath('POST', '/loki/api/v1/push', 415)
  await checkPath('GET', '/-/ready', 200)
  await checkPath('GET', '/-/healthy', 200)
})

const checkHeaders = async (headers: Readonly<Record<string, string>>, status: number): Promise<void> => {
  const { ask } = await startInProcess(config)
  expect((await ask('/push', { body, headers })).status).toBe(status)
}

const type = 'application/x-protobuf'

test.each([
  ['no content headers at all', {}],
  ['no Content-Encoding', { 'content-type': type }],
  ['no Content-Type', { 'content-encoding': 'snappy' }],
  ['a Content-Type that names the message', { 'content-type': `${type};proto=prometheus.WriteRequest` }],
])('/push with %s is taken, as there', (_, headers) => checkHeaders(headers, 200))

test.each([
  ['another Content-Type', { 'content-type': 'text/plain', 'content-encoding': 'snappy' }],
  ['another Content-Encoding', { 'content-type': type, 'content-encoding': 'zstd' }],
])('/push with %s: 415, was 200 where the body happened to fit', (_, headers) => checkHeaders(headers, 415))

test('User-Agent, Retry-Attempt and traceparent travel; credentials, cookies and the sender’s tenant do not', async () => {
  const { push, sent } = await startInProcess(config)
  await push(body, {
    'retry-attempt': '2',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    authorization: 'Bearer secret',
    cookie: 'a=b',
    'x-scope-orgid': 'somebody-else',
    'x-other': '1',
  })
  const [{ headers, tenant } = { headers: {}, tenant: '' }] = sent()
  expect(tenant).toBe('A')
  expect(headers).toMatchObject({
    'user-agent': 'Prometheus/3',
    'retry-attempt': '2',
    traceparent: expect.stringMatching(/^00-/),
  })
  for (const name of ['authorization', 'cookie', 'x-other']) expect(headers).not.toHaveProperty(name)
})

test('__tenant_id__ never leaves, unless it is the label that names the tenant and labels are kept', async () => {
  const both = write([series('__name__=a', '__tenant_id__=zz', 'tenant=A')])
  const other = await startInProcess(config)
  await other.push(both)
  expect(other.tenants()).toEqual({ A: ['a{tenant="A"}'] })
  const named = await startInProcess('tenant: { label: __tenant_id__ }')
  await named.push(both)
  expect(named.tenants()).toEqual({ zz: ['a{__tenant_id__="zz", tenant="A"}'] })
})

test('a tenant label that occurs twice: the first decides, as there; removal takes both', async () => {
  const twice = write([series('__name__=a', 'tenant=A', 'tenant=B')])
  const { push, tenants } = await startInProcess('tenant: { label: tenant, label_remove: true }')
  await push(twice)
  expect(tenants()).toEqual({ A: ['a'] })
})

test('concurrency counts pushes in flight; one more is answered 503 with Retry-After', async () => {
  const { push, sink, sent } = await startInProcess(`concurrency: 2\n${config}`)
  sink.setFault('A', { status: 200, delayMs: 400 })
  const bodies = [1, 2, 3].map((tsMs) => write([{ ...series('__name__=a', 'tenant=A'), samples: [[1, tsMs]] }]))
  const answers = await Promise.all(bodies.map((one) => push(one)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503])
  expect(answers.find(({ status }) => status === 503)?.headers).toHaveProperty('retry-after')
  expect(sent().length).toBe(2)
})

test('a target without a scheme is http', () => {
  expect(settingsOf('').metrics.upstream.url).toBe('http://127.0.0.1:9090/')
  expect(settingsOf('target: mimir:8080/api/v1/push').metrics.upstream.url).toBe('http://mimir:8080/api/v1/push')
})

test('listen_pprof opens nothing and says so; the metrics port serves /metrics only', async () => {
  const { proxy, log } = await startInProcess(`listen_pprof: 127.0.0.1:1\n${config}`)
  expect(log.join('')).toContain('listen_pprof')
  expect((await askUrl(`${proxy.metricsUrl}/metrics`, { method: 'GET' })).status).toBe(200)
  expect((await askUrl(`${proxy.metricsUrl}/debug/pprof/`, { method: 'GET' })).status).toBe(404)
})

test('the password of egress is in no log line', async () => {
  const { push, sink, log } = await startInProcess(
    `log_level: trace\nlog_response_errors: true\nauth: { egress: { username: foo, password: geheim } }\n${config}`,
  )
  sink.setFault('A', { status: 400, body: 'no' })
  await push(body)
  await until(() => log.length > 0, { what: 'a line about the refusal' })
  expect(log.join('')).not.toContain('geheim')
  expect(log.join('')).not.toContain(Buffer.from('foo:geheim').toString('base64'))
})
