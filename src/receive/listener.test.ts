import { once } from 'node:events'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { SluiceError } from '../errors.ts'
import { createAdmission } from './admission.ts'
import { type ListenerOptions, startListener } from './listener.ts'
import type { Answer, Push } from './push.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const MiB = 1024 * 1024

async function setUp(
  options: Partial<ListenerOptions> & { readonly maxBytes?: number; readonly concurrency?: number } = {},
) {
  const { maxBytes = 64 * MiB, concurrency = 512, ...rest } = options
  const pushes: Push[] = []
  const admission = createAdmission({ maxBytes, maxRequests: concurrency })
  const listener = await startListener({
    address: '127.0.0.1:0',
    handler: async (push) => {
      pushes.push(push)
      return { status: 200, body: `${push.kind} ${push.format} ${push.encoding} ${push.body.length}` }
    },
    admission,
    log: silent,
    ...rest,
  })
  onTestFinished(async () => void (await listener.close(0)))
  const port = Number(new URL(listener.url).port)
  const send = (path: string, init: RequestOptions = {}, body?: Uint8Array | string) => ask(port, path, init, body)
  return { listener, port, pushes, admission, send }
}

interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

function ask(port: number, path: string, init: RequestOptions, body?: Uint8Array | string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', ...init }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** A connection of our own; `seen()` is all that came back. */
async function dial(
  port: number,
): Promise<{ readonly socket: Socket; readonly seen: () => string; readonly ended: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  const ended = once(socket, 'end')
  ended.catch(() => undefined)
  await once(socket, 'connect')
  return { socket, seen: () => text, ended }
}

const protobuf = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

test('a push reaches the handler as it came', async () => {
  const { send, pushes, port, admission } = await setUp()
  const { status, headers, text } = await send(
    '/api/v1/push?x=1',
    { headers: { ...protobuf, 'User-Agent': 'Prometheus/2', 'Retry-Attempt': '3' } },
    'abc',
  )
  expect([status, text]).toEqual([200, 'remote-write protobuf snappy 3'])
  expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-length': '30' })
  expect(pushes[0]).toMatchObject({
    kind: 'remote-write',
    path: '/api/v1/push',
    format: 'protobuf',
    encoding: 'snappy',
  })
  expect(pushes[0]!.headers).toMatchObject({ 'user-agent': 'Prometheus/2', 'retry-attempt': '3' })
  expect(pushes[0]!.client).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(pushes[0]!.client).not.toBe(`127.0.0.1:${port}`)
  expect(admission).toMatchObject({ usedBytes: 0, requests: 0 })
})

test('paths and methods', async () => {
  const { send } = await setUp()
  const check = async (method: string, path: string, status: number, more: object = {}) =>
    expect(await send(path, { method }), `${method} ${path}`).toMatchObject({ status, ...more })
  await check('POST', '/push', 200)
  await check('POST', '/api/v1/push', 200)
  await check('GET', '/alive', 200, { text: '' })
  await check('DELETE', '/alive', 200)
  await check('GET', '/-/ready', 200, { text: 'ready\n' })
  await check('GET', '/-/healthy', 200, { text: 'healthy\n' })
  await check('HEAD', '/-/ready', 200, { text: '' })
  await check('POST', '/-/ready', 405, { headers: { allow: 'GET, HEAD' } })
  await check('GET', '/push', 405, { headers: { allow: 'POST' }, text: '/push takes POST\n' })
  await check('PUT', '/loki/api/v1/push', 405)
  await check('POST', '/push/', 404)
  await check('GET', '/metrics', 404)
  await check('POST', '/nowhere?/push', 404, {
    text: 'no path "/nowhere"; pushes go to /push, /api/v1/push (remote write), /loki/push and /loki/api/v1/push (Loki)\n',
  })
})

test('bodies of known and unknown length, in one piece and in many', async () => {
  const { send, pushes, port } = await setUp()
  const sizes = [0, 1, 70_000, 3 * MiB]
  for (const size of sizes) {
    const body = Buffer.alloc(size, size % 251)
    await send('/push', {}, body)
    await send('/push', { headers: { 'transfer-encoding': 'chunked' } }, body)
  }
  expect(pushes.map(({ body }) => body.length)).toEqual(sizes.flatMap((size) => [size, size]))
  for (const { body } of pushes) expect(body.every((byte) => byte === body.length % 251)).toBe(true)
  const { socket, seen } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab')
  await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(0))
  await new Promise(setImmediate)
  socket.write('cd')
  await vi.waitFor(() => expect(seen()).toContain('remote-write protobuf snappy 4'))
  expect(pushes.at(-1)!.body.toString()).toBe('abcd')
})

