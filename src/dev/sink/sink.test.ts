import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { testSink } from '../../../test/support/test-sink.ts'
import { encodeLokiPush, encodeWriteRequest, type SeriesInput, STALE_MARKER, snappyBlock } from '../encode.ts'
import type { Fault } from './fault.ts'
import { startSink } from './sink.ts'

const metricsHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'user-agent': 'test/1',
  'x-prometheus-remote-write-version': '0.1.0',
  'x-scope-orgid': 'a',
}
const without = (name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(metricsHeaders).filter(([key]) => key !== name))

const post = async (
  url: string,
  body: Uint8Array,
  headers: Record<string, string> = metricsHeaders,
): Promise<[number, string]> => {
  const response = await fetch(url, { method: 'POST', body: snappyBlock(body), headers })
  return [response.status, await response.text()]
}
const up = (job: string, ...samples: [number | bigint, number][]): SeriesInput => ({
  labels: [
    ['__name__', 'up'],
    ['job', job],
  ],
  samples,
})
const good = encodeWriteRequest({ series: [up('x', [1, 1000])] })

test('what arrives is kept by tenant, bit for bit', async () => {
  const sink = await testSink()
  const body = encodeWriteRequest({
    series: [up('x', [1.5, 1000], [STALE_MARKER, 2000]), up('y', [-0, 1000])],
    metadata: [{ family: 'up', type: 2, help: 'Is it up?' }],
    extra: Uint8Array.of(0x10, 1),
  })
  expect(await post(sink.pushUrl, body)).toEqual([204, ''])
  expect(await post(`${sink.url}/api/v1/write`, good, { ...metricsHeaders, 'x-scope-orgid': 'b' })).toEqual([204, ''])

  expect(sink.store.tenants).toEqual(['a', 'b'])
  expect([...sink.store.series('a')].map(([key, { samples }]) => [key, samples])).toEqual([
    [
      'up{job="x"}',
      [
        [1000, 1.5, '3ff8000000000000'],
        [2000, Number.NaN, '7ff0000000000002'],
      ],
    ],
    ['up{job="y"}', [[1000, -0, '8000000000000000']]],
  ])
  expect(sink.store.metadata('a').get('up')).toEqual({ family: 'up', type: 2, help: 'Is it up?', unit: '' })
  expect(sink.store.counts('b')).toMatchObject({ requests: 1, samples: 1, duplicates: 0 })
  expect(sink.store.violations).toEqual([])
  expect(sink.requests).toMatchObject([
    { index: 0, tenant: 'a', status: 204, series: 2, samples: 3, metadata: 1, unknownFields: ['1001'] },
    { index: 1, tenant: 'b', path: '/api/v1/write', firstSeries: [['__name__', 'up'], ['job', 'x']] }, // biome-ignore format: one row
  ])
})

test('a sample that arrives twice is a duplicate, an older one is out of order', async () => {
  const sink = await testSink()
  await post(sink.pushUrl, encodeWriteRequest({ series: [up('x', [1, 3000])] }))
  await post(sink.pushUrl, encodeWriteRequest({ series: [up('x', [1, 3000])] }))
  await post(sink.pushUrl, encodeWriteRequest({ series: [up('x', [1, 1000])] }))
  await post(sink.pushUrl, encodeWriteRequest({ series: [up('x', [1, 4000]), up('y', [1, 3000])] }))
  await post(sink.pushUrl, encodeWriteRequest({ series: [up('x', [1, 1000])] }))
  expect(sink.store.counts('a')).toMatchObject({ samples: 6, duplicates: 2, outOfOrder: 1 })
})

