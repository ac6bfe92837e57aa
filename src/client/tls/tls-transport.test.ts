// tls_config over real sockets: who is trusted, as whom we go, and what happens as files change under load.

import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { SecureVersion, TLSSocket, TlsOptions } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { type Certified, createAuthority } from '../../../test/support/certificate.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { eventually } from '../../../test/support/until.ts'
import type { TlsSettings, TlsVersion } from '../../config/http-client/http-client-settings.ts'
import { Secret, type TextSource } from '../../config/secret.ts'
import type { HttpRequest } from '../../wire/message.ts'
import { createTransport, type TransportOptions } from '../transport.ts'

const [servers, clients, strangers] = [createAuthority('servers'), createAuthority('clients'), createAuthority('other')]
const certified = servers.issue(['localhost', '127.0.0.1', 'mimir.test'])
const inline = (text: string): TextSource => ({ kind: 'inline', secret: new Secret(text) })
const pair = ({ certificate, key }: Certified) => ({ cert: inline(certificate), key: inline(key) })

interface Seen {
  readonly commonName: string | undefined
  readonly servername: string | false
  readonly protocol: string | null
  readonly isResumed: boolean
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Answers 200 with the client certificate's name, or what `judge` says. */
async function serve(options: TlsOptions = {}, judge: (seen: Seen) => number = () => 200) {
  const seen: Seen[] = []
  const server: Server = createServer(
    { cert: certified.certificate, key: certified.key, ...options },
    (request, response) => {
      const socket = request.socket as TLSSocket & { servername: string | false }
      const commonName = [socket.getPeerCertificate().subject?.CN].flat()[0]
      const { servername, headers } = { ...socket, servername: socket.servername, headers: request.headers }
      const one = {
        commonName,
        servername,
        protocol: socket.getProtocol(),
        isResumed: socket.isSessionReused(),
        headers,
      }
      seen.push(one)
      request.resume().on('end', () => {
        response.statusCode = judge(one)
        response.end(commonName)
      })
    },
  )
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, seen, port: (server.address() as AddressInfo).port }
}

function client(tls: TlsSettings, options: TransportOptions = {}) {
  const lookup: TransportOptions['lookup'] = (_, { all }, done) =>
    all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  const transport = createTransport({ tls, lookup, ...options })
  onTestFinished(() => transport.destroy())
  const post = (port: number, host = '127.0.0.1', rest: Partial<HttpRequest> = {}) =>
    transport
      .send({
        method: 'POST',
        url: `https://${host}:${port}/p`,
        headers: {},
        body: Buffer.from('x'),
        timeoutMs: 15_000,
        ...rest,
      })
      .then(
        ({ status, body }) => `${status} ${Buffer.from(body)}`,
        (error: Error) => error.message.replace(/:\d+/, ':P'),
      )
  return { ...transport, post }
}

const ca = inline(servers.certificate)
const demanding = { requestCert: true, ca: clients.certificate }

test('who is trusted', async () => {
  const { port } = await serve()
  expect(await client({ ca }).post(port)).toBe('200 ')
  expect(await client({ ca }).post(port, 'mimir.test')).toBe('200 ')
  expect(await client({ ca: inline(strangers.certificate) }).post(port)).toMatch(/P: its certificate is .*not trusted/)
  expect(await client({ ca }).post(port, 'else.test')).toBe(
    'else.test:P: its certificate is for another host name (server_name sets the one to look for)',
  )
  expect(await client({}, { ca: servers.certificate }).post(port)).toBe('200 ')
  expect(await client({ ca: inline(strangers.certificate) }, { ca: servers.certificate }).post(port)).toMatch(
    /not trusted/,
  )
  expect(await client({ insecureSkipVerify: true }).post(port, 'else.test')).toBe('200 ')
})

test('server_name is asked for and checked, in place of the URL’s host', async () => {
  const { port, seen } = await serve()
  expect(await client({ ca, serverName: 'mimir.test' }).post(port, 'else.test')).toBe('200 ')
  expect(await client({ ca, serverName: 'else.test' }).post(port, 'mimir.test')).toMatch(/another host name/)
  expect(await client({ ca, serverName: '127.0.0.1' }).post(port, 'else.test')).toBe('200 ')
  expect(await client({ ca }).post(port, 'mimir.test')).toBe('200 ')
  expect(seen.map(({ servername }) => servername)).toEqual(['mimir.test', false, 'mimir.test'])
  expect(seen.map(({ headers }) => headers.host)).toEqual([
    `else.test:${port}`,
    `else.test:${port}`,
    `mimir.test:${port}`,
  ])
})

