// What a push is, its Content-Type says and nothing else, and it is judged before a byte of the body is read. The header
// cases of Prometheus's own receiver (storage/remote, TestRemoteWriteHandlerHeadersHandling) and those that it gets wrong.

import { expect, test } from 'vitest'
import { series, write } from '../support/bodies.ts'
import { ask } from '../support/in-process.ts'
import { dial } from '../support/push-listener.ts'
import { contentType2, request2, series2 } from '../support/request-2.ts'
import { startLeg } from '../support/sender-leg.ts'
import { startStrictReceiver } from '../support/strict-receiver.ts'
import { until } from '../support/until.ts'

const bodies = { 1: write([series('__name__=m', 'tenant=a')]), 2: request2([series2(1, '__name__=m', 'tenant=a')]) }
const v1 = 'application/x-protobuf'
const written = (of: string) => `x-prometheus-remote-write-${of}-written`
const told = (headers: Readonly<Record<string, unknown>>) =>
  ['samples', 'histograms', 'exemplars'].map((of) => headers[written(of)])

async function stage() {
  const backend = await startStrictReceiver('2.0')
  const leg = await startLeg({ target: backend.url })
  /** Headers as given, none is added. */
  const push = (headers: Readonly<Record<string, string>>, form: 1 | 2) =>
    ask(`${leg.url}/api/v1/push`, { headers: { 'user-agent': 'x/1', ...headers }, body: bodies[form] })
  return { backend, leg, push }
}

test('R2-2 the Content-Type chooses the message: any spacing, case, quotes, and parameters that nobody knows', async () => {
  const { backend, push } = await stage()
  const check = async (form: 1 | 2, type: string | undefined, more: Readonly<Record<string, string>> = {}) => {
    const answer = await push({ 'content-encoding': 'snappy', ...(type !== undefined && { 'content-type': type }), ...more }, form) // biome-ignore format: one line
    expect([type, answer.status, ...told(answer.headers)]).toEqual(
      form === 2 ? [type, 204, '1', '0', '0'] : [type, 204, undefined, undefined, undefined],
    )
    const [writing] = backend.take()
    expect([type, writing?.form, writing?.counts[0]]).toEqual([type, form, 1])
  }
  await check(1, undefined)
  await check(1, v1)
  await check(1, `${v1};proto=prometheus.WriteRequest`)
  await check(1, `${v1} ; proto="prometheus.WriteRequest"; charset=utf-8`)
  await check(2, contentType2)
  // Prometheus reads this as 1.0, finds nothing in it, and says 204: data is lost.
  await check(2, `${v1}; proto=io.prometheus.write.v2.Request`)
  await check(2, `${v1}\t;\t proto=io.prometheus.write.v2.Request `)
  await check(2, `${v1};proto="io.prometheus.write.v2.Request"`)
  await check(2, `${v1};proto="io.prometheus.write\\.v2.Request"`)
  await check(2, 'APPLICATION/X-Protobuf;PROTO=IO.Prometheus.Write.V2.REQUEST')
  await check(2, `${v1};a=b;q="x;proto=prometheus.WriteRequest";proto=io.prometheus.write.v2.Request;v=2`)
  // The version header is never what decides.
  await check(1, v1, { 'x-prometheus-remote-write-version': '2.0.0' })
  await check(2, contentType2, { 'x-prometheus-remote-write-version': '0.1.0' })
  await check(2, contentType2, { 'x-prometheus-remote-write-version': 'none' })
  // Snappy in any case.
  await check(2, contentType2, { 'content-encoding': 'SNAPPY' })
  expect((await push({ 'content-type': contentType2 }, 2)).status).toBe(204)
})

test('R2-6 415 for every other type and encoding; nothing was agreed on, so nothing is told of what was written', async () => {
  const { backend, push } = await stage()
  const check = async (type: string, encoding = 'snappy', form: 1 | 2 = 2) => {
    const answer = await push({ 'content-type': type, 'content-encoding': encoding }, form)
    expect([type, encoding, answer.status, ...told(answer.headers)]).toEqual([
      type,
      encoding,
      415,
      undefined,
      undefined,
      undefined,
    ])
    // What it should be, for people.
    expect(answer.text).toMatch(/remote write is (application\/x-protobuf with proto=|snappy)/)
    expect(backend.take()).toEqual([])
  }
  await check('application/json')
  await check('image/png')
  await check('text/plain;proto=io.prometheus.write.v2.Request')
  await check(`${v1};proto=`)
  await check(`${v1};proto=io.prometheus.write.v3.Request`)
  await check(`${v1};proto=io.prometheus.write.v2.Request2`)
  await check(`${v1};proto=prometheus.WriteRequest;proto=io.prometheus.write.v2.Request`)
  await check(`${v1},${v1}`)
  for (const encoding of ['gzip', 'deflate', 'zstd', 'identity', 'snappy, gzip']) {
    await check(contentType2, encoding)
    await check(v1, encoding, 1)
  }
})

test('R2-6 the 415 comes before the body: it is never asked for, and need not come', async () => {
  const { leg } = await stage()
  const head = (headers: string) => `POST /api/v1/push HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n${headers}\r\n`
  const check = async (headers: string, want: RegExp) => {
    const { socket, seen } = await dial(Number(new URL(leg.url).port))
    socket.write(head(headers))
    await until(() => seen().includes('\r\n\r\n'), { what: 'an answer', seen })
    expect(seen()).toMatch(want)
    socket.destroy()
  }
  await check('content-type: application/json\r\n', /^HTTP\/1\.1 415 /)
  await check(`content-type: ${v1};proto=io.prometheus.write.v3.Request\r\n`, /^HTTP\/1\.1 415 /)
  await check(`content-type: ${contentType2}\r\ncontent-encoding: gzip\r\n`, /^HTTP\/1\.1 415 /)
  await check('content-type: image/png\r\nexpect: 100-continue\r\n', /^HTTP\/1\.1 415 /)
  await check(`content-type: ${contentType2}\r\nexpect: 100-continue\r\n`, /^HTTP\/1\.1 100 Continue/)
})

test('R2-5 the Written headers are on every answer after negotiation, failures that saw no body among them', async () => {
  const { leg, backend } = await stage()
  const check = async (headers: string, status: number) => {
    const { socket, seen } = await dial(Number(new URL(leg.url).port))
    socket.write(`POST /api/v1/push HTTP/1.1\r\nhost: x\r\ncontent-type: ${headers}\r\n\r\n`)
    await until(() => seen().includes('\r\n\r\n'), { what: 'an answer', seen })
    const lines = seen().toLowerCase().split('\r\n')
    expect([lines[0]?.split(' ')[1], ...lines.filter((line) => line.includes('-written:')).sort()]).toEqual([
      String(status),
      ...(headers.startsWith(contentType2) ? ['exemplars', 'histograms', 'samples'] : []).map(
        (of) => `${written(of)}: 0`,
      ),
    ])
    socket.destroy()
  }
  const tooLong = 'content-length: 99999999999'
  await check(`${contentType2}\r\n${tooLong}`, 413)
  await check(`${v1}\r\n${tooLong}`, 413)
  // An empty body is no snappy block, and an empty block no request.
  await check(`${contentType2}\r\ncontent-length: 0`, 400)
  await check(`${v1}\r\ncontent-length: 0`, 400)
  expect(backend.take()).toEqual([])
})
