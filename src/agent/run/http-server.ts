// The program's own HTTP server: there from the start, so that probes are answered while the first load is under way;
// who may ask and whether it speaks TLS is what the root block `http` of the latest load says.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { addressText, parseAddress, reachableText } from '../../config/address.ts'
import { SluiceError } from '../../errors.ts'
import { certificateOptions, refuseUncertified } from '../../receive/client-certificates.ts'
import { loadPair, watchPair } from '../../receive/tls-files.ts'
import { endServer, listenOn } from '../../telemetry/listen.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Meter } from '../../telemetry/meter.ts'
import type { HttpSettings } from '../graph/root/http.ts'
import { same } from '../graph/same-arguments.ts'
import { mayAsk } from './http-auth.ts'
import { type LoadedTls, loadHttpTls } from './http-tls.ts'

export interface HttpServerOptions {
  /** host:port; port 0: any free one. */
  readonly address: string
  readonly handler: RequestListener
  readonly log: Log
  readonly meter: Meter
}

export interface HttpServer {
  /** http:// or https:// and an address that a program on this machine can connect to. */
  readonly url: string
  /**
   * Settings from now on. Where TLS is another, the port is opened anew, and requests under way finish as they began.
   * Rejects with Error, text for people, where they can't be used.
   */
  apply(settings: HttpSettings): Promise<void>
  /** Stops listening; requests under way have `graceMs` to finish. */
  close(graceMs?: number): Promise<void>
}

/** What listens. */
interface Front {
  readonly server: Server
  readonly stopWatching?: () => Promise<void>
}

const maxConnections = 256
const usualGraceMs = 1000
const limits = { requestTimeout: 30_000, keepAliveTimeout: 60_000 }
/** Answered before the first load has said who may ask. */
const probes = new Set(['/-/ready', '/-/healthy'])

/** Rejects with SluiceError CONFIG_INVALID where the address can't be had. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = new AgentHttpServer(options)
  await server.listen()
  return server
}

class AgentHttpServer implements HttpServer {
  readonly #options: HttpServerOptions
  readonly #host: string
  #port: number
  #front: Front
  #settings: HttpSettings = {}
  #isOpen = false

  constructor(options: HttpServerOptions) {
    const parsed = parseAddress(options.address)
    if (parsed === undefined) {
      throw new SluiceError('CONFIG_INVALID', `${flag}="${options.address}" is no address: use host:port`)
    }
    this.#options = options
    this.#host = parsed.host
    this.#port = parsed.port
    this.#front = this.#makeFront(undefined)
  }

  get url(): string {
    const scheme = this.#settings.tls === undefined ? 'http' : 'https'
    return `${scheme}://${reachableText({ host: this.#host, port: this.#port })}`
  }

  async listen(): Promise<void> {
    const to = { host: this.#host, port: this.#port }
    this.#port = await listenOn(this.#front.server, to, `${flag}="${addressText(to)}"`)
  }

  async apply(next: HttpSettings): Promise<void> {
    const loaded = next.tls && loadHttpTls(next.tls)
    const isSame = same(next.tls, this.#settings.tls)
    this.#settings = next
    this.#isOpen = true
    if (isSame) return
    void endFront(this.#front, usualGraceMs)
    this.#front = this.#makeFront(loaded)
    await this.listen()
  }

  close(graceMs = usualGraceMs): Promise<void> {
    return endFront(this.#front, graceMs)
  }

  #makeFront(tls: LoadedTls | undefined): Front {
    const { log, meter } = this.#options
    const serve = (request: IncomingMessage, response: ServerResponse): void => this.#serve(request, response)
    const front = tls === undefined ? { server: createServer(limits, serve) } : tlsFront(tls, serve, log, meter)
    front.server.maxConnections = maxConnections
    return front
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = routedPath(request.url ?? '')
    if (path === undefined) {
      refuse(request, response, 400, 'the path can’t be read\n')
      return
    }
    if (!this.#isOpen && !probes.has(path)) {
      refuse(request, response, 503, 'not ready: the configuration is being loaded\n')
      return
    }
    if (mayAsk(this.#settings.auth, path, request.headers.authorization)) {
      this.#options.handler(request, response)
      return
    }
    response.setHeader('www-authenticate', 'Basic realm="sluice"')
    refuse(request, response, 401, 'a user name and password are needed\n')
  }
}

const flag = '--server.http.listen-addr'

/** The path that routes are found by: of a whole URL too, its dots resolved, its escapes undone. */
function routedPath(target: string): string | undefined {
  try {
    return decodeURI(new URL(target.startsWith('/') ? `http://x${target}` : target).pathname)
  } catch {
    return undefined
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  request.resume()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function tlsFront(
  { pair: given, clientCertificates, options }: LoadedTls,
  serve: RequestListener,
  log: Log,
  meter: Meter,
): Front {
  const files = 'certFile' in given ? given : undefined
  const pair = 'certFile' in given ? loadPair(given) : given
  const fixed = { ...options, ...certificateOptions(clientCertificates) }
  const server = createTlsServer({ ...limits, ...fixed, ...pair }, serve)
  if (clientCertificates !== undefined) refuseUncertified(server, clientCertificates)
  if (files === undefined) return { server }
  const use = (next: typeof pair): void => server.setSecureContext({ ...fixed, ...next })
  return { server, stopWatching: watchPair({ files, pair, use, log, meter }) }
}

async function endFront({ server, stopWatching }: Front, graceMs: number): Promise<void> {
  await Promise.all([stopWatching?.(), endServer(server, graceMs)])
}