test('100-continue: asked for the body only if it is wanted', async () => {
  const { port, pushes } = await setUp()
  const head = (length: number, type: string) =>
    `POST /push HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`
  const wanted = await dial(port)
  wanted.socket.write(head(3, 'application/x-protobuf'))
  await vi.waitFor(() => expect(wanted.seen()).toBe('HTTP/1.1 100 Continue\r\n\r\n'))
  wanted.socket.write('abc')
  await vi.waitFor(() => expect(wanted.seen()).toContain('HTTP/1.1 200 OK'))
  const refused = await dial(port)
  refused.socket.write(head(3, 'text/plain'))
  await refused.ended
  expect(refused.seen()).toMatch(/^HTTP\/1\.1 415 /)
  expect(pushes.length).toBe(1)
})

test('a body over the limit is refused before it is read, and its sender sees why', async () => {
  const { send, pushes, admission, port } = await setUp({ maxBodySize: 1000 })
  const refused = { status: 413, text: 'the body is longer than 1000 bytes (receive.max_body_size)\n' }
  expect((await send('/push', {}, Buffer.alloc(1000))).status).toBe(200)
  expect(await send('/push', {}, Buffer.alloc(1001))).toMatchObject(refused)
  expect(await send('/push', {}, Buffer.alloc(3 * MiB))).toMatchObject({ ...refused, headers: { connection: 'close' } })
  expect(await send('/push', { headers: { 'transfer-encoding': 'chunked' } }, Buffer.alloc(1001))).toMatchObject(
    refused,
  )
  const { socket, seen, ended } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 413 /)
  expect(pushes.length).toBe(1)
  expect(admission).toMatchObject({ usedBytes: 0, requests: 0 })
})

test('a refused sender that never stops is cut', async () => {
  const { port } = await setUp({ maxBodySize: 1000 })
  const { socket, seen } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const more = setInterval(() => socket.writableLength < MiB && socket.write(chunk), 1)
  socket.once('close', () => clearInterval(more))
  await new Promise((resolve) => socket.once('close', resolve))
  expect(seen()).toMatch(/^HTTP\/1\.1 413 /)
  expect(socket.bytesWritten).toBeLessThan(32 * MiB)
}, 10_000)

