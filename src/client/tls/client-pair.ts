// A client certificate and its key, tried before they are used: a handshake would only say that it failed.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** Throws an Error that says, in Go's words where it has some, why the two can't be used together. */
export function checkClientPair(cert: string, key: string): void {
  if (!cert.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error('tls: failed to find any PEM data in certificate input')
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) throw new Error('tls: failed to find any PEM data in key input')
  const certificate = parse(() => new X509Certificate(cert), 'tls: failed to parse certificate')
  const privateKey: KeyObject = parse(() => createPrivateKey(key), 'tls: failed to parse private key')
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('tls: private key does not match public key')
  createSecureContext({ cert, key })
}

function parse<T>(read: () => T, what: string): T {
  try {
    return read()
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