test('Loki pushes are kept by stream', async () => {
  const sink = await testSink()
  const headers = { 'content-type': 'application/x-protobuf', 'user-agent': 'test/1', 'x-scope-orgid': 'a' }
  const entry = { tsNs: 1_700_000_000_123_456_789n, line: 'hello', metadata: [['trace', '1']] as const }
  const push = encodeLokiPush({ streams: [{ labels: '{app="x"}', entries: [entry] }] })
  expect(await post(sink.lokiUrl, push, headers)).toEqual([204, ''])
  expect(await post(sink.lokiUrl, push, { ...headers, 'content-encoding': 'snappy' })).toEqual([204, ''])
  expect(sink.store.logs('a').get('{app="x"}')?.[0]).toEqual({
    tsNs: '1700000000123456789',
    line: 'hello',
    metadata: [['trace', '1']],
  })
  expect(sink.store.counts('a')).toMatchObject({ entries: 2, duplicates: 1 })
  expect(sink.store.violations).toEqual([])
})

test('strict: every rule has its status and says what is wrong', async () => {
  const sink = await testSink()
  const check = async (headers: Record<string, string>, body: Uint8Array, want: [number, string]): Promise<void> =>
    expect(await post(sink.pushUrl, body, headers)).toEqual(want)
  const label = (...labels: [string, string][]): Uint8Array => encodeWriteRequest({ series: [{ labels }] })
  const all = metricsHeaders

  await check(without('x-scope-orgid'), good, [401, 'no org id\n'])
  await check({ ...all, 'x-scope-orgid': 'a|b' }, good, [400, 'tenant ID "a|b" is not a valid one\n'])
  await check({ ...all, 'x-scope-orgid': '..' }, good, [400, 'tenant ID ".." is not a valid one\n'])
  await check({ ...all, 'x-scope-orgid': 'x'.repeat(151) }, good, [400, expect.stringContaining('not a valid one')])
  await check({ ...all, 'content-type': 'text/plain' }, good, [415, expect.stringContaining('application/x-protobuf')])
  await check({ ...all, 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' }, good, [
    415,
    expect.stringContaining('proto=io.prometheus.write.v3.Request'),
  ])
  await check({ ...all, 'content-encoding': 'gzip' }, good, [415, 'Content-Encoding "gzip" is not snappy\n'])
  await check(without('content-encoding'), good, [415, 'Content-Encoding (none) is not snappy\n'])
  await check(without('x-prometheus-remote-write-version'), good, [
    400,
    'X-Prometheus-Remote-Write-Version (none) is not 0.1.0\n',
  ])
  await check(all, Uint8Array.of(0x0a, 0x05, 1), [400, 'TimeSeries: 5 bytes promised, 1 left (at byte 2)\n'])
  await check(all, encodeWriteRequest({}), [400, 'the request holds neither series nor metadata\n'])
  await check(all, label(), [400, 'series {}: no labels at all\n'])
  await check(all, label(['b', '1'], ['a', '2']), [400, 'series {b="1", a="2"}: labels are not sorted: a after b\n'])
  await check(all, label(['a', '1'], ['a', '2']), [400, 'series {a="1", a="2"}: label a occurs twice\n'])
  await check(all, label(['', '1']), [400, 'series {""="1"}: a label has no name\n'])
  await check(all, label(['a', '']), [400, 'series {a=""}: label a has no value\n'])
  await check(all, encodeWriteRequest({ series: [{ labels: [['a', Uint8Array.of(0xff)]] }] }), [
    400,
    '1 strings are not UTF-8\n',
  ])
  await check(all, encodeWriteRequest({ series: [up('x', [1, 2000], [1, 1000])] }), [
    400,
    'series up{job="x"}: sample at 1000 after 2000\n',
  ])
  // U+FFFD sorts before U+10000 in UTF-8, after it in UTF-16.
  await check(all, label(['\ufffd', '1'], ['\u{10000}', '1']), [204, ''])

  const wrongMethod = await fetch(sink.pushUrl)
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST'])
  const garbage = await fetch(sink.pushUrl, { method: 'POST', headers: all, body: 'garbage' })
  expect([garbage.status, await garbage.text()]).toEqual([400, expect.stringContaining('not a snappy block')])
  const hostile = await fetch(sink.pushUrl, {
    method: 'POST',
    headers: all,
    body: Uint8Array.of(255, 255, 255, 255, 15),
  })
  expect(hostile.status).toBe(413)

  expect(sink.store.violations.map(({ rule }) => rule).join(' ')).toBe(
    'tenant-missing tenant-invalid tenant-invalid tenant-invalid content-type content-type content-encoding ' +
      'content-encoding version protobuf empty-request no-labels label-order label-duplicate label-name-empty ' +
      'label-value-empty utf8 sample-order method snappy body-size',
  )
  expect(sink.store.tenants).toEqual(['a'])
})

