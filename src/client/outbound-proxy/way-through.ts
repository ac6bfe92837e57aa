// A target reached through a proxy: how its sockets are dialled, and what its requests look like on that way.

import { type Dial, type DialOptions, dialTcp } from '../dial.ts'
import { failure } from '../failure.ts'
import type { Target } from '../target.ts'
import { dialTls } from '../tls/dial-tls.ts'
import type { TlsMaterial } from '../tls/tls-material.ts'
import { type ConnectHeaders, connectHeaderLines, connectTalk } from './connect-talk.ts'
import { dialTalking } from './handshake.ts'
import { basicLogin, type OutboundProxy } from './proxy-url.ts'
import { socks5Talk } from './socks5-talk.ts'

export interface ProxyDialOptions extends DialOptions {
  readonly connectHeaders: ConnectHeaders
  readonly material: () => TlsMaterial
}

/** Plain requests to an HTTP proxy name the whole URL, and it alone gets its login; all others go through a tunnel. */
const isForwarded = (target: Target, proxy: OutboundProxy): boolean =>
  target.protocol === 'http:' && proxy.protocol !== 'socks5:'

/** The target as requests on this way see it. */
export function targetThrough(target: Target, proxy: OutboundProxy): Target {
  if (!isForwarded(target, proxy)) return { ...target, shown: `${target.authority} (through the proxy ${proxy.shown})` }
  return {
    ...target,
    path: `http://${target.host}${target.path}`,
    shown: `the proxy ${proxy.shown} (for ${target.authority})`,
    ...(proxy.login !== undefined && { proxyAuthorization: basicLogin(proxy.login) }),
  }
}

/** Sockets on which the target can be spoken to as if it had been dialled. TLS to it, if any, is still to come. */
export function dialThrough(target: Target, proxy: OutboundProxy, options: ProxyDialOptions): Dial {
  const tcp = dialTcp(proxy, options)
  const { material } = options
  // server_name and the rest of tls_config count for the proxy too, as in Go.
  const toProxy = proxy.protocol === 'https:' ? dialTls(tcp, proxy, { material, protocols: ['http/1.1'] }) : tcp
  return blamed(
    `the proxy ${proxy.shown}`,
    isForwarded(target, proxy) ? toProxy : tunnel(target, proxy, toProxy, options),
  )
}

function tunnel(target: Target, proxy: OutboundProxy, toProxy: Dial, { connectHeaders }: ProxyDialOptions): Dial {
  if (proxy.protocol === 'socks5:') return dialTalking(toProxy, socks5Talk(target, proxy))
  return dialTalking(toProxy, connectTalk(target.authority, connectHeaderLines(connectHeaders, proxy.login), proxy))
}

/** What goes wrong until then is the proxy's. */
const blamed =
  (who: string, dial: Dial): Dial =>
  (done) =>
    dial((error, socket) => (socket === undefined ? done(failure(error, who)) : done(undefined, socket)))
