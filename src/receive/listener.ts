// The listener for pushes: opens the socket, with or without TLS, and ends in two steps, so that a load balancer can
// turn away before connections are closed.

import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { addressText, listenProblem, parseAddress, reachableText } from '../config/address.ts'
import { SluiceError } from '../errors.ts'
import { type Meter, noMeter } from '../telemetry/meter.ts'
import type { Admission } from './admission.ts'
import { type ClientCertificates, certificateOptions, refuseUncertified } from './client-certificates.ts'
import { everyRemoteWrite, type RemoteWrite } from './content.ts'
import { type Counters, createCounters } from './counters.ts'
import type { ReceiveLog } from './log.ts'
import type { PushHandler } from './push.ts'
import { proxyRoutes, type Routes } from './routes.ts'
import { createServe } from './serve.ts'
import { loadPair, type Pair, type TlsFiles, watchPair } from './tls-files.ts'

export interface ListenerOptions {
  /** `host:port`, `:port` (every interface), `[::1]:port`; port 0: any free one. */
  readonly address: string
  readonly handler: PushHandler
  readonly admission: Admission
  /** Default: the proxy's. */
  readonly routes?: Routes
  /** The remote writes that are taken, others are answered 415; asked at each push. Default: all. */
  readonly accepted?: () => readonly RemoteWrite[]
  /** Certificate and key: https. Files are followed as they change. */
  readonly tls?: TlsFiles | Pair
  /** With `tls`: whether senders show certificates of their own. */
  readonly clientCertificates?: ClientCertificates
  /** Connections beyond are closed at once, and counted; default no limit. */
  readonly maxConnections?: number
  /** receive.max_body_size in bytes; default 32 MiB. */
  readonly maxBodySize?: number
  /** ct's `timeout`: head and body of a request each have to be there in this many ms; default 10 s. */
  readonly timeoutMs?: number
  /** ct's `idle_timeout`: a connection without a request is closed after this many ms; default 60 s. */
  readonly idleTimeoutMs?: number
  readonly log: ReceiveLog
  readonly meter?: Meter
  /** Default: those of `meter`. */
  readonly counters?: Counters
  /** Time in ms that never goes back; default `performance.now`. Time-outs run on Node's timers. */
  readonly now?: () => number
}

export interface Listener {
  /** host:port, with the port that was got. */
  readonly address: string
  /** http:// or https:// and an address that a program on this machine can connect to. */
  readonly url: string
  /** First step: /alive and /-/ready answer 503, answers end their connections, pushes are served as before. */
  markStopping(): void
  /**
   * Second step: no new connections, idle ones close, pushes under way get `deadlineMs` to finish, then are cut;
   * at once when `hurry` aborts. Resolves to how many connections had to be cut.
   */
  close(deadlineMs: number, hurry?: AbortSignal): Promise<number>
}

/** Rejects with SluiceError CONFIG_INVALID; its cause has the system's code, such as EADDRINUSE. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { address, tls, clientCertificates, log, meter = noMeter, timeoutMs = 10_000 } = options
  const parsed = parseAddress(address)
  if (parsed === undefined)
    throw new SluiceError('CONFIG_INVALID', `listen = "${address}" is no address: use host:port`)
  const { counters = createCounters(meter), routes = proxyRoutes } = options
  let isStopping = false
  const serve = createServe({
    handler: options.handler,
    routes,
    accepted: options.accepted ?? (() => everyRemoteWrite),
    admission: options.admission,
    maxBodySize: options.maxBodySize ?? 32 * 1024 * 1024,
    timeoutMs,
    counters,
    log,
    isStopping: () => isStopping,
    now: options.now ?? (() => performance.now()),
  })
  const settings = {
    // Bodies have a clock of their own, in body.ts, whose end is an answer.
    requestTimeout: 0,
    headersTimeout: timeoutMs,
    keepAliveTimeout: options.idleTimeoutMs ?? 60_000,
    connectionsCheckingInterval: Math.min(2000, Math.max(100, timeoutMs / 2)),
    noDelay: true,
    handshakeTimeout: timeoutMs,
  }
  const files = tls && 'certFile' in tls ? tls : undefined
  const pair = tls && ('certFile' in tls ? loadPair(tls) : tls)
  const certificates = certificateOptions(clientCertificates)
  const secure = pair && createTlsServer({ ...settings, ...pair, ...certificates })
  const server: Server = secure ?? createServer(settings)
  if (secure !== undefined && clientCertificates !== undefined) refuseUncertified(secure, clientCertificates)
  limitConnections(server, options.maxConnections, counters)
  server.on('request', (request, response) => serve(request, response, false))
  server.on('checkContinue', (request, response) => serve(request, response, true))
  server.on('clientError', answerBadRequest)
  await listen(server, address, parsed)
  const use = (next: Pair): void => secure?.setSecureContext({ ...next, ...certificates })
  const stopWatching = files && pair && watchPair({ files, pair, use, log, meter })
  const { port } = server.address() as AddressInfo
  return {
    address: addressText({ host: parsed.host, port }),
    url: `${tls === undefined ? 'http' : 'https'}://${reachableText({ host: parsed.host, port })}`,
    markStopping() {
      isStopping = true
    },
    async close(deadlineMs, hurry) {
      isStopping = true
      const cut = await closeServer(server, deadlineMs, hurry)
      await stopWatching?.()
      return cut
    },
  }
}

function limitConnections(server: Server, most: number | undefined, counters: Counters): void {
  if (most !== undefined) server.maxConnections = most
  server.on('drop', () => counters.overloaded('connections'))
  server.on('connection', (socket: Socket) => {
    counters.connected?.(1)
    socket.once('close', () => counters.connected?.(-1))
  })
}

function listen(server: Server, address: string, to: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new SluiceError('CONFIG_INVALID', `listen = "${address}": ${listenProblem(cause)}`, { cause }))
    })
    server.listen({ port: to.port, ...(to.host === '' ? {} : { host: to.host }), backlog: 1024 }, resolve)
  })
}

async function closeServer(server: Server, deadlineMs: number, hurry?: AbortSignal): Promise<number> {
  let cut = 0
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const cutAll = (): void => {
    server.getConnections((_error, count) => {
      cut = count
      server.closeAllConnections()
    })
  }
  const deadline = setTimeout(cutAll, deadlineMs)
  hurry?.addEventListener('abort', cutAll)
  if (hurry?.aborted === true) cutAll()
  await closed
  clearTimeout(deadline)
  hurry?.removeEventListener('abort', cutAll)
  return cut
}

// Of a head that is late 408 would be the proper status; but Prometheus drops its data on that, and repeats on this.
const badRequests: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '503 Service Unavailable|the head of the request did not come in time (timeout)',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large|the head of the request is longer than 16 KiB',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large|the chunk extensions are too long',
}

function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const { code = '' } = error
  const isTls = code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')
  if (isTls || code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const [status, text] = (badRequests[code] ?? '400 Bad Request|this is not HTTP/1.1').split('|')
  const head = `connection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${text!.length + 1}`
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${text}\n`, () => socket.destroy())
}
