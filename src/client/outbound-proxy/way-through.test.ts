// Whole ways through proxies, over real sockets: what the proxy was asked for, and what reached upstream.

import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../../test/support/certificate.ts'
import { httpProxy, socksProxy } from '../../../test/support/proxies.ts'
import { onRequests, rawServer } from '../../../test/support/raw-server.ts'
import { eventually } from '../../../test/support/until.ts'
import type { OutboundProxySettings } from '../../config/http-client/http-client-settings.ts'
import { Secret } from '../../config/secret.ts'
import type { HttpRequest } from '../../wire/message.ts'
import { createTransport, type TransportOptions } from '../transport.ts'

const authority = createAuthority()
const certified = authority.issue(['localhost', '127.0.0.1', 'mimir.test'])
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** An upstream that answers `to` its request's body. */
async function upstream(scheme: string) {
  const heads: string[] = []
  const server = await rawServer(
    (socket) =>
      onRequests(socket, (head, body) => {
        heads.push(head)
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length + 3}\r\n\r\nto ${body}`)
      }),
    scheme === 'https' ? certified : undefined,
  )
  return { ...server, heads }
}

function client(proxy: OutboundProxySettings, options: TransportOptions = {}) {
  const transport = createTransport({ ca: authority.certificate, proxy, ...options })
  onTestFinished(() => transport.destroy())
  const post = async (url: string, rest: Partial<HttpRequest> = {}) => {
    const request = { method: 'POST', url, headers: { 'x-a': '1' }, body: Buffer.from('body'), timeoutMs: 15_000 }
    const { status, body } = await transport.send({ ...request, ...rest })
    return `${status} ${Buffer.from(body)}`
  }
  return { ...transport, post }
}

const via = (url: string, more: Omit<OutboundProxySettings, 'url'> = {}) => ({ url: new Secret(url), ...more })

for (const proxyScheme of ['http', 'https'] as const) {
  const tls = proxyScheme === 'https' ? certified : undefined

  test(`http: upstream by an ${proxyScheme}: proxy: forwarded, and only the proxy gets its login`, async () => {
    const [proxy, server] = [await httpProxy(tls), await upstream('http')]
    const connectHeaders = { 'X-Tunnel': [new Secret('never here')] }
    const { post, stats } = client(via(`${proxyScheme}://us%65r:p%3Aw@127.0.0.1:${proxy.port}/`, { connectHeaders }))
    const url = `http://mimir.test:${server.port}/api/v1/push?x=1`
    expect(await post(url)).toBe('200 to body')
    expect(await post(url, { headers: { 'x-a': '2', 'proxy-authorization': 'other' } })).toBe('200 to body')
    expect(proxy.asked[0]!.split('\r\n')[0]).toBe(`POST ${url} HTTP/1.1`)
    for (const head of proxy.asked) {
      expect(head.match(/^proxy-authorization: .*/gim)).toEqual([`proxy-authorization: ${basic('user:p:w')}`])
      expect(head).toMatch(new RegExp(`^host: mimir.test:${server.port}$`, 'im'))
      expect(head).not.toMatch(/x-tunnel/i)
    }
    expect(server.heads.map((head) => head.split('\r\n')[0])).toEqual(Array(2).fill('POST /api/v1/push?x=1 HTTP/1.1'))
    expect(proxy.connections.length).toBe(1)
    expect(stats()).toMatchObject({ opened: 1, idle: 1 })
  })

  test(`https: upstream by an ${proxyScheme}: proxy: a tunnel, with headers of its own`, async () => {
    const [proxy, server] = [await httpProxy(tls), await upstream('https')]
    const connectHeaders = {
      'X-Tunnel': [new Secret('one'), new Secret('two')],
      'proxy-authorization': [new Secret('not this')],
      Host: [new Secret('nor.this')],
    }
    const { post, stats } = client(via(`${proxyScheme}://user@127.0.0.1:${proxy.port}`, { connectHeaders }))
    for (const _ of [1, 2]) expect(await post(`https://mimir.test:${server.port}/p`)).toBe('200 to body')
    const name = `mimir.test:${server.port}`
    expect(proxy.asked).toEqual([
      `CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\nProxy-Authorization: ${basic('user:')}\r\nX-Tunnel: one\r\nX-Tunnel: two`,
    ])
    expect(server.heads).toHaveLength(2)
    expect(server.heads.join()).not.toMatch(/proxy|tunnel/i)
    expect(stats()).toMatchObject({ opened: 1, idle: 1 })
  })
}