test('no room for bytes: 503 and Retry-After before the body is read; health still answers', async () => {
  let release = (_answer: Answer): void => undefined
  const { send, admission, port } = await setUp({
    maxBytes: 1000,
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const first = send('/push', {}, Buffer.alloc(600))
  await vi.waitFor(() => expect(admission.usedBytes).toBe(600))
  const second = await send('/push', {}, Buffer.alloc(600))
  expect(second).toMatchObject({ status: 503, text: /max_in_flight_bytes/ })
  expect(Number(second.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(Number(second.headers['retry-after'])).toBeLessThanOrEqual(5)
  const chunked = await send('/push', { headers: { 'transfer-encoding': 'chunked' } }, Buffer.alloc(600))
  expect(chunked.status).toBe(503)
  expect((await send('/alive', { method: 'GET' })).status).toBe(200)
  expect(admission).toMatchObject({ usedBytes: 600, requests: 1 })
  release({ status: 204 })
  expect(await first).toMatchObject({ status: 204, text: '' })
  expect(admission).toMatchObject({ usedBytes: 0, requests: 0 })
  expect((await dial(port)).socket.writable).toBe(true)
})

test('a body in chunks holds what its buffer holds, however small the chunks are', async () => {
  let release = (_answer: Answer): void => undefined
  const { port, admission } = await setUp({
    maxBytes: 100_000,
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const { socket, seen } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  socket.write('1\r\nx\r\n'.repeat(20_000))
  await vi.waitFor(() => expect(admission.usedBytes).toBe(32_768))
  socket.write('0\r\n\r\n')
  await vi.waitFor(() => {
    release({ status: 200 })
    expect(seen()).toMatch(/^HTTP\/1\.1 200 /)
  })
  expect(admission.usedBytes).toBe(0)
})

test('no room for requests: 503', async () => {
  let release = (_answer: Answer): void => undefined
  const { send, admission } = await setUp({
    concurrency: 1,
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const first = send('/push', {}, 'x')
  await vi.waitFor(() => expect(admission.requests).toBe(1))
  expect(await send('/push', {}, 'x')).toMatchObject({ status: 503, text: /concurrency/ })
  release({ status: 200 })
  expect((await first).status).toBe(200)
})

test('a handler may take more room, which goes with its push', async () => {
  const grown: boolean[] = []
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const { send, admission } = await setUp({
    maxBytes: 1000,
    handler: async (push) => {
      if (push.body.length === 500) {
        grown.push(push.reserve(300), push.reserve(300))
        await held
      } else grown.push(push.reserve(5000), push.reserve(1))
      return { status: 200 }
    },
  })
  const first = send('/push', {}, Buffer.alloc(500))
  await vi.waitFor(() => expect(grown.length).toBe(2))
  expect(admission.usedBytes).toBe(1100)
  release()
  await first
  expect(grown).toEqual([true, true])
  await send('/push', {}, Buffer.alloc(100))
  expect(admission.usedBytes).toBe(0)
})

test('an upload that breaks off gives its bytes back and reaches no handler', async () => {
  const { port, pushes, admission } = await setUp()
  const { socket } = await dial(port)
  socket.write(`POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n${'x'.repeat(100)}`)
  await vi.waitFor(() => expect(admission.usedBytes).toBe(5000))
  socket.destroy()
  await vi.waitFor(() => expect(admission).toMatchObject({ usedBytes: 0, requests: 0 }))
  expect(pushes).toEqual([])
})

test('a slow upload is refused with 503, which makes its sender try again', async () => {
  const { port, admission } = await setUp({ timeoutMs: 100 })
  const { socket, seen, ended } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nab')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 503 .*retry-after: \d.*only 2 of 50 bytes of the body came within 100 ms/s)
  expect(admission.usedBytes).toBe(0)
})

test('a head that does not come is not waited for', async () => {
  const { port } = await setUp({ timeoutMs: 200 })
  const { socket, seen, ended } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nho')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 408 /)
})

test('an idle connection is closed', async () => {
  const { port } = await setUp({ idleTimeoutMs: 100 })
  const { socket, seen, ended } = await dial(port)
  socket.write('GET /alive HTTP/1.1\r\nhost: x\r\n\r\n')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 200 /)
})

test('a sender that goes away after its body cancels nothing', async () => {
  const done: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const { port, admission } = await setUp({
    handler: async (push) => {
      await held
      done.push(push.body.toString())
      return { status: 200 }
    },
  })
  const { socket } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab')
  await vi.waitFor(() => expect(admission.requests).toBe(1))
  socket.destroy()
  await once(socket, 'close')
  expect(admission.usedBytes).toBe(2)
  release()
  await vi.waitFor(() => expect(done).toEqual(['ab']))
  await vi.waitFor(() => expect(admission).toMatchObject({ usedBytes: 0, requests: 0 }))
})

test('errors become answers', async () => {
  const logged: unknown[] = []
  const check = async (thrown: unknown, status: number, text: string, headers: object = {}) => {
    const { send } = await setUp({
      handler: () => {
        throw thrown
      },
      log: { ...silent, error: (msg) => logged.push(msg) },
    })
    expect(await send('/push', {}, 'x')).toMatchObject({ status, text, headers })
  }
  await check(new SluiceError('BODY_CORRUPT', 'bad byte\nat 3', { offset: 3 }), 400, 'bad byte at 3\n')
  await check(new SluiceError('RATE_LIMITED', 'slower', { retryAfter: 7 }), 429, 'slower\n', { 'retry-after': '7' })
  expect(logged).toEqual([])
  await check(new TypeError('secret'), 500, 'internal error: Sluice has a defect, see its log\n')
  expect(logged).toEqual(['a push could not be handled because of a defect'])
})

test('pipelined requests are answered in their order, a refused one too', async () => {
  const { port } = await setUp({
    handler: async (push) => {
      await new Promise(setImmediate)
      return { status: 200, body: `answer ${push.body.toString()};` }
    },
  })
  const { socket, seen, ended } = await dial(port)
  const one = (body: string, type = 'application/x-protobuf') =>
    `POST /push HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  socket.write(one('1') + one('2') + one('3', 'text/html') + one('4'))
  await ended
  expect(seen().match(/answer \d;|HTTP\/1\.1 415/g)).toEqual(['answer 1;', 'answer 2;', 'HTTP/1.1 415'])
})

test('what is not HTTP gets a line of text', async () => {
  const { port } = await setUp()
  const { socket, seen, ended } = await dial(port)
  socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*this is not HTTP\/1\.1\n$/s)
})

test('what is counted', async () => {
  const counted: Record<string, number> = {}
  const cell = (name: string, labels = {}) => {
    const key = [name, ...Object.values(labels)].join(' ')
    counted[key] ??= 0
    return {
      get value() {
        return counted[key]!
      },
      set value(value: number) {
        counted[key] = value
      },
      observe: (value: number) => {
        counted[key]! += value
      },
    }
  }
  const { send } = await setUp({
    maxBodySize: 10,
    meter: { tally: cell, distribution: cell, forgetTenant: () => undefined },
    now: () => 0,
    handler: async (push) => {
      if (push.kind === 'loki') throw new Error('defect')
      return { status: 204 }
    },
  })
  const loki = { 'content-type': 'application/json' }
  await send('/push', {}, 'abc')
  await send('/push', {}, Buffer.alloc(11))
  await send('/loki/push', { headers: loki }, 'x')
  await send('/loki/push', {}, 'x')
  await send('/push', { method: 'GET' })
  expect(counted).toEqual({
    sluice_internal_errors_total: 1,
    cortex_tenant_timeseries_batches_received: 2,
    cortex_tenant_timeseries_batches_received_bytes: 14,
    cortex_tenant_streams_batches_received: 2,
    cortex_tenant_streams_batches_received_bytes: 2,
    'sluice_request_body_bytes metrics': 3,
    'sluice_request_body_bytes logs': 1,
    'sluice_request_duration_seconds metrics': 0,
    'sluice_request_duration_seconds logs': 0,
    'sluice_requests_total metrics 204': 1,
    'sluice_requests_total metrics 413': 1,
    'sluice_requests_total logs 500': 1,
    'sluice_requests_total logs 415': 1,
  })
})

test('stopping: health fails, pushes are served and end their connection', async () => {
  const { send, listener } = await setUp()
  listener.markStopping()
  expect((await send('/alive', { method: 'GET' })).status).toBe(503)
  expect(await send('/-/ready', { method: 'GET' })).toMatchObject({ status: 503, text: 'stopping\n' })
  expect((await send('/-/healthy', { method: 'GET' })).status).toBe(200)
  expect(await send('/push', {}, 'x')).toMatchObject({ status: 200, headers: { connection: 'close' } })
})

test('closing: idle connections go at once, pushes under way get their answer', async () => {
  let release = (_answer: Answer): void => undefined
  const { send, listener, admission, port } = await setUp({
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const idle = await dial(port)
  idle.socket.write('GET /alive HTTP/1.1\r\nhost: x\r\n\r\n')
  await vi.waitFor(() => expect(idle.seen()).toContain('200'))
  const push = send('/push', {}, 'x')
  await vi.waitFor(() => expect(admission.requests).toBe(1))
  const closed = listener.close(5000)
  await idle.ended
  await expect(send('/alive', { method: 'GET' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  release({ status: 200, body: 'late' })
  expect(await push).toMatchObject({ status: 200, text: 'late', headers: { connection: 'close' } })
  expect(await closed).toBe(0)
})

test('closing: after the deadline connections are cut', async () => {
  const { send, listener, admission } = await setUp({ handler: () => new Promise(() => undefined) })
  const push = send('/push', {}, 'x')
  await vi.waitFor(() => expect(admission.requests).toBe(1))
  const closed = listener.close(50)
  await expect(push).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await closed).toBe(1)
})

test('addresses', async () => {
  const check = async (address: string, url: RegExp) => {
    const { listener } = await setUp({ address })
    expect(listener.url).toMatch(url)
    const response = await fetch(`${listener.url}/alive`)
    expect(response.status).toBe(200)
  }
  await check(':0', /^http:\/\/127\.0\.0\.1:\d+$/)
  await check('0.0.0.0:0', /^http:\/\/127\.0\.0\.1:\d+$/)
  await check('localhost:0', /^http:\/\/localhost:\d+$/)
  await expect(setUp({ address: 'nowhere' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  const { port } = await setUp()
  await expect(setUp({ address: `127.0.0.1:${port}` })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: /^listen = "127\.0\.0\.1:\d+": the address is taken/,
  })
})
