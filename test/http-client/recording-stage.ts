// Servers that write down what reached them, so that what two clients sent can be compared: two plain upstreams, one
// over TLS (HTTP/1.1 and HTTP/2), a token server, and outbound proxies. Ports become names: every stage has its own.

import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Certified } from '../support/certificate.ts'
import { httpProxy, socksProxy, type TestProxy } from '../support/proxies.ts'

/** What every stage has in common: making keys costs time. */
export interface Certificates {
  /** For 127.0.0.1, localhost and upstream.test. */
  readonly server: Certified
}

export type StagePort = 'plain' | 'other' | 'secure' | 'token' | 'proxy' | 'secureProxy' | 'socks'

export interface RecordingStage {
  readonly ports: Readonly<Record<StagePort, number>>
  /** What reached each server: different events only, each once, in the order of the first. */
  seen(): string
  /** Whether a request or a refused handshake has come to an upstream. */
  wasReached(): boolean
  forget(): void
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/**
 * These tell nothing of settings: each client names itself, bodies differ, undici says what HTTP/1.1 implies, Go takes
 * compressed tokens, and it tells the end of a redirect its start, query included, which is nobody's business.
 */
const ignored = new Set(['user-agent', 'content-length', 'connection', 'accept-encoding', 'referer'])

/** Ends with the test. */
export async function recordingStage({ server: certified }: Certificates): Promise<RecordingStage> {
  const events: string[] = []
  const listen = async (server: Server): Promise<number> => {
    const sockets = new Set<{ destroy(): void }>()
    server.on('connection', (socket) => sockets.add(socket))
    onTestFinished(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    return (server.address() as AddressInfo).port
  }
  const upstream = (name: string) => async (request: Request, response: Response) => {
    for await (const _ of request);
    events.push(`${name}: ${shown(request)}`)
    const asked = new URL(request.url ?? '', 'http://ignored').searchParams
    const location = asked.get('location')
    response.writeHead(location === null ? 204 : Number(asked.get('status')), location === null ? {} : { location })
    response.end()
  }
  const tokenServer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    form.sort()
    events.push(`token: ${shown(request)}\n  form ${JSON.stringify([...form])}`)
    const refuses = request.url === '/form-only' && request.headers.authorization !== undefined
    response.writeHead(refuses ? 401 : 200, { 'content-type': 'application/json' })
    response.end(refuses ? '{}' : '{"access_token":"issued","token_type":"bearer","expires_in":3600}')
  }
  const tls = { cert: certified.certificate, key: certified.key }
  const secure = createSecureServer({ ...tls, allowHTTP1: true, requestCert: true, rejectUnauthorized: false })
  secure.on('request', upstream('secure'))
  secure.on('secureConnection', (socket: TLSSocket) => {
    const { CN = 'none' } = socket.getPeerCertificate().subject ?? {}
    // That HTTP/1.1 is all one speaks need not be said.
    const alpn = socket.alpnProtocol === 'h2' && { alpn: 'h2' }
    events.push(
      `secure: ${JSON.stringify({ sni: socket.servername, version: socket.getProtocol(), ...alpn, client: CN })}`,
    )
  })
  secure.on('tlsClientError', () => events.push('secure: the client refuses the handshake'))
  secure.on('sessionError', () => undefined)
  const proxies = { proxy: await httpProxy(), secureProxy: await httpProxy(certified), socks: await socksProxy() }
  const ports = {
    plain: await listen(createPlain(upstream('plain'))),
    other: await listen(createPlain(upstream('other'))),
    secure: await listen(secure),
    token: await listen(createPlain(tokenServer)),
    proxy: proxies.proxy.port,
    secureProxy: proxies.secureProxy.port,
    socks: proxies.socks.port,
  }
  const named = (text: string): string =>
    Object.entries(ports).reduce(
      (left, [name, port]) => left.replaceAll(new RegExp(`(:|%3A)${port}\\b`, 'g'), `:${name}`),
      text,
    )
  const atProxies = (): string[] =>
    (Object.entries(proxies) as [string, TestProxy][]).flatMap(([name, { asked }]) =>
      asked.slice(forgotten.get(name) ?? 0).map((head) => `${name}: ${headShown(head)}`),
    )
  const forgotten = new Map<string, number>()
  return {
    ports,
    seen: () => [...new Set([...atProxies(), ...events].map(named))].join('\n'),
    wasReached: () => events.some((event) => !event.startsWith('token') && !event.includes('"sni"')),
    forget() {
      events.length = 0
      for (const [name, { asked }] of Object.entries(proxies)) forgotten.set(name, asked.length)
    },
  }
}

/** Header lines in the order of their names, in lower case. */
const linesOf = (headers: Iterable<readonly [string, string]>): string =>
  [...headers]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !ignored.has(name))
    .map(([name, value]) => `\n  ${name}: ${value}`)
    .sort()
    .join('')

function shown({ method, url, httpVersion, rawHeaders }: Request): string {
  const pairs = Array.from(
    { length: rawHeaders.length / 2 },
    (_, k) => [rawHeaders[2 * k]!, rawHeaders[2 * k + 1]!] as const,
  )
  return `${method} ${url} HTTP/${httpVersion}${linesOf(pairs)}`
}

/** The head of a request as a proxy got it, or what SOCKS was asked for. */
function headShown(head: string): string {
  const [line = '', ...rest] = head.split('\r\n')
  const pairs = rest.filter((each) => each !== '').map((each) => each.split(/: ?(.*)/s) as [string, string])
  return `${line}${linesOf(pairs)}`
}
