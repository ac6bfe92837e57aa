// What at last sends: own HTTP/1.1 for http:, undici for https:, behind one function. HTTP/1.1 only, one request at a
// time on a connection, redirects returned as they are, no answer kept beyond a bound.

import type { LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import { SluiceError } from '../errors.ts'
import type { Send } from '../wire/message.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { Http1Connection } from './http1/connection.ts'
import { Pool } from './pool.ts'
import { checkRequest } from './request-check.ts'
import { systemRoots } from './system-roots.ts'
import { parseTarget, type Target } from './target.ts'
import { UndiciConnection } from './undici-connection.ts'

export interface TransportOptions {
  /** Connections to one origin (scheme, host, port); default 64, as ct's max_conns_per_host. More requests wait. */
  readonly maxConnections?: number
  /** A connection this old, in ms, is closed at the end of its request; default 0: no limit. */
  readonly maxConnectionAgeMs?: number
  /** false (default): host names are looked up as IPv4 only; true: both, whichever answers first. */
  readonly dualStack?: boolean
  /** Finds the addresses of host names; default: the system's resolver. */
  readonly lookup?: LookupFunction
  /** PEM of the authorities an https: upstream's certificate must come from; default: the system's. */
  readonly ca?: string
  /** A connection unused this long, in ms, is closed; default 10 s. Less if upstream says so (Keep-Alive: timeout=). */
  readonly idleTimeoutMs?: number
  /** Bytes of an answer's body that are kept; default 64 KiB. The rest is read and dropped: the status counts. */
  readonly maxKeptBytes?: number
  /** Bytes of an answer's head; default 32 KiB. A longer one is UPSTREAM_ANSWER_TOO_LARGE. */
  readonly maxHeadBytes?: number
  /** Time in ms that never goes back; default `performance.now`. Deadlines run on Node's timers. */
  readonly now?: () => number
}

/** Numbers of this moment, except the last one, which counts since the start. */
export interface TransportStats {
  readonly connections: number
  readonly idle: number
  readonly waiting: number
  readonly opened: number
}

export interface Transport {
  /**
   * Rejects with UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, UPSTREAM_ANSWER_TOO_LARGE, SHUTTING_DOWN (after `close`),
   * INTERNAL (a request that must not be sent), or an aborted signal's reason. Once the head of a final answer has
   * come whole it resolves, with as much of the body as came.
   *
   * Each request is sent once. Where upstream closes an idle connection just as a request goes out on it, that is
   * UPSTREAM_UNREACHABLE too: nobody knows whether it was taken, and whether to repeat is the sender's to decide.
   */
  readonly send: Send
  stats(): TransportStats
  /** Refuses new requests, ends idle connections, resolves when requests under way are done. */
  close(): Promise<void>
  /** Ends everything now. */
  destroy(): void
}

const maxRememberedUrls = 1000

/** Makes a transport with connections of its own. Nothing is opened before the first request. */
export function createTransport(options: TransportOptions = {}): Transport {
  const { maxConnections = 64, maxConnectionAgeMs = 0, idleTimeoutMs = 10_000, now = () => performance.now() } = options
  const open = connectionMaker(options, idleTimeoutMs)
  const pools = new Map<string, Pool>()
  const routes = new Map<string, { readonly target: Target; readonly pool: Pool }>()

  const routeTo = (url: string) => {
    const target = parseTarget(url)
    const pool =
      pools.get(target.origin) ?? new Pool({ open, maxConnections, maxAgeMs: maxConnectionAgeMs, idleTimeoutMs, now })
    pools.set(target.origin, pool)
    if (routes.size >= maxRememberedUrls) routes.clear()
    const route = { target, pool }
    routes.set(url, route)
    return route
  }

  let isClosed = false
  const all = () => [...pools.values()]
  const sum = (pick: (pool: Pool) => number) => all().reduce((total, pool) => total + pick(pool), 0)
  return {
    send(request) {
      try {
        checkRequest(request)
        if (isClosed) throw new SluiceError('SHUTTING_DOWN', 'the connections to upstream are closed')
        const { target, pool } = routes.get(request.url) ?? routeTo(request.url)
        return pool.send(target, request)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    stats: () => ({
      connections: sum((pool) => pool.connections),
      idle: sum((pool) => pool.idle),
      waiting: sum((pool) => pool.waiting),
      opened: sum((pool) => pool.opened),
    }),
    async close() {
      isClosed = true
      await Promise.all(all().map((pool) => pool.close()))
    },
    destroy() {
      isClosed = true
      for (const pool of all()) pool.destroy()
    },
  }
}

function connectionMaker(options: TransportOptions, idleTimeoutMs: number) {
  const { dualStack = false, lookup, maxKeptBytes = 64 * 1024, maxHeadBytes = 32 * 1024, ca } = options
  const plain = { dualStack, lookup, maxKeptBytes, maxHeadBytes }
  let connector: buildConnector.connector | undefined
  return (target: Target, owner: ConnectionOwner): Connection => {
    if (target.protocol === 'http:') return new Http1Connection(target, plain, owner)
    connector ??= tlsConnector(ca, dualStack, lookup)
    return new UndiciConnection(target, { connector, maxKeptBytes, maxHeadBytes, idleTimeoutMs }, owner)
  }
}

// The authorities are parsed once: a list of all of them costs milliseconds, which no connection should.
function tlsConnector(
  ca: string | undefined,
  dualStack: boolean,
  lookup: LookupFunction | undefined,
): buildConnector.connector {
  const roots = ca ?? systemRoots()
  return buildConnector({
    secureContext: createSecureContext(roots === undefined ? {} : { ca: roots }),
    // A request's own deadline covers its connection.
    timeout: 0,
    ...(lookup && { lookup }),
    ...(dualStack ? { autoSelectFamily: true } : { family: 4, autoSelectFamily: false }),
  })
}
