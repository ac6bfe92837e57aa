import { once } from 'node:events'
import { expect, test } from 'vitest'
import { dial, MiB, setUp, silent } from '../../test/support/push-listener.ts'
import { eventually } from '../../test/support/until.ts'
import { SluiceError } from '../errors.ts'
import type { Answer } from './push.ts'

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
    text: 'no path "/nowhere"; pushes go to /push, /api/v1/push (remote write), /loki/push, /loki/api/v1/push (Loki)\n',
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
  for (const { body } of pushes) expect(body.equals(Buffer.alloc(body.length, body.length % 251))).toBe(true)
  const { socket, seen } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab')
  await eventually(() => expect(socket.bytesWritten).toBeGreaterThan(0))
  await new Promise(setImmediate)
  socket.write('cd')
  await eventually(() => expect(seen()).toContain('remote-write protobuf snappy 4'))
  expect(pushes.at(-1)!.body.toString()).toBe('abcd')
})

test('100-continue: asked for the body only if it is wanted', async () => {
  const { port, pushes } = await setUp()
  const head = (length: number, type: string) =>
    `POST /push HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`
  const wanted = await dial(port)
  wanted.socket.write(head(3, 'application/x-protobuf'))
  await eventually(() => expect(wanted.seen()).toBe('HTTP/1.1 100 Continue\r\n\r\n'))
  wanted.socket.write('abc')
  await eventually(() => expect(wanted.seen()).toContain('HTTP/1.1 200 OK'))
  const refused = await dial(port)
  refused.socket.write(head(3, 'text/plain'))
  await refused.ended
  expect(refused.seen()).toMatch(/^HTTP\/1\.1 415 /)
  expect(pushes.length).toBe(1)
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
  await eventually(() => expect(admission.requests).toBe(1))
  socket.destroy()
  await once(socket, 'close')
  expect(admission.usedBytes).toBe(2)
  release()
  await eventually(() => expect(done).toEqual(['ab']))
  await eventually(() => expect(admission).toMatchObject({ usedBytes: 0, requests: 0 }))
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
  await check(new SluiceError('OVERLOADED', 'slower', { retryAfter: 7 }), 503, 'slower\n', { 'retry-after': '7' })
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
  await eventually(() => expect(idle.seen()).toContain('200'))
  const push = send('/push', {}, 'x')
  await eventually(() => expect(admission.requests).toBe(1))
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
  await eventually(() => expect(admission.requests).toBe(1))
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

test('remote write 2: every answer after content negotiation says what was written', async () => {
  const type2 = { 'content-type': 'application/x-protobuf; proto="io.prometheus.write.v2.Request"' }
  const written = (of: string) => `x-prometheus-remote-write-${of}-written`
  const check = async (options: Parameters<typeof setUp>[0], want: unknown[], body = 'x', headers: object = type2) => {
    const { send } = await setUp(options)
    const answer = await send('/push', { headers: { ...headers } }, body)
    const told = ['samples', 'histograms', 'exemplars'].map((of) => answer.headers[written(of)])
    expect([answer.status, ...told]).toEqual(want)
  }
  const throws = (error: unknown) => ({
    log: silent,
    handler: () => {
      throw error
    },
  })
  const none = [undefined, undefined, undefined]
  const zeros = ['0', '0', '0']
  await check({ handler: async () => ({ status: 204, headers: { [written('samples')]: '7' } }) }, [204, '7', '0', '0'])
  await check(throws(new SluiceError('BODY_CORRUPT', 'bad')), [400, ...zeros])
  await check(throws(new SluiceError('OVERLOADED', 'later')), [503, ...zeros])
  await check(throws(new TypeError('defect')), [500, ...zeros])
  await check({ maxBodySize: 3 }, [413, ...zeros], 'long')
  await check({ maxBytes: 1 }, [503, ...zeros], 'long')
  await check({ concurrency: 0 }, [503, ...zeros])
  // Nothing was agreed on yet, or 1.x was.
  await check({}, [415, ...none], 'x', {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request',
  })
  await check({}, [415, ...none], 'x', { ...type2, 'content-encoding': 'gzip' })
  await check({ maxBodySize: 3 }, [413, ...none], 'long', { 'content-type': 'application/x-protobuf' })
  await check({}, [200, ...none], 'x', { 'x-prometheus-remote-write-version': '2.0.0' })
})
