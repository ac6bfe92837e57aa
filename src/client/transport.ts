// What at last sends: own HTTP/1.1 for http:, undici or HTTP/2 for https:, behind one function. One request at a time
// on a connection, redirects returned as they are, no answer kept beyond a bound.

import type { LookupFunction } from 'node:net'
import type { OutboundProxySettings, TlsSettings } from '../config/http-client/http-client-settings.ts'
import { SluiceError } from '../errors.ts'
import type { Send } from '../wire/message.ts'
import { roundRobin } from './dns/round-robin.ts'
import { type OpenOptions, openConnection } from './open-connection.ts'
import { proxyChooser } from './outbound-proxy/choose-proxy.ts'
import { connectHeaderLines } from './outbound-proxy/connect-talk.ts'
import { targetThrough } from './outbound-proxy/way-through.ts'
import { Pool } from './pool.ts'
import { checkRequest } from './request-check.ts'
import { systemRoots } from './system-roots.ts'
import { parseTarget, type Target } from './target.ts'
import { prepareTls } from './tls/prepare-tls.ts'

export interface TransportOptions {
  /** Connections to one origin (scheme, host, port); default 64, as ct's max_conns_per_host. More requests wait. */
  readonly maxConnections?: number
  /** A connection this old, in ms, is closed at the end of its request; default 0: no limit. */
  readonly maxConnectionAgeMs?: number
  /** false (default): host names are looked up as IPv4 only; true: both, whichever answers first. */
  readonly dualStack?: boolean
  /** Finds the addresses of host names; default: the system's resolver. */
  readonly lookup?: LookupFunction
  /** true: each new connection takes the next of its host name's addresses. Default false: what `lookup` puts first. */
  readonly roundRobinDns?: boolean
  /** PEM of the authorities that certificates must come from unless `tls.ca` names them; default: the system's. */
  readonly ca?: string
  /**
   * How TLS is spoken, to upstream and to an https: proxy. Texts in files are looked at for every request that needs
   * them. A change closes idle connections, and is used for every new one; one that can't be used fails requests.
   */
  readonly tls?: TlsSettings
  /** By which proxy, if by one. Default: directly. */
  readonly proxy?: OutboundProxySettings
  /** What `proxy.fromEnvironment` reads, anew for each URL that is met; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * true: https: upstreams are offered HTTP/2 and may choose HTTP/1.1; default false. With HTTP/2 too a connection
   * carries one request at a time, so that `maxConnections` bounds what is under way.
   */
  readonly http2?: boolean
  /**
   * A connection unused this long, in ms, is closed; default 10 s. Less if upstream says so (Keep-Alive: timeout=).
   * Prometheus waits 5 min: longer than most servers and balancers do, so that requests meet closing connections.
   */
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
   * CREDENTIALS_UNAVAILABLE (CA, client certificate or key can't be read or used: nothing was sent), INTERNAL (a
   * request that must not be sent), or an aborted signal's reason. Once the head of a final answer has
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

interface Route {
  readonly target: Target
  readonly pool: Pool
  /** TLS is spoken somewhere on the way. */
  readonly isSecure: boolean
}

/**
 * Makes a transport with connections of its own. Nothing is opened before the first request.
 * Throws SluiceError CONFIG_INVALID if `tls` or `proxy` can't be used.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { maxConnections = 64, maxConnectionAgeMs = 0, idleTimeoutMs = 10_000, now = () => performance.now() } = options
  const { env = process.env, ca, lookup, proxy = {} } = options
  const tls = prepareTls(options.tls ?? {}, () => ca ?? systemRoots())
  const chooseProxy = proxyChooser(proxy, env)
  connectHeaderLines(proxy.connectHeaders ?? {}, undefined)
  const pools = new Map<string, Pool>()
  const securePools = new Set<Pool>()
  const routes = new Map<string, Route>()

  let material = tls.current()
  /** Whatever changed on disk is used from now on, and what was made with the old is given up. */
  const freshMaterial = () => {
    const current = tls.current()
    if (current === material) return material
    material = current
    for (const pool of securePools) pool.renew()
    return material
  }

  const opening: OpenOptions = {
    dualStack: options.dualStack ?? false,
    lookup: options.roundRobinDns === true ? roundRobin(lookup) : lookup,
    maxKeptBytes: options.maxKeptBytes ?? 64 * 1024,
    maxHeadBytes: options.maxHeadBytes ?? 32 * 1024,
    idleTimeoutMs,
    http2: options.http2 ?? false,
    connectHeaders: proxy.connectHeaders ?? {},
    material: freshMaterial,
  }

  let openedByForgotten = 0
  /** Redirects lead to origins without end. */
  const forgetUnused = (): void => {
    for (const [key, pool] of pools) {
      if (pool.connections > 0 || pool.waiting > 0) continue
      openedByForgotten += pool.opened
      pools.delete(key)
      securePools.delete(pool)
    }
  }

  const routeTo = (url: string): Route => {
    const direct = parseTarget(url)
    const through = chooseProxy(direct)
    const target = through === undefined ? direct : targetThrough(direct, through)
    const isSecure = direct.protocol === 'https:' || through?.protocol === 'https:'
    const key = `${direct.origin} ${through?.url.reveal() ?? ''}`
    const open: ConstructorParameters<typeof Pool>[0]['open'] = (to, owner) =>
      openConnection(to, through, opening, owner)
    if (routes.size >= maxRememberedUrls) {
      routes.clear()
      forgetUnused()
    }
    const pool = pools.get(key) ?? new Pool({ open, maxConnections, maxAgeMs: maxConnectionAgeMs, idleTimeoutMs, now })
    pools.set(key, pool)
    if (isSecure) securePools.add(pool)
    const route = { target, pool, isSecure }
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
        const { target, pool, isSecure } = routes.get(request.url) ?? routeTo(request.url)
        if (isSecure) freshMaterial()
        return pool.send(target, request)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    stats: () => ({
      connections: sum((pool) => pool.connections),
      idle: sum((pool) => pool.idle),
      waiting: sum((pool) => pool.waiting),
      opened: openedByForgotten + sum((pool) => pool.opened),
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