for (const scheme of ['http', 'https'] as const)
  for (const proxyScheme of ['socks5', 'socks5h'] as const)
    test(`${scheme}: upstream by a ${proxyScheme}: proxy, which finds the host`, async () => {
      const [open, closed, server] = [await socksProxy(), await socksProxy('us er:pä'), await upstream(scheme)]
      const url = (host: string) => `${scheme}://${host}:${server.port}/p`
      const { post, stats } = client(via(`${proxyScheme}://127.0.0.1:${open.port}`))
      for (const _ of [1, 2]) expect(await post(url('mimir.test'))).toBe('200 to body')
      expect(await post(url('127.0.0.1'))).toBe('200 to body')
      if (scheme === 'http') expect(await post(url('[2001:db8::f:1]'))).toBe('200 to body')
      expect(open.asked.slice(0, 2)).toEqual([`mimir.test:${server.port}`, `127.0.0.1:${server.port}`])
      if (scheme === 'http') expect(open.asked[2]).toBe(`20010db80000000000000000000f0001:${server.port}`)
      expect(server.heads[0]!.split('\r\n')[0]).toBe('POST /p HTTP/1.1')
      expect(server.heads[0]).toMatch(new RegExp(`^host: mimir.test:${server.port}$`, 'im'))
      expect(stats().opened).toBe(scheme === 'http' ? 3 : 2)
      const known = client(via(`${proxyScheme}://us%20er:p%C3%A4@127.0.0.1:${closed.port}`))
      expect(await known.post(url('mimir.test'))).toBe('200 to body')
      expect(closed.logins).toEqual(['us er:pä'])
      const check = (login: string, message: string) =>
        expect(client(via(`socks5://${login}127.0.0.1:${closed.port}`)).post(url('mimir.test'))).rejects.toMatchObject({
          code: 'UPSTREAM_UNREACHABLE',
          message: `the proxy 127.0.0.1:${closed.port}: ${message}`,
        })
      await check('a:b@', 'it does not accept the user and the password in its URL')
      await check('', 'it demands a login, and its URL holds none')
    })

test('no_proxy: dialled directly, and no connection is shared', async () => {
  const [proxy, server] = [await httpProxy(), await upstream('http')]
  const { post, stats } = client(via(`http://127.0.0.1:${proxy.port}`, { noProxy: 'other.test' }))
  await post(`http://mimir.test:${server.port}/`)
  await post(`http://127.0.0.1:${server.port}/`)
  expect(proxy.asked).toHaveLength(1)
  expect(stats()).toMatchObject({ opened: 2, idle: 2 })
})

test('the environment is asked for each new URL', async () => {
  const [first, second, server] = [await httpProxy(), await httpProxy(), await upstream('http')]
  const env: Record<string, string> = { HTTP_PROXY: `127.0.0.1:${first.port}` }
  const { post } = client({ fromEnvironment: true }, { env })
  await post(`http://mimir.test:${server.port}/1`)
  env.HTTP_PROXY = `http://u:p@127.0.0.1:${second.port}`
  await post(`http://mimir.test:${server.port}/2`)
  expect([first.asked.length, second.asked.length]).toEqual([1, 1])
  expect(second.asked[0]).toContain(basic('u:p'))
  env.REQUEST_METHOD = 'POST'
  await expect(post(`http://mimir.test:${server.port}/3`)).rejects.toThrow(/CGI/)
})

