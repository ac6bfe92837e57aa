// HTTP/2 against Node's own server, which takes HTTP/1.1 too.

import { once } from 'node:events'
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../../test/support/certificate.ts'
import { httpProxy } from '../../../test/support/proxies.ts'
import { eventually } from '../../../test/support/until.ts'
import { Secret } from '../../config/secret.ts'
import type { HttpRequest } from '../../wire/message.ts'
import { createTransport, type TransportOptions } from '../transport.ts'

const authority = createAuthority()
const { certificate: cert, key } = authority.issue(['localhost', '127.0.0.1', 'mimir.test'])

type Handle = (request: Http2ServerRequest, response: Http2ServerResponse, body: Buffer) => void
const echo: Handle = (request, response, body) => response.end(`${request.httpVersion} ${body.length}`)

/** Without `handle`, streams are the test's matter. */
async function serve(handle: Handle | undefined) {
  const sessions: ServerHttp2Session[] = []
  const server = createSecureServer({ cert, key, allowHTTP1: true })
  if (handle !== undefined)
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = []
      request.on('error', () => undefined)
      response.stream?.on('error', () => undefined)
      for await (const chunk of request) chunks.push(chunk)
      handle(request, response, Buffer.concat(chunks))
    })
  server.on('session', (session) => sessions.push(session))
  server.on('sessionError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const session of sessions) session.destroy()
  })
  return { server, sessions, port: (server.address() as AddressInfo).port }
}

function client(options: TransportOptions = {}) {
  const transport = createTransport({ ca: authority.certificate, http2: true, ...options })
  onTestFinished(() => transport.destroy())
  const send = (port: number, rest: Partial<HttpRequest> = {}) => {
    const url = `https://127.0.0.1:${port}/api/v1/push?x=1`
    return transport.send({ method: 'POST', url, headers: {}, body: Buffer.from('body'), timeoutMs: 15_000, ...rest })
  }
  const post = async (port: number, rest: Partial<HttpRequest> = {}) => {
    const { status, body } = await send(port, rest)
    return `${status} ${Buffer.from(body)}`
  }
  return { ...transport, send, post }
}

test('a request arrives whole and its answer comes back', async () => {
  const seen: object[] = []
  const { port } = await serve((request, response, body) => {
    const { method, url, headers, httpVersion } = request
    seen.push({ method, url, headers, httpVersion, body: body.toString() })
    response.writeHead(429, { 'retry-after': '7', 'x-a': ['1', '2'], 'set-cookie': ['a', 'b'] })
    response.end('slow down')
  })
  const { send, stats } = client()
  const answer = await send(port, { headers: { 'x-scope-orgid': 'team-a', host: 'mimir.test' } })
  expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([429, 'slow down'])
  expect(answer.headers).toMatchObject({ 'retry-after': '7', 'x-a': '1, 2', 'set-cookie': 'a, b' })
  expect(Object.keys(answer.headers).filter((name) => name.startsWith(':'))).toEqual([])
  const headers = { ':authority': 'mimir.test', 'x-scope-orgid': 'team-a', 'content-length': '4', ':scheme': 'https' }
  expect(seen).toMatchObject([{ method: 'POST', url: '/api/v1/push?x=1', httpVersion: '2.0', body: 'body', headers }])
  await send(port)
  expect(seen).toMatchObject([{}, { headers: { ':authority': `127.0.0.1:${port}` } }])
  expect(stats()).toEqual({ connections: 1, idle: 1, waiting: 0, opened: 1 })
})

test('bodies of every size, both ways', async () => {
  const { port } = await serve((_request, response, body) => response.end(body))
  const { send, stats } = client({ maxKeptBytes: 400_000 })
  for (const size of [0, 1, 16_384, 70_000, 300_000]) {
    const body = Buffer.alloc(size, size % 251)
    expect(Buffer.from((await send(port, { body })).body).equals(body), String(size)).toBe(true)
  }
  expect((await send(port, { method: 'GET', body: Buffer.alloc(0) })).status).toBe(200)
  const long = await send(port, { body: Buffer.alloc(5_000_000) })
  expect(long.body.length).toBe(400_000)
  expect(stats().opened).toBe(1)
})

test('HTTP/1.1 where the server knows no better, where it is not offered, and for http:', async () => {
  const { port } = await serve(echo)
  expect(await client({ http2: true }).post(port)).toBe('200 2.0 4')
  expect(await client({ http2: false }).post(port)).toBe('200 1.1 4')
  const old = createHttpsServer({ cert, key }, (request, response) => {
    request.resume().on('end', () => response.end(request.httpVersion))
  })
  old.listen(0, '127.0.0.1')
  await once(old, 'listening')
  onTestFinished(() => void old.close())
  const { post, stats } = client()
  for (const _ of [1, 2]) expect(await post((old.address() as AddressInfo).port)).toBe('200 1.1')
  expect(stats().opened).toBe(1)
  old.closeAllConnections()
})

test('at most so many connections; the others wait', async () => {
  const { port, sessions } = await serve((_request, response, body) => void setImmediate(() => response.end(body)))
  const { post, stats } = client({ maxConnections: 3 })
  const bodies = Array.from({ length: 30 }, (_, i) => String(i))
  const answers = await Promise.all(bodies.map((body) => post(port, { body: Buffer.from(body) })))
  expect(answers).toEqual(bodies.map((body) => `200 ${body}`))
  expect(stats()).toMatchObject({ connections: 3, opened: 3, idle: 3 })
  expect(sessions).toHaveLength(3)
})