test('strict: a push without User-Agent is refused', async () => {
  const sink = await testSink()
  const body = snappyBlock(good)
  const headers = { ...without('user-agent'), host: 'x', connection: 'close', 'content-length': String(body.length) }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const { port } = new URL(sink.url)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket
      .on('data', (chunk) => (text += chunk))
      .on('end', () => resolve(text))
      .on('error', reject)
    socket.write(`POST /api/v1/push HTTP/1.1\r\n${head.join('')}\r\n`)
    socket.write(body)
  })
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*User-Agent is missing/)
})

test('strict: the rules of Loki', async () => {
  const sink = await testSink()
  const headers = { 'content-type': 'application/x-protobuf', 'x-scope-orgid': 'a' }
  const check = async (labels: string, want: [number, string]): Promise<void> => {
    const body = encodeLokiPush({ streams: [{ labels, entries: [{ tsNs: 1n, line: 'x' }] }] })
    expect(await post(sink.lokiUrl, body, headers)).toEqual(want)
  }
  await check('{b="1", a="\\"q\\" \\u00e9"}', [204, ''])
  await check('{}', [400, 'stream {}: no labels at all\n'])
  await check('a="1"', [400, 'stream labels "a=\\"1\\"" are not in braces\n'])
  await check('{a="1" b="2"}', [400, expect.stringContaining('lack a comma')])
  await check('{a=1}', [400, expect.stringContaining('cannot be read at')])
  await check('{a="\\q"}', [400, expect.stringContaining('escape')])
  await check('{a="1", a="2"}', [400, 'stream {a="1", a="2"}: label a occurs twice\n'])
  expect(await post(sink.lokiUrl, encodeLokiPush({ streams: [] }), headers)).toEqual([422, 'the push holds no entry\n'])
  const json = { 'content-type': 'application/json', 'x-scope-orgid': 'a' }
  expect((await post(sink.lokiUrl, good, json))[0]).toBe(415)
})

test('not strict: violations are counted and the samples kept', async () => {
  const sink = await testSink({ strict: false })
  const body = encodeWriteRequest({ series: [{ labels: [['b', '1'], ['a', '']], samples: [[1, 1]] }] }) // biome-ignore format: one row
  expect(await post(sink.pushUrl, body, { 'content-type': 'text/plain' })).toEqual([204, ''])
  expect(sink.store.counts('anonymous').samples).toBe(1)
  expect(sink.store.violations.map(({ rule }) => rule)).toEqual([
    'tenant-missing',
    'content-type',
    'content-encoding',
    'version',
    'label-value-empty',
    'label-order',
  ])
  expect((await post(sink.pushUrl, Uint8Array.of(0x0a), {}))[1]).toMatch(/ends inside a varint/)
})

