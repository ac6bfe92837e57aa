// The server's certificates as a listener takes them, tried before anything that serves is closed.

import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { TextSource } from '../../../config/secret.ts'
import type { ListenerOptions } from '../../../receive/listener.ts'
import { loadPair } from '../../../receive/tls-files.ts'
import type { ServerTls } from '../../graph/server-tls.ts'

/** Throws Error with a text for people where they can't be used. */
export function loadTls(tls: ServerTls | undefined): Pick<ListenerOptions, 'tls' | 'clientCertificates'> {
  if (tls === undefined) return {}
  const { cert, key, clients } = tls
  const ca = clients?.ca && read(clients.ca, 'client CA')
  const clientCertificates = clients && { ...clients, ca }
  const own = cert.kind === 'file' && key.kind === 'file' ? followed(cert.path, key.path) : given(cert, key)
  if (ca !== undefined) tried({ ca }, 'the client CA')
  return { tls: own, ...(clientCertificates && { clientCertificates }) }
}

function followed(certFile: string, keyFile: string): NonNullable<ListenerOptions['tls']> {
  loadPair({ certFile, keyFile })
  return { certFile, keyFile }
}

function given(cert: TextSource, key: TextSource): NonNullable<ListenerOptions['tls']> {
  const pair = { cert: read(cert, 'certificate'), key: read(key, 'key') }
  tried(pair, 'certificate and key')
  return pair
}

function read(source: TextSource, what: string): Buffer {
  if (source.kind === 'inline') return Buffer.from(source.secret.reveal())
  try {
    return readFileSync(source.path)
  } catch (cause) {
    throw new Error(`the TLS ${what} ${source.path} can't be read: ${(cause as Error).message}`, { cause })
  }
}

function tried(options: Parameters<typeof createSecureContext>[0], what: string): void {
  try {
    createSecureContext(options)
  } catch (cause) {
    throw new Error(`${what} can't be used: ${(cause as Error).message}`, { cause })
  }
}
