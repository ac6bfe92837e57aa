// Which kind of connection a target gets. Plain requests, to upstream or to a proxy that forwards them, go by our own
// HTTP/1.1; whatever needs TLS or a tunnel first is dialled step by step.

import type { Connection, ConnectionOwner } from './connection.ts'
import { type Dial, type DialOptions, dialTcp } from './dial.ts'
import { Http1Connection } from './http1/connection.ts'
import type { ParserLimits } from './http1/response-parser.ts'
import { Http2Connection } from './http2/connection.ts'
import { NegotiatedConnection } from './http2/negotiated-connection.ts'
import type { ConnectHeaders } from './outbound-proxy/connect-talk.ts'
import type { OutboundProxy } from './outbound-proxy/proxy-url.ts'
import { dialThrough } from './outbound-proxy/way-through.ts'
import type { Target } from './target.ts'
import { dialTls } from './tls/dial-tls.ts'
import type { TlsMaterial } from './tls/tls-material.ts'
import { UndiciConnection } from './undici-connection.ts'

export interface OpenOptions extends DialOptions, ParserLimits {
  readonly idleTimeoutMs: number
  /** Offer HTTP/2 to https: upstreams. */
  readonly http2: boolean
  readonly connectHeaders: ConnectHeaders
  /** What TLS is made with at that moment. */
  readonly material: () => TlsMaterial
}

/** Starts a connection to the target, directly or through the proxy. */
export function openConnection(
  target: Target,
  proxy: OutboundProxy | undefined,
  options: OpenOptions,
  owner: ConnectionOwner,
): Connection {
  if (target.protocol === 'http:' && (proxy === undefined || proxy.protocol === 'http:'))
    return new Http1Connection(proxy ?? target, options, owner)
  const way = proxy === undefined ? dialTcp(target, options) : dialThrough(target, proxy, options)
  const http1 = (dial: Dial, to: ConnectionOwner) => new UndiciConnection(target, { ...options, dial }, to)
  if (target.protocol === 'http:') return http1(way, owner)
  const { material, http2 } = options
  const dial = dialTls(way, target, { material, protocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'] })
  if (!http2) return http1(dial, owner)
  return new NegotiatedConnection(
    dial,
    {
      http1: (socket, to) => http1(connected(socket), to),
      http2: (socket, to) => new Http2Connection(target, socket, options, to),
    },
    owner,
  )
}

const connected =
  (socket: Parameters<Parameters<Dial>[0]>[1]): Dial =>
  (done) => {
    queueMicrotask(() => done(undefined, socket))
    return () => socket?.destroy()
  }