test('a client certificate, demanded, missing, refused', async () => {
  const own = clients.issue(['agent'])
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { port } = await serve({ ...demanding, maxVersion })
    expect(await client({ ca, ...pair(own) }).post(port), maxVersion).toBe('200 agent')
    expect(await client({ ca }).post(port)).toMatch(
      /P: it (demands a client certificate|ended the TLS handshake|closed the)/,
    )
    const stranger = client({ ca, ...pair(strangers.issue(['who'])) })
    expect(await stranger.post(port)).toMatch(/P: it (refuses the client certificate|closed the)/)
  }
})

test('the lowest and the highest version', async () => {
  const check = async (
    server: SecureVersion,
    tls: { minVersion?: TlsVersion; maxVersion?: TlsVersion },
    want: RegExp,
  ) => {
    const old = server === 'TLSv1' || server === 'TLSv1.1' ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}
    const { port, seen } = await serve({ minVersion: server, maxVersion: server, ...old })
    const answer = await client({ ca, ...tls }).post(port)
    expect(`${answer}${seen[0]?.protocol ?? ''}`, `${server} ${JSON.stringify(tls)}`).toMatch(want)
  }
  const none = /offers no TLS version that is allowed here$/
  await check('TLSv1.3', {}, /^200 TLSv1.3$/)
  await check('TLSv1.2', {}, /^200 TLSv1.2$/)
  await check('TLSv1.2', { minVersion: 'TLS13' }, none)
  await check('TLSv1.3', { maxVersion: 'TLS12' }, none)
  await check('TLSv1.1', {}, none)
  await check('TLSv1.1', { minVersion: 'TLS11' }, /^200 TLSv1.1$/)
  await check('TLSv1', { minVersion: 'TLS10', maxVersion: 'TLS11' }, /^200 TLSv1$/)
})

test('sessions are resumed, and never under another certificate', async () => {
  const folder = temporaryFolder()
  const file = (name: string): TextSource => ({ kind: 'file', path: join(folder, name) })
  const use = ({ certificate, key }: Certified) => {
    writeFileSync(join(folder, 'cert'), certificate)
    writeFileSync(join(folder, 'key'), key)
  }
  use(clients.issue(['one']))
  const { port, seen } = await serve({ ...demanding, sessionIdContext: 'test' })
  const { post, stats } = client({ ca, cert: file('cert'), key: file('key') }, { maxConnectionAgeMs: 1e-9 })
  for (const _ of [1, 2]) expect(await post(port)).toBe('200 one')
  use(clients.issue(['two']))
  for (const _ of [1, 2]) expect(await post(port)).toBe('200 two')
  expect(stats().opened).toBe(4)
  expect(seen.map(({ isResumed }) => isResumed)).toEqual([false, true, false, true])
})

test('a change closes what is idle, lets what is under way finish, and is used from then on', async () => {
  const folder = temporaryFolder()
  const file = (name: string): TextSource => ({ kind: 'file', path: join(folder, name) })
  const use = ({ certificate, key }: Certified) => {
    writeFileSync(join(folder, 'cert'), certificate)
    writeFileSync(join(folder, 'key'), key)
  }
  use(clients.issue(['one']))
  const { port, seen, server } = await serve(demanding)
  let release: (() => void) | undefined
  server.prependListener('request', (request, response) => {
    if (request.headers['x-slow'] === undefined) return
    const end = response.end.bind(response)
    response.end = ((text: string) => {
      release = () => void end(text)
      return response
    }) as typeof response.end
  })
  const { post, stats } = client({ ca, cert: file('cert'), key: file('key') }, { maxConnections: 2 })
  const slow = post(port, '127.0.0.1', { headers: { 'x-slow': '1' } })
  expect(await post(port)).toBe('200 one')
  await eventually(() => expect(seen).toHaveLength(2))
  expect(stats()).toMatchObject({ connections: 2, idle: 1 })
  use(clients.issue(['two']))
  expect(await post(port)).toBe('200 two')
  expect(stats()).toMatchObject({ connections: 2, idle: 1, opened: 3 })
  await eventually(() => expect(release).toBeDefined())
  release?.()
  expect(await slow).toBe('200 one')
  expect(stats()).toMatchObject({ connections: 1, idle: 1 })
  writeFileSync(join(folder, 'key'), 'half')
  expect(await post(port)).toMatch(
    /^unable to use specified client cert .*: tls: failed to find any PEM data in key input$/,
  )
  expect(seen).toHaveLength(3)
})

