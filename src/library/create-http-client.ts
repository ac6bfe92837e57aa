// An HTTP client for Node as Prometheus configures it: links from settings, the caller's own among them, a transport.

import { chain, type Link } from '../client/chain.ts'
import { standardLinks } from '../client/standard-links.ts'
import { staticHeaders } from '../client/static-headers.ts'
import { timeLimit } from '../client/time-limit.ts'
import { createTransport, type TransportStats } from '../client/transport.ts'
import { type ConnectionOptions, readConnectionOptions } from '../config/http-client/connection-options.ts'
import { type HttpClientOptions, readHttpClientOptions } from '../config/http-client/http-client-options.ts'
import { SluiceError } from '../errors.ts'
import { version } from '../version.ts'
import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import { type PlacedLink, placedLinks } from './placed-links.ts'

/** How requests are made, and the limits of connections. Names in camelCase, groups nested. */
export interface ClientOptions extends HttpClientOptions, ConnectionOptions {}

/** A request as callers write it: names of headers in any case, no body if there is none. */
export interface ClientRequest extends Omit<HttpRequest, 'method' | 'headers' | 'body'> {
  /** Default GET, or POST where there is a body. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

export interface HttpClient {
  /**
   * Sends through the caller's links and its own. Any status resolves; rejects with SluiceError UPSTREAM_TIMEOUT,
   * UPSTREAM_UNREACHABLE, UPSTREAM_ANSWER_TOO_LARGE, CREDENTIALS_UNAVAILABLE, REDIRECT_REFUSED, PACKAGE_MISSING,
   * SHUTTING_DOWN (after `close`), or an aborted signal's reason.
   */
  send(request: ClientRequest): Promise<HttpResponse>
  stats(): TransportStats
  /** Refuses new requests and resolves when those under way are done. */
  close(): Promise<void>
  /** Ends everything now. */
  destroy(): void
}

/**
 * Makes a client. `links` are the caller's, outermost first; they stand outside the client's own, which are, outermost
 * first: redirects, google_iam, azuread, sigv4, `headers`, `httpHeaders`, oauth2, basic_auth, authorization. So a link
 * that splits by tenant (`tenantLink`) comes before all that signs. A link that has its place among the client's own
 * is given as `{ before: 'sigv4', link }`.
 *
 * Opens nothing before the first request. Throws SluiceError CONFIG_INVALID with all that is wrong with the options, or
 * if a link that signs bodies stands before one that splits them.
 */
export function createHttpClient(options: ClientOptions = {}, ...links: readonly (Link | PlacedLink)[]): HttpClient {
  const { remoteTimeout, userAgent, maxConnections, idleTimeout, maxConnectionAge, maxAnswerSize, ...rest } = options
  const limits = readConnectionOptions({
    remoteTimeout,
    userAgent,
    maxConnections,
    idleTimeout,
    maxConnectionAge,
    maxAnswerSize,
  })
  const settings = readHttpClientOptions(rest)
  const transport = createTransport({
    tls: settings.tls,
    proxy: settings.proxy,
    http2: settings.enableHttp2,
    roundRobinDns: settings.roundRobinDns,
    dualStack: true,
    maxConnections: limits.maxConnections,
    idleTimeoutMs: limits.idleTimeoutMs,
    maxConnectionAgeMs: limits.maxConnectionAgeMs,
    maxKeptBytes: limits.maxAnswerSize,
  })
  const own = standardLinks(settings)
  const fixed = [
    ...(limits.remoteTimeoutMs > 0 ? [timeLimit(limits.remoteTimeoutMs)] : []),
    staticHeaders({ 'user-agent': limits.userAgent ?? `Sluice/${version}` }),
  ]
  const send = chain(placedLinks(links, fixed, own.links), transport.send)
  const destroy = (): void => {
    own.destroy()
    transport.destroy()
  }
  return {
    // As a promise's rejection, whatever a caller's link throws.
    send: async (request) => send(requestOf(request)),
    stats: transport.stats,
    close: () => transport.close().finally(destroy),
    destroy,
  }
}

const noBody = new Uint8Array(0)

function requestOf({ method, headers = {}, body = noBody, ...rest }: ClientRequest): HttpRequest {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  if (!(bytes instanceof Uint8Array))
    throw new SluiceError('BAD_REQUEST', 'the body of a request is a Uint8Array or a text')
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { ...rest, method: method ?? (bytes.length > 0 ? 'POST' : 'GET'), headers: lower, body: bytes }
}
