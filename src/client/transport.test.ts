// One suite over both kinds of connection: what a request meets on its way must not depend on the scheme.

import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../test/support/certificate.ts'
import { onRequests, rawServer } from '../../test/support/raw-server.ts'
import { eventually } from '../../test/support/until.ts'
import type { HttpRequest } from '../wire/message.ts'
import { createTransport, type TransportOptions } from './transport.ts'

const authority = createAuthority()
const certified = authority.issue()
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
/** Abruptly; TLS sockets know no reset. */
const reset = (socket: Socket) => (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy())
const text = (body: Uint8Array) => Buffer.from(body).toString('latin1')

const kinds = [
  { kind: 'http', scheme: 'http', offered: {} },
  { kind: 'https', scheme: 'https', offered: {} },
  { kind: 'https, HTTP/2 offered and not taken', scheme: 'https', offered: { http2: true } },
] as const

for (const { kind, scheme, offered } of kinds) {
  const serve = (handle: Parameters<typeof rawServer>[0]) =>
    rawServer(handle, scheme === 'https' ? certified : undefined)
  const client = (options: TransportOptions = {}) => {
    const transport = createTransport({ ca: authority.certificate, ...offered, ...options })
    onTestFinished(() => transport.destroy())
    const post = (port: number, rest: Partial<HttpRequest> = {}) =>
      transport.send({
        method: 'POST',
        url: `${scheme}://127.0.0.1:${port}/api/v1/push?x=1`,
        headers: { 'x-scope-orgid': 'team-a' },
        body: Buffer.from('body'),
        ...rest,
      })
    return { ...transport, post }
  }
  /** The answer to what a server says on its first connection, or the error's code. */
  const exchange = async (
    bytes: string | Buffer,
    options: { readonly close?: boolean; readonly timeoutMs?: number } & TransportOptions = {},
  ) => {
    const server = await serve((socket) =>
      onRequests(socket, () => {
        if (options.close === true) socket.end(bytes)
        else socket.write(bytes)
      }),
    )
    const { post, stats } = client(options)
    try {
      const { status, headers, body } = await post(server.port, { timeoutMs: options.timeoutMs ?? 15_000 })
      return { status, headers, body: text(body), idle: stats().idle }
    } catch (error) {
      return error
    }
  }

  describe(kind, () => {
    test('a request arrives whole and its answer comes back', async () => {
      const seen: string[] = []
      const server = await serve((socket) =>
        onRequests(socket, (head, body) => {
          seen.push(`${head}|${body.toString()}`)
          socket.write('HTTP/1.1 204 No Content\r\nRetry-After: 7\r\nX-A: 1\r\nx-a:2\r\n\r\n')
        }),
      )
      const { post, stats } = client()
      const answer = await post(server.port)
      expect(answer.status).toBe(204)
      expect(answer.headers).toEqual({ 'retry-after': '7', 'x-a': '1, 2' })
      const lines = seen[0]!.split('\r\n')
      expect(lines[0]).toBe('POST /api/v1/push?x=1 HTTP/1.1')
      expect(lines.slice(1).map((line) => line.toLowerCase())).toEqual(
        expect.arrayContaining([
          `host: 127.0.0.1:${server.port}`,
          'x-scope-orgid: team-a',
          expect.stringMatching(/^content-length: 4(\||$)/),
        ]),
      )
      expect(seen[0]).toMatch(/\|body$/)
      expect(stats()).toEqual({ connections: 1, idle: 1, waiting: 0, opened: 1 })
    })

    test('host names are found by the lookup that is given', async () => {
      const asked: string[] = []
      const server = await serve((socket) => onRequests(socket, () => socket.write(ok)))
      const { post } = client({
        lookup: (name, _options, done) => {
          asked.push(name)
          done(null, '127.0.0.1', 4)
        },
      })
      // `localhost` is in the certificate.
      expect((await post(server.port, { url: `${scheme}://localhost:${server.port}/` })).status).toBe(200)
      expect(asked).toEqual(['localhost'])
    })

    test('thousands of origins: those unused are forgotten, a connection that rests is not', async () => {
      const server = await serve((socket) => onRequests(socket, () => socket.write(ok)))
      const { post, stats } = client({
        lookup: (_name, _options, done) => done(null, '127.0.0.1', 4),
        idleTimeoutMs: 600_000,
      })
      await post(server.port)
      for (let k = 0; k < 1050; k++)
        await expect(post(1, { url: `${scheme}://h${k}.test:1/` })).rejects.toThrow(/nothing listens/)
      expect(stats()).toEqual({ connections: 1, idle: 1, waiting: 0, opened: 1051 })
      await post(server.port)
      expect(stats().opened).toBe(1051)
    })

    test('bodies of every size arrive, one connection for all', async () => {
      const lengths: number[] = []
      const server = await serve((socket) =>
        onRequests(socket, (_head, body) => {
          lengths.push(body.length)
          expect(body.equals(Buffer.alloc(body.length, body.length % 251))).toBe(true)
          socket.write(ok)
        }),
      )
      const { post, stats } = client()
      const sizes = [0, 1, 600, 17_000, 32_600, 32_700, 33_000, 83_000, 3_000_000]
      for (const size of sizes) await post(server.port, { body: Buffer.alloc(size, size % 251) })
      expect(lengths).toEqual(sizes)
      expect(stats().opened).toBe(1)
    })

    test('headers of every length arrive', async () => {
      const heads: string[] = []
      const server = await serve((socket) =>
        onRequests(socket, (head, body) => {
          heads.push(`${/x-long: (x*)/.exec(head)![1]!.length} ${body}`)
          socket.write(ok)
        }),
      )
      const { post, stats } = client()
      const lengths = [10, 32_600, 32_768, 40_000]
      for (const length of lengths) await post(server.port, { headers: { 'x-long': 'x'.repeat(length) } })
      expect(heads).toEqual(lengths.map((length) => `${length} body`))
      expect(stats().opened).toBe(1)
    })

    test('answers in every framing', async () => {
      const check = async (bytes: string, status: number, body: string, idle = 1, close = false) =>
        expect(await exchange(bytes, { close })).toMatchObject({ status, body, idle })
      await check(ok, 200, 'ok')
      await check('HTTP/1.1 500\r\ncontent-length: 0\r\n\r\n', 500, '')
      await check(
        'HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: 1\r\n\r\n',
        400,
        'abcde',
      )
      await check('HTTP/1.1 200 OK\r\n\r\nuntil close', 200, 'until close', 0, true)
      await check('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx', 200, 'x', 0)
      await check('HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', 200, 'x', 0)
      await check('HTTP/1.1 301 Moved\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n', 301, '')
      await check(
        'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n',
        202,
        '',
      )
      await check('HTTP/1.1 304 Not Modified\r\n\r\n', 304, '')
    })

    test('a long body is cut short, its status counts; an endless one ends', async () => {
      const long = 'x'.repeat(200_000)
      const whole = `HTTP/1.1 200 OK\r\ncontent-length: ${long.length}\r\n\r\n${long}`
      expect(await exchange(whole, { maxKeptBytes: 10 })).toMatchObject({ status: 200, body: 'xxxxxxxxxx', idle: 1 })
      const chunk = `10000\r\n${'y'.repeat(0x10000)}\r\n`
      const endless = `HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(8)}`
      expect(await exchange(endless, { maxKeptBytes: 5 })).toMatchObject({ status: 500, body: 'yyyyy', idle: 0 })
    })

    test('a head over the bound is refused', async () => {
      const head = `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\ncontent-length: 0\r\n\r\n`
      expect(await exchange(head)).toMatchObject({ code: 'UPSTREAM_ANSWER_TOO_LARGE', status: 503 })
    })

    test('what is not HTTP/1.1 is refused', async () => {
      const check = async (bytes: string | Buffer) =>
        expect(await exchange(bytes), bytes.toString('latin1').slice(0, 60)).toMatchObject({
          code: 'UPSTREAM_UNREACHABLE',
        })
      await check('SSH-2.0-OpenSSH_9.2\r\n')
      await check('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n')
      await check('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxy')
      await check('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n')
      await check('HTTP/1.1 200 OK\r\nbad header: 1\r\n\r\n')
      await check(Buffer.alloc(4096, 0xff))
    })

    test('a status that arrived counts even if its text did not', async () => {
      const cut = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this'
      expect(await exchange(cut, { close: true })).toMatchObject({ status: 200, body: 'only this', idle: 0 })
      expect(await exchange(cut, { timeoutMs: 1000 })).toMatchObject({ status: 200, body: 'only this', idle: 0 })
    })

    test('an upstream that hangs is a time-out, at each stage', async () => {
      const server = await serve((socket) => onRequests(socket, () => undefined))
      const { post, stats } = client({ maxConnections: 1 })
      const first = post(server.port, { timeoutMs: 1000 })
      const second = post(server.port, { timeoutMs: 20 })
      await expect(second).rejects.toMatchObject({
        code: 'UPSTREAM_TIMEOUT',
        message: /no free connection within 20 ms/,
      })
      await expect(first).rejects.toMatchObject({
        code: 'UPSTREAM_TIMEOUT',
        status: 504,
        message: `127.0.0.1:${server.port}: no answer within 1000 ms`,
      })
      expect(stats()).toMatchObject({ connections: 0, waiting: 0 })
    })

    test('nobody listens, or hangs up', async () => {
      const server = await serve((socket) => onRequests(socket, () => reset(socket)))
      const { post, stats } = client()
      await expect(post(server.port)).rejects.toMatchObject({
        code: 'UPSTREAM_UNREACHABLE',
        status: 503,
        message: `127.0.0.1:${server.port}: it closed the connection before it answered`,
      })
      expect(stats()).toMatchObject({ connections: 0, opened: 1 })
      server.close()
      await expect(post(server.port)).rejects.toMatchObject({ message: /nothing listens there/ })
    })

    test('a request that meets a closing connection is not sent again; the next one goes on a new one', async () => {
      let requests = 0
      const server = await serve((socket, nth) =>
        onRequests(socket, () => {
          requests++
          if (nth === 0 && requests === 2) reset(socket)
          else socket.write(ok)
        }),
      )
      const { post, stats } = client()
      await post(server.port)
      await expect(post(server.port)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
      expect(requests).toBe(2)
      expect((await post(server.port)).status).toBe(200)
      expect(stats()).toMatchObject({ connections: 1, opened: 2 })
    })

    test('at most so many connections; the others wait and go in order', async () => {
      const order: string[] = []
      let open = 0
      let most = 0
      const server = await serve((socket) => {
        onRequests(socket, (_head, body) => {
          order.push(body.toString())
          most = Math.max(most, ++open)
          setImmediate(() => {
            open--
            socket.write(ok)
          })
        })
      })
      const { post, stats } = client({ maxConnections: 3 })
      const all = Array.from({ length: 30 }, (_, i) => post(server.port, { body: Buffer.from(String(i)) }))
      expect((await Promise.all(all)).every(({ status }) => status === 200)).toBe(true)
      expect(stats()).toMatchObject({ connections: 3, opened: 3, waiting: 0, idle: 3 })
      expect(most).toBeLessThanOrEqual(3)
      expect(new Set(order).size).toBe(30)
      expect(order.indexOf('29')).toBeGreaterThan(20)
    })

    test('an old connection carries no further request', async () => {
      const time = { now: 0 }
      const server = await serve((socket) => onRequests(socket, () => socket.write(ok)))
      const { post, stats } = client({ maxConnectionAgeMs: 60_000, idleTimeoutMs: 100_000, now: () => time.now })
      await post(server.port)
      time.now = 59_000
      await post(server.port)
      expect(stats()).toMatchObject({ opened: 1, idle: 1 })
      time.now = 61_000
      await post(server.port)
      expect(stats()).toMatchObject({ opened: 2, connections: 1 })
    })

    test('an idle connection goes when upstream closes it, and when its time is over', async () => {
      const server = await serve((socket) => onRequests(socket, () => socket.write(ok)))
      const { post, stats } = client({ idleTimeoutMs: 200 })
      await post(server.port)
      server.connections[0]!.end()
      await eventually(() => expect(stats().connections).toBe(0))
      await post(server.port)
      expect(stats().idle).toBe(1)
      await eventually(() => expect(stats().connections).toBe(0))
    })

    test('an early answer is taken, and the connection with the rest of the body goes', async () => {
      const server = await serve((socket) => {
        socket.once('data', () => {
          socket.pause()
          socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
        })
      })
      const { post, stats } = client()
      const { status } = await post(server.port, { body: Buffer.alloc(16_000_000), timeoutMs: 15_000 })
      expect(status).toBe(413)
      await eventually(() => expect(stats().connections).toBe(0))
    })

    test('a caller may give up', async () => {
      const server = await serve((socket) => onRequests(socket, () => undefined))
      const { post, stats } = client()
      const abort = new AbortController()
      const answer = post(server.port, { signal: abort.signal })
      abort.abort(new Error('enough'))
      await expect(answer).rejects.toThrow('enough')
      await expect(post(server.port, { signal: abort.signal })).rejects.toThrow('enough')
      expect(stats().connections).toBe(0)
    })

    test('close lets what is under way finish and takes nothing new', async () => {
      let answer = (): void => undefined
      const server = await serve((socket) =>
        onRequests(socket, () => {
          answer = () => socket.write(ok)
        }),
      )
      const { post, close, stats } = client({ maxConnections: 1 })
      const [first, second] = [post(server.port), post(server.port)]
      await eventually(() => expect(answer()).toBe(true))
      const closed = close()
      await expect(post(server.port)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
      expect((await first).status).toBe(200)
      await eventually(() => expect(answer()).toBe(true))
      expect((await second).status).toBe(200)
      await closed
      expect(stats().connections).toBe(0)
    })

    test('destroy ends everything', async () => {
      const server = await serve((socket) => onRequests(socket, () => undefined))
      const { post, destroy, stats } = client({ maxConnections: 1 })
      const all = [post(server.port), post(server.port)]
      destroy()
      for (const one of all) await expect(one).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
      expect(stats()).toMatchObject({ connections: 0, waiting: 0 })
    })

    test('what must not be sent is not', async () => {
      const server = await serve(() => undefined)
      const { post, stats } = client()
      const check = (rest: Partial<HttpRequest>, message: RegExp) =>
        expect(post(server.port, rest)).rejects.toMatchObject({ code: 'INTERNAL', message })
      await check({ headers: { 'x-a': 'b\r\nx-evil: 1' } }, /header x-a holds a character/)
      await check({ headers: { 'x-a': 'é€' } }, /header x-a/)
      await check({ headers: { 'x a': '1' } }, /"x a" is not the name/)
      await check({ headers: { 'X-A': '1' } }, /"X-A" is not the name/)
      await check({ headers: { 'content-length': '1' } }, /set by the transport/)
      await check({ headers: { 'transfer-encoding': 'chunked' } }, /set by the transport/)
      await check({ method: 'POST /x HTTP/1.1\r\n' }, /no method/)
      await check({ url: 'ftp://127.0.0.1/' }, /ftp/)
      await check({ url: `${scheme}://u:secret@127.0.0.1/` }, /^(?!.*secret).*credentials/)
      expect(stats().opened).toBe(0)
    })
  })
}