test('rotation under load: every request goes out under a certificate that was valid when it was sent', async () => {
  const folder = temporaryFolder()
  const file = (name: string): TextSource => ({ kind: 'file', path: join(folder, name) })
  const certificates = Array.from({ length: 6 }, (_, i) => clients.issue([`v${i}`]))
  let current = 0
  const use = (version: number) => {
    for (const [name, text] of Object.entries({
      cert: certificates[version]!.certificate,
      key: certificates[version]!.key,
    })) {
      writeFileSync(join(folder, 'new'), text)
      renameSync(join(folder, 'new'), join(folder, name))
    }
    current = version
  }
  use(0)
  // Valid: the version in place when the request was sent, or one that came later.
  const { port, seen } = await serve({ ...demanding, sessionIdContext: 'test' }, ({ commonName, headers }) => {
    const version = Number(commonName?.slice(1))
    return version >= Number(headers['x-version']) && version <= current ? 200 : 401
  })
  const { post } = client({ ca, cert: file('cert'), key: file('key') }, { maxConnections: 4 })
  let sent = 0
  const answers: string[] = []
  const sender = async () => {
    while (sent < 200) {
      sent++
      if (sent % 37 === 0) use(current + 1)
      answers.push(await post(port, '127.0.0.1', { headers: { 'x-version': String(current) } }))
    }
  }
  await Promise.all(Array.from({ length: 8 }, sender))
  expect(answers.filter((answer) => !/^200 v\d$/.test(answer))).toEqual([])
  expect(answers.length).toBe(200)
  expect(seen.length).toBe(200)
  expect(new Set(seen.map(({ commonName }) => commonName)).size).toBeGreaterThanOrEqual(5)
})

test('rotation of the authority: what it signed is trusted, what the one before signed is not', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'ca')
  writeFileSync(path, servers.certificate)
  const { port, server } = await serve()
  const { post } = client({ ca: { kind: 'file', path } })
  expect(await post(port)).toBe('200 ')
  writeFileSync(path, strangers.certificate)
  expect(await post(port)).toMatch(/not trusted/)
  const replaced = strangers.issue()
  server.setSecureContext({ cert: replaced.certificate, key: replaced.key })
  expect(await post(port)).toBe('200 ')
})

test('a request that waited for a connection meets the files of that moment', async () => {
  const folder = temporaryFolder()
  const own = clients.issue(['one'])
  const key = join(folder, 'key')
  writeFileSync(key, own.key)
  const { port, server, seen } = await serve(demanding)
  server.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close')
    writeFileSync(key, 'half')
  })
  const tls = { ca, cert: inline(own.certificate), key: { kind: 'file', path: key } as const }
  const { post } = client(tls, { maxConnections: 1 })
  const both = [post(port), post(port)]
  expect(await both[0]).toBe('200 one')
  expect(await both[1]).toMatch(/^unable to use specified client cert \(inline\) & key \(file .*\/key\): tls: /)
  expect(seen).toHaveLength(1)
})

test('http: needs none of it; what is wrong at the start is still said', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'ca')
  const tls: TlsSettings = { ca: { kind: 'file', path } }
  expect(() => createTransport({ tls })).toThrow(/^unable to read CA cert: unable to read file/)
  writeFileSync(path, servers.certificate)
  const plain = createPlainServer((request, response) => request.resume().on('end', () => response.end('plain')))
  plain.listen(0, '127.0.0.1')
  await once(plain, 'listening')
  onTestFinished(() => void plain.close())
  const { send, post } = client(tls)
  writeFileSync(path, 'broken')
  const { port } = plain.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  expect((await send({ method: 'POST', url, headers: {}, body: Buffer.from('x'), timeoutMs: 15_000 })).status).toBe(200)
  expect(await post(port)).toBe(`unable to use specified CA cert file ${path}`)
  plain.closeAllConnections()
})