test('faults: each does what it says, to its tenant alone', async () => {
  const sink = await testSink()
  const push = async (tenant: string): Promise<string> => {
    const headers = { ...metricsHeaders, 'x-scope-orgid': tenant }
    return fetch(sink.pushUrl, { method: 'POST', body: snappyBlock(good), headers }).then(
      async (r) => `${r.status} ${r.headers.get('retry-after')} ${(await r.text()).trim()}`,
      (error: Error) => (error.cause as { code?: string }).code ?? error.name,
    )
  }
  const check = async (fault: Fault, want: string, kept: number): Promise<void> => {
    sink.store.reset()
    sink.setFault('a', fault)
    expect(await push('a')).toBe(want)
    expect(await push('b')).toBe('204 null ')
    expect([sink.store.counts('a').samples, sink.store.counts('b').samples]).toEqual([kept, 1])
  }
  await check({ status: 500 }, '500 null fault set for tenant a: 500', 0)
  await check({ status: 429, retryAfter: 7, body: 'slow down' }, '429 7 slow down', 0)
  await check({ status: 503, retryAfter: 'Thu, 01 Jan 2026 00:00:00 GMT' }, '503 Thu, 01 Jan 2026 00:00:00 GMT fault set for tenant a: 503', 0) // biome-ignore format: one row
  await check({ status: 200, body: 'ok' }, '200 null ok', 1)
  await check({ status: 500, store: true, body: 'lost' }, '500 null lost', 1)
  await check({ reset: true }, 'ECONNRESET', 0)

  sink.setFault('a', undefined)
  sink.setFault('*', { status: 500, times: 2, body: 'all' })
  sink.setFault('c', { status: 400, body: 'mine' })
  expect([await push('a'), await push('c'), await push('b'), await push('a')]).toEqual([
    '500 null all',
    '400 null mine',
    '500 null all',
    '204 null ',
  ])
})

test('faults: a delay holds the answer back, a hang for ever', async () => {
  const sink = await testSink()
  const send = (signal?: AbortSignal): Promise<Response> =>
    fetch(sink.pushUrl, { method: 'POST', body: snappyBlock(good), headers: metricsHeaders, signal: signal ?? null })
  sink.setFault('a', { delayMs: 30, times: 1 })
  const before = performance.now()
  expect((await send()).status).toBe(204)
  expect(performance.now() - before).toBeGreaterThan(28)

  sink.setFault('a', { hang: true })
  const abort = new AbortController()
  const hung = send(abort.signal)
  await sink.until(({ requests }) => requests.at(-1)?.status === 0)
  sink.setFault('a', undefined)
  expect((await send()).status).toBe(204)
  abort.abort()
  await expect(hung).rejects.toThrow('aborted')
  expect(sink.store.counts('a').requests).toBe(2)
})

test('closing cuts what hangs and what waits', async () => {
  const sink = await startSink()
  const send = (): Promise<Response> =>
    fetch(sink.pushUrl, { method: 'POST', body: snappyBlock(good), headers: metricsHeaders })
  sink.setFault('a', { hang: true, times: 1 })
  const hung = send()
  await sink.until(({ requests }) => requests.length === 1)
  sink.setFault('a', { delayMs: 600_000 })
  const waiting = send()
  const results = Promise.allSettled([hung, waiting, sink.until(() => false)])
  await sink.close()
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})

test('the detail is bounded, the counters are not', async () => {
  const sink = await testSink({ maxItems: 3 })
  await post(sink.pushUrl, encodeWriteRequest({ series: [up('x', [1, 1], [1, 2], [1, 3], [1, 4])] }))
  expect(sink.store.counts('a').samples).toBe(4)
  expect(sink.store.series('a').get('up{job="x"}')?.samples.length).toBe(2)
  expect(sink.store.truncated).toBe(true)
})

test('until gives up after its time', async () => {
  const sink = await testSink()
  await expect(sink.until(() => false, 5)).rejects.toThrow('the sink saw 5 ms pass before the condition held')
})

test('an address that cannot be listened on is an error', async () => {
  const sink = await testSink()
  await expect(startSink({ listen: new URL(sink.url).host })).rejects.toThrow('EADDRINUSE')
  await expect(startSink({ listen: 'nonsense' })).rejects.toThrow('is not host:port')
})
