// What cortex-tenant does without having a test for it, seen on the running program: cases V7 to V14, answers, bodies,
// limits and the end. Without a word about a difference in its title a case is equal: status and what goes upstream.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeHistogram, encodeWriteRequest } from '../../src/dev/encode.ts'
import { EVERY_TENANT, type Fault } from '../../src/dev/sink/fault.ts'
import { at, series, write } from '../support/bodies.ts'
import { startInProcess } from '../support/in-process.ts'
import { contentType2, request2, series2 } from '../support/request-2.ts'
import { startProxy } from '../support/sluice.ts'
import { until } from '../support/until.ts'

const tenant = (settings: string): string => `timeout: 30s\ntenant: { ${settings} }\n`
const withDefault = tenant('label: tenant, default: def')

/** Upstream's answers to A and B, and what the sender gets. */
const checkPair = async (a: Fault, b: Fault, status: number, text: string | RegExp): Promise<void> => {
  const { push, sink, sent } = await startInProcess(withDefault)
  sink.setFault('A', { body: 'from A', ...a })
  sink.setFault('B', { body: 'from B', ...b })
  const answer = await push(write([series('__name__=a', 'tenant=A'), series('__name__=a', 'tenant=B')]))
  expect(answer.status).toBe(status)
  if (typeof text === 'string') expect(answer.text).toBe(text)
  else expect(answer.text).toMatch(text)
  expect(sent().map((one) => one.tenant)).toEqual(['A', 'B'])
}

test.each([
  [200, 204, 204, ''],
  [200, 202, 202, 'from B'],
  [200, 400, 400, /^1 of 2 tenants failed\ntenant B: 400 from B\n$/],
  [400, 429, 429, /tenant A: 400 from A\ntenant B: 429 from B/],
  [429, 500, 500, /tenant B: 500 from B/],
  [500, 529, 529, /tenant B: 529 from B/],
  [200, 429, 429, /tenant B: 429 from B/],
  [200, 503, 503, /tenant B: 503 from B/],
])('V7: %i + %i = %i', (a, b, status, text) =>
  checkPair({ status: a }, { status: b, ...(b === 204 && { body: '' }) }, status, text),
)

test.each([
  [422, 400, 400, /tenant A: 422 from A\ntenant B: 400 from B/],
  [200, 301, 502, /tenant B: 301 from B/],
  [200, 401, 400, /tenant B: 401 from B/],
  [400, 408, 504, /tenant B: 408 from B/],
])('V7: %i + %i = %i (listed: the merged answer)', (a, b, status, text) =>
  checkPair({ status: a }, { status: b }, status, text),
)

test('V7: 400 + a connection that breaks = 503, was 500 (listed: the merged answer)', () =>
  checkPair({ status: 400 }, { reset: true }, 503, /tenant A: 400 from A\ntenant B: 503 /))

test('V7: Retry-After is handed on (listed: Retry-After)', async () => {
  const { push, sink } = await startInProcess(withDefault)
  sink.setFault('A', { status: 429, retryAfter: 7 })
  const { status, headers } = await push(write([series('__name__=a', 'tenant=A')]))
  expect([status, headers['retry-after']]).toEqual([429, '7'])
})

const record = { family: 'm', type: 1, help: 'h' }

test('V8: the metadata of a mixed request follows the series (listed: metadata)', async () => {
  const { push, sink } = await startInProcess(withDefault)
  expect((await push(write([series('__name__=m', 'tenant=A')], { metadata: [record] }))).status).toBe(200)
  await sink.until(({ store }) => store.metadata('A').has('m'))
})

test('V8: metadata: true: it goes to those who sent such series, as snappy, and is answered 200 (listed: metadata)', async () => {
  const { push, sink, sent } = await startInProcess(`metadata: true\n${withDefault}`)
  await push(write([series('__name__=m_total', 'tenant=A')]))
  sent()
  expect(await push(write([], { metadata: [record] }))).toMatchObject({ status: 200, text: '' })
  await sink.until(({ store }) => store.metadata('A').has('m'))
  expect(sent()).toMatchObject([{ tenant: 'A', items: [], metadata: ['m'] }])
})

test('V9: a remote write 2 message that says it is remote write 1: 400', async () => {
  const { push } = await startInProcess(withDefault)
  const body = request2([series2(1, '__name__=a', 'tenant=A')])
  expect(await push(body)).toMatchObject({ status: 400, text: 'No timeseries found in the request\n' })
})

test('V9: one that says what it is is split (listed: remote write 2)', async () => {
  const { push, sink } = await startInProcess(withDefault)
  const body = request2([series2(1, '__name__=a', 'tenant=A'), series2(1, '__name__=b', 'tenant=B')])
  const headers = { 'content-type': contentType2, 'x-prometheus-remote-write-version': '2.0.0' }
  const answer = await push(body, headers)
  expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([200, '2'])
  expect(sink.requests.map(({ tenant }) => tenant).sort()).toEqual(['A', 'B'])
})

test('V9: exemplars, histograms and unknown fields of a series go on', async () => {
  const { push, sent } = await startInProcess(withDefault)
  const whole = {
    ...series('__name__=a', 'tenant=A'),
    exemplars: [{ labels: [['trace', 'x']] as const, value: 1, tsMs: 5 }],
    histograms: [encodeHistogram(3, 6, 1000)],
    extra: Buffer.from('980607', 'hex'),
  }
  const body = write([whole, series('__name__=b', 'tenant=B')])
  await push(body)
  const alone = encodeWriteRequest({ series: [whole] })
  expect(Buffer.from(sent()[0]!.bytes)).toEqual(Buffer.from(alone))
})

