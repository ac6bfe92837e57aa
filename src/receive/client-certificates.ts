// Certificates that senders show of themselves: asked for, demanded, proved. Modes are those of Go's tls.ClientAuthType.

import type { Server } from 'node:https'
import type { TLSSocket } from 'node:tls'

export interface ClientCertificates {
  /** PEM of the authorities that certificates are proved by. */
  readonly ca: string | Buffer | undefined
  /** A connection without one is closed. */
  readonly isRequired: boolean
  /** One that none of the authorities has signed closes the connection. */
  readonly isVerified: boolean
}

/** What the TLS server is told, at its start and with each new certificate of its own. */
export function certificateOptions(certificates: ClientCertificates | undefined): {
  readonly requestCert?: true
  readonly rejectUnauthorized?: boolean
  readonly ca?: string | Buffer
} {
  if (certificates === undefined) return {}
  const { ca, isRequired, isVerified } = certificates
  return { requestCert: true, rejectUnauthorized: isRequired && isVerified, ...(ca !== undefined && { ca }) }
}

/** Closes connections that the runtime lets in: it knows only "demanded and proved" and "asked for". */
export function refuseUncertified(server: Server, { isRequired, isVerified }: ClientCertificates): void {
  if (isRequired === isVerified) return
  server.on('secureConnection', (socket: TLSSocket) => {
    const hasOne = Object.keys(socket.getPeerCertificate()).length > 0
    if (hasOne ? isVerified && !socket.authorized : isRequired) socket.destroy()
  })
}
