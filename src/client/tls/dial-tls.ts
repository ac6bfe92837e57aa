// TLS around a socket that another dial has connected: to an upstream, to a proxy, or to an upstream inside a proxy's
// tunnel. The certificate's name is that of the URL, or server_name, whatever address was dialled.

import { checkServerIdentity, connect } from 'node:tls'
import { type Address, type Dial, dialOver, whenReady } from '../dial.ts'
import type { TlsMaterial } from './tls-material.ts'

export interface TlsDialOptions {
  /** Asked when the handshake begins, so that it is made with what is valid then. */
  readonly material: () => TlsMaterial
  /** The protocols offered; the peer's choice is the socket's `alpnProtocol`. */
  readonly protocols: readonly string[]
}

/** `peer`: who is to answer, by the URL. */
export function dialTls(under: Dial, peer: Address, { material, protocols }: TlsDialOptions): Dial {
  const key = `${peer.hostname}:${peer.port} ${protocols}`
  return dialOver(under, (socket, done) => {
    const tls = material()
    const servername = tls.indicationOf(peer.hostname)
    const session = tls.session(key)
    const secured = connect({
      socket,
      secureContext: tls.secureContext,
      rejectUnauthorized: tls.rejectUnauthorized,
      ALPNProtocols: [...protocols],
      checkServerIdentity: (_, certificate) => checkServerIdentity(tls.nameOf(peer.hostname), certificate),
      ...(servername !== undefined && { servername }),
      ...(session !== undefined && { session }),
    })
    secured.on('session', (fresh) => tls.keepSession(key, fresh))
    return whenReady(secured, 'secureConnect', done)
  })
}