test('a proxy that refuses, in words without secrets', async () => {
  const check = async (answer: string | Buffer, url: string, message: RegExp) => {
    const server = await rawServer((socket) => void socket.once('data', () => socket.write(answer)))
    const { post, stats } = client(via(url.replace('PROXY', `127.0.0.1:${server.port}`)))
    const error: Error & { code?: string } = await post('https://mimir.test:1/', { timeoutMs: 15_000 }).then(
      () => expect.fail('it was let through'),
      (reason) => reason,
    )
    expect(error.code, error.message).toBe('UPSTREAM_UNREACHABLE')
    expect(error.message.replace(/:\d+/, ':P'), String(answer).slice(0, 50)).toMatch(message)
    expect(`${error.message} ${String(error.cause)}`).not.toContain('hush')
    expect(stats().connections).toBe(0)
    await eventually(() => expect(server.connections.every((socket) => socket.destroyed)).toBe(true))
  }
  const [http, socks] = ['http://u:hush@PROXY', 'socks5://u:hush@PROXY']
  const ended = '\r\nX-Why: hush\r\n\r\n'
  await check(
    `HTTP/1.1 403 No${ended}`,
    http,
    /^the proxy 127.0.0.1:P: it refused the way to mimir.test:1 with status 403$/,
  )
  await check(`HTTP/1.1 502 Bad${ended}`, http, /with status 502$/)
  await check(`HTTP/1.1 204 No${ended}`, http, /with status 204$/)
  await check(`HTTP/1.1 100 On${ended}`, http, /with status 100$/)
  await check(`HTTP/1.1 407 Who${ended}`, http, /P: it does not accept the user and the password in the URL .*\(407\)$/)
  await check(`HTTP/1.1 407 Who${ended}`, 'http://PROXY', /P: it demands a user and a password \(407\)/)
  await check('SSH-2.0-OpenSSH_9.2\r\n', http, /P: it does not speak HTTP\/1.1$/)
  await check('HTTP/1.1 200 OK\r\nbad\r\n\r\n', http, /did not answer in HTTP\/1.1: a header line has no colon$/)
  await check(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}`, http, /P: its answer is too long$/)
  await check('HTTP/1.1 200 OK\r\n\r\nunasked', http, /P: it went on after its answer$/)
  await check(Buffer.from([5, 0xff]), socks, /P: it takes no user and password$/)
  await check(Buffer.from([5, 1]), socks, /P: it does not speak SOCKS 5$/)
  await check(Buffer.from([5, 2]), 'socks5://PROXY', /P: it does not speak SOCKS 5$/)
  await check('HTTP/1.1 400 Bad Request\r\n\r\n', socks, /P: it does not speak SOCKS 5$/)
  for (const [code, why] of [
    [2, 'its rules forbid it'],
    [5, 'nothing listens there'],
    [99, 'reply 99'],
  ] as const)
    await check(Buffer.from([5, 0, 5, code, 0, 1]), socks, new RegExp(`P: no way to mimir.test:1: ${why}`))
  await check(Buffer.from([5, 0, 5, 0, 0, 9]), socks, /P: it does not speak SOCKS 5$/)
  await check(Buffer.from([5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7]), socks, /P: it went on after its answer$/)
  await check('HTTP/1.1 200 OK\r\n\r\n', 'https://u:hush@PROXY', /P: it does not speak TLS there/)
})

test('a proxy that ends, hangs or drips, at every byte', async () => {
  const answers = {
    http: Buffer.from('HTTP/1.1 200 OK\r\n\r\n'),
    socks5: Buffer.from([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  }
  for (const [scheme, answer] of Object.entries(answers)) {
    const serve = (say: (socket: Socket, nth: number) => void) =>
      rawServer((socket, nth) => void socket.once('data', () => say(socket, nth)))
    const ending = await serve((socket, nth) => socket.end(answer.subarray(0, nth)))
    const { post } = client(via(`${scheme}://127.0.0.1:${ending.port}`))
    for (let nth = 0; nth < answer.length; nth++)
      await expect(post('https://mimir.test:1/', { timeoutMs: 15_000 }), `${scheme} ${nth}`).rejects.toMatchObject({
        message: `the proxy 127.0.0.1:${ending.port}: it closed the connection before it answered`,
      })
    const silent = await serve((socket) => socket.write(answer.subarray(0, 1)))
    const patient = client(via(`${scheme}://127.0.0.1:${silent.port}`))
    await expect(patient.post('https://mimir.test:1/', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: `mimir.test:1 (through the proxy 127.0.0.1:${silent.port}): no connection within 50 ms`,
    })
    const abort = new AbortController()
    const given = patient.post('https://mimir.test:1/', { signal: abort.signal })
    await eventually(() => expect(silent.connections.length).toBe(2))
    abort.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    await eventually(() => expect(silent.connections.every((socket) => socket.destroyed)).toBe(true))
    expect(patient.stats().connections).toBe(0)
  }
})