describe('GOAWAY', () => {
  test('lets the request under way finish; the next goes on a new connection', async () => {
    const { port, sessions } = await serve((request, response) => {
      if (sessions.length > 1) {
        response.end('second')
        return
      }
      request.stream.session!.goaway(0)
      setTimeout(() => response.end('first'), 50)
    })
    const { post, stats } = client()
    expect(await post(port)).toBe('200 first')
    expect(await post(port)).toBe('200 second')
    expect(stats()).toMatchObject({ opened: 2, connections: 1 })
  })

  test('while idle ends the connection', async () => {
    const { port, sessions } = await serve(echo)
    const { post, stats } = client()
    for (const code of [0, 11]) {
      expect(await post(port)).toBe('200 2.0 4')
      sessions.at(-1)!.goaway(code)
      await eventually(() => expect(stats().connections).toBe(0))
    }
    expect(stats().opened).toBe(2)
  })

  test('with an error fails the request under way, once', async () => {
    let requests = 0
    const { port } = await serve((request) => {
      requests++
      request.stream.session!.destroy(undefined, 2)
    })
    const { post, stats } = client()
    await expect(post(port)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      message: expect.stringMatching(
        /it (closed the (HTTP\/2 )?connection|reset the HTTP\/2 stream) before it answered$/,
      ),
    })
    expect(requests).toBe(1)
    expect(stats().connections).toBe(0)
  })
})

test('a stream that is reset, before and behind the head', async () => {
  const { port } = await serve((request, response, body) => {
    if (body.toString() === 'late') {
      response.writeHead(200)
      response.write('some')
      setTimeout(() => request.stream.close(2), 20)
    } else request.stream.close(7)
  })
  const { post } = client()
  await expect(post(port)).rejects.toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    message: `127.0.0.1:${port}: it reset the HTTP/2 stream before it answered`,
  })
  expect(await post(port, { body: Buffer.from('late') })).toBe('200 some')
})

test('interim answers are skipped, a long head is refused, an endless body ends', async () => {
  const { port, sessions } = await serve((request, response) => {
    if (request.url === '/hints') {
      response.writeEarlyHints({ link: '</x>; rel=preload' })
      response.end('final')
    } else if (request.url === '/head') response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end()
    else {
      const more = (): void => {
        while (!response.writableEnded && !response.stream.destroyed && response.write('y'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    }
  })
  const { post, send, stats } = client({ maxHeadBytes: 16_000, maxKeptBytes: 5 })
  const to = (path: string) => ({ url: `https://127.0.0.1:${port}${path}` })
  expect(await post(port, to('/hints'))).toBe('200 final')
  await expect(send(port, to('/head'))).rejects.toMatchObject({ code: 'UPSTREAM_ANSWER_TOO_LARGE' })
  expect(await post(port, to('/endless'))).toBe('200 yyyyy')
  await eventually(() => expect(sessions.every((session) => session.destroyed)).toBe(true))
  expect(await post(port, to('/hints'))).toBe('200 final')
  expect(stats()).toMatchObject({ connections: 1, idle: 1, opened: 3 })
})

test('an early answer is taken', async () => {
  const { port, server } = await serve(undefined)
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    stream.respond({ ':status': 413 })
    stream.end('too much')
  })
  const { post, stats } = client()
  for (const _ of [1, 2]) expect(await post(port, { body: Buffer.alloc(8_000_000) })).toBe('413 too much')
  expect(stats()).toMatchObject({ connections: 0, opened: 2 })
})

test('time-outs and callers that give up, before and after the head', async () => {
  const { port } = await serve((_request, response, body) => {
    if (body.toString() === 'head') response.writeHead(200).write('part')
  })
  const { post, stats } = client()
  await expect(post(port, { timeoutMs: 1000 })).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: `127.0.0.1:${port}: no answer within 1000 ms`,
  })
  expect(await post(port, { body: Buffer.from('head'), timeoutMs: 1000 })).toBe('200 part')
  const abort = new AbortController()
  const given = post(port, { signal: abort.signal })
  abort.abort(new Error('enough'))
  await expect(given).rejects.toThrow('enough')
  expect(stats()).toMatchObject({ connections: 0, waiting: 0 })
})

test('close waits for what is under way, destroy does not', async () => {
  const held: Http2ServerResponse[] = []
  const { port } = await serve((_request, response) => void held.push(response))
  const { post, close } = client()
  const answer = post(port)
  await eventually(() => expect(held).toHaveLength(1))
  const closed = close()
  held[0]!.end('done')
  expect(await answer).toBe('200 done')
  await closed
  const other = client()
  const lost = other.post(port)
  other.destroy()
  await expect(lost).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  expect(other.stats().connections).toBe(0)
})

test('through a proxy’s tunnel', async () => {
  const [{ port }, proxy] = [await serve(echo), await httpProxy()]
  const { post, stats } = client({ proxy: { url: new Secret(`http://127.0.0.1:${proxy.port}`) } })
  for (const _ of [1, 2]) expect(await post(port, { url: `https://mimir.test:${port}/` })).toBe('200 2.0 4')
  expect(proxy.asked).toHaveLength(1)
  expect(stats().opened).toBe(1)
})

test('a server that says h2 and talks nonsense', async () => {
  const { port, server } = await serve(echo)
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  const { post, stats } = client()
  await expect(post(port)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
  expect(stats().connections).toBe(0)
})