test('V9: unknown fields of the request go into every part (listed: unknown top-level fields)', async () => {
  const { push, sent } = await startInProcess(withDefault)
  const extra = Buffer.from('1001c03e01', 'hex')
  await push(write([series('__name__=a', 'tenant=A'), series('__name__=b', 'tenant=B')], { extra }))
  for (const { bytes } of sent()) expect(Buffer.from(bytes).subarray(-extra.length)).toEqual(extra)
  expect.assertions(2)
})

test.each(['A\r\nX-Evil: 1', 'A|B', 'té/x', '..', 'a'.repeat(151)])(
  'V10: %j is refused alone and reaches no header (listed: id validation)',
  async (id) => {
    const { push, sent } = await startInProcess(withDefault)
    const { status, text } = await push(write([series('__name__=a', `tenant=${id}`), series('__name__=b', 'tenant=B')]))
    expect([status, text]).toEqual([400, expect.stringContaining('rejected invalid_tenant (1)')])
    expect(sent().map((one) => one.tenant)).toEqual(['B'])
  },
)

test('V10: 150 bytes are an id', async () => {
  const { push, tenants } = await startInProcess(withDefault)
  const id = "aZ09!-_.*'()".padEnd(150, 'x')
  expect((await push(write([series('__name__=a', `tenant=${id}`)]))).status).toBe(200)
  expect(Object.keys(tenants())).toEqual([id])
})

const accepting = tenant('label: tenant, accept_all: true')

test('V11: accept_all: 204 whatever upstream says, and when it says nothing', async () => {
  const { push, sink } = await startInProcess(accepting)
  sink.setFault('A', { status: 500 })
  sink.setFault('B', { reset: true })
  const body = write([series('__name__=a', 'tenant=A'), series('__name__=a', 'tenant=B')])
  expect(await push(body)).toMatchObject({ status: 204, text: '' })
})

test('V11: accept_all: a missing label is still answered 400', async () => {
  const { push } = await startInProcess(accepting)
  expect((await push(write([series('__name__=a')]))).status).toBe(400)
})

test('V12: an empty body: 400; a body in chunks is taken', async () => {
  const { push, ask, tenants } = await startInProcess(withDefault)
  expect((await push(Buffer.alloc(0))).status).toBe(400)
  const body = write([series('__name__=a', 'tenant=A')])
  expect((await ask('/push', { body, chunked: true })).status).toBe(200)
  expect(Object.keys(tenants())).toEqual(['A'])
})

test('V12: over 8 MiB is taken; over max_body_size is 413, was 400 (listed: 413)', async () => {
  const { push, ask } = await startInProcess(withDefault)
  const noise = (): string => randomBytes(225_000).toString('base64')
  const body = write(Array.from({ length: 40 }, () => series('__name__=a', `pad=${noise()}`, 'tenant=A')))
  expect(body.length).toBeGreaterThan(8 << 20)
  expect((await push(body)).status).toBe(200)
  const headers = { 'content-length': String((32 << 20) + 1) }
  expect((await ask('/push', { headers, body: Buffer.alloc(1000) })).status).toBe(413)
})

test('V13: upstream slower than timeout: 504, was 500 (listed: the merged answer)', async () => {
  const { push, sink } = await startInProcess('timeout: 300ms\ntenant: { label: tenant }\n')
  sink.setFault('A', { delayMs: 30_000 })
  const begun = performance.now()
  expect((await push(write([series('__name__=a', 'tenant=A')]))).status).toBe(504)
  expect(performance.now() - begun).toBeLessThan(15_000)
})

test('V13: ten tenants on four connections wait until timeout, not 1 s (listed: waiting for a connection)', async () => {
  const { push, sink, sent } = await startInProcess(`max_conns_per_host: 4\n${tenant('label: tenant')}`)
  sink.setFault(EVERY_TENANT, { status: 200, body: 'Ok', delayMs: 550 })
  const ten = Array.from({ length: 10 }, (_, k) => at(k, series('__name__=a', `tenant=t${k}`)))
  const begun = performance.now()
  expect((await push(write(ten))).status).toBe(200)
  expect(performance.now() - begun).toBeGreaterThan(1600)
  expect(sent().length).toBe(10)
})

test('V14: while stopping /alive is 503, pushes are 200, what is in flight finishes', async () => {
  const { proxy, push, ask, sink } = await startInProcess(`timeout_shutdown: 2s\n${withDefault}`)
  sink.setFault('slow', { status: 200, body: 'late', delayMs: 3000 })
  const inFlight = push(write([series('__name__=a', 'tenant=slow')]))
  await until(() => proxy.tenants().some(({ id, inFlight: busy }) => id === 'slow' && busy === 1), {
    what: 'a part is in flight',
  })
  const stopped = proxy.stop(new AbortController().signal)
  expect((await ask('/alive', { method: 'GET' })).status).toBe(503)
  expect((await push(write([series('__name__=a', 'tenant=A')]))).status).toBe(200)
  await stopped
  expect(await inFlight).toMatchObject({ status: 200, text: 'late' })
  await expect(push(write([series('__name__=a')]))).rejects.toThrow('ECONNREFUSED')
})

test('V14: SIGTERM ends the program with 0', async () => {
  const program = await startProxy({ config: `timeout_shutdown: 300ms\n${withDefault}` })
  const begun = performance.now()
  program.signal('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - begun).toBeGreaterThan(300)
})

test('V14: SIGHUP reloads the file and ends nothing (listed: SIGHUP reload)', async () => {
  const program = await startProxy({ config: withDefault, flags: ['--log_level=info'] })
  program.configure(`metadata: false\n${withDefault}`)
  program.signal('SIGHUP')
  await program.line(/the configuration was reloaded/)
  expect(program.end).toBe(undefined)
})