test('a proxy that says yes byte by byte', async () => {
  const server = await upstream('https')
  const proxy = await rawServer((socket) =>
    socket.setNoDelay(true).once('data', async () => {
      for (const byte of 'HTTP/1.1 200 OK\r\n\r\n') {
        socket.write(byte)
        await setImmediate()
      }
      const onward = connect({ host: '127.0.0.1', port: server.port })
      onward.on('error', () => undefined)
      socket.pipe(onward).pipe(socket)
    }),
  )
  const { post } = client(via(`http://127.0.0.1:${proxy.port}`))
  expect(await post(`https://mimir.test:${server.port}/`)).toBe('200 to body')
})

test('nobody listens at the proxy, or behind it', async () => {
  const proxy = await httpProxy()
  const gone = await rawServer(() => undefined)
  gone.close()
  const dead = client(via(`http://127.0.0.1:${gone.port}`))
  const why = 'nothing listens there (connection refused)'
  await expect(dead.post('https://mimir.test:1/')).rejects.toThrow(`the proxy 127.0.0.1:${gone.port}: ${why}`)
  await expect(dead.post('http://mimir.test:1/')).rejects.toThrow(
    `the proxy 127.0.0.1:${gone.port} (for mimir.test:1): ${why}`,
  )
  const alive = client(via(`http://127.0.0.1:${proxy.port}`))
  await expect(alive.post(`https://mimir.test:${gone.port}/`)).rejects.toThrow(/closed the connection before/)
})

test('proxy_connect_header that no header may be is refused at once, unseen', () => {
  const check = (connectHeaders: Record<string, Secret[]>, message: RegExp) =>
    expect(() => createTransport({ proxy: via('http://proxy', { connectHeaders }) })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    )
  check({ 'x y': [new Secret('v')] }, /^proxy_connect_header: "x y" is not the name of a header$/)
  check({ 'x-a': [new Secret('hush\r\nEvil: 1')] }, /^proxy_connect_header: x-a: the value contains a line break/)
})

test('the certificate inside a tunnel is upstream’s, and that of the proxy is checked too', async () => {
  const server = await rawServer(() => undefined, authority.issue(['elsewhere.test']))
  const proxy = await httpProxy()
  const inner = client(via(`http://127.0.0.1:${proxy.port}`))
  await expect(inner.post(`https://mimir.test:${server.port}/`)).rejects.toThrow(
    `mimir.test:${server.port} (through the proxy 127.0.0.1:${proxy.port}): its certificate is for another host name`,
  )
  const secure = await httpProxy(createAuthority('other').issue())
  const outer = client(via(`https://127.0.0.1:${secure.port}`))
  await expect(outer.post(`http://mimir.test:${server.port}/`)).rejects.toThrow(
    new RegExp(`^the proxy 127.0.0.1:${secure.port}.*CA`),
  )
  expect(secure.asked).toEqual([])
})
