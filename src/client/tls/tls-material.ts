// What new TLS connections are made with, as long as nothing of it changes: authorities, client certificate, versions.
// Sessions belong to it: one resumed under another client certificate would go on under the old one.

import { isIP } from 'node:net'
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext, type SecureVersion } from 'node:tls'
import type { TlsSettings, TlsVersion } from '../../config/http-client/http-client-settings.ts'

/** PEM of authorities, client certificate and its key. */
export interface TlsTexts {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

const maxSessions = 100

export const nodeVersions: Readonly<Record<TlsVersion, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
}

export class TlsMaterial {
  readonly texts: TlsTexts
  readonly #settings: TlsSettings
  readonly #roots: () => string | undefined
  readonly #sessions = new Map<string, Buffer>()
  #context: SecureContext | undefined

  /** `roots`: PEM of the authorities trusted where the settings name none; undefined: Node's own. */
  constructor(settings: TlsSettings, texts: TlsTexts, roots: () => string | undefined) {
    this.#settings = settings
    this.texts = texts
    this.#roots = roots
  }

  /** Made once: a list of all authorities costs milliseconds, which no connection should. */
  get secureContext(): SecureContext {
    this.#context ??= createSecureContext(this.#contextOptions())
    return this.#context
  }

  get rejectUnauthorized(): boolean {
    return this.#settings.insecureSkipVerify !== true
  }

  /** The name that the certificate must carry. */
  nameOf(hostname: string): string {
    return this.#settings.serverName ?? hostname
  }

  /** What the client asks for in the handshake: names, never addresses (RFC 6066, section 3). */
  indicationOf(hostname: string): string | undefined {
    const name = this.nameOf(hostname)
    return isIP(name) === 0 ? name : undefined
  }

  /** The last session with that peer, if there was one. */
  session(peer: string): Buffer | undefined {
    return this.#sessions.get(peer)
  }

  keepSession(peer: string, session: Buffer): void {
    if (this.#sessions.size >= maxSessions) this.#sessions.clear()
    this.#sessions.set(peer, session)
  }

  #contextOptions() {
    const { minVersion, maxVersion } = this.#settings
    const { cert, key } = this.texts
    const ca = this.texts.ca ?? this.#roots()
    return {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(minVersion !== undefined && { minVersion: nodeVersions[minVersion] }),
      ...(maxVersion !== undefined && { maxVersion: nodeVersions[maxVersion] }),
      // OpenSSL takes the signatures of TLS 1.0 and 1.1 for too weak at any other level.
      ...((minVersion === 'TLS10' || minVersion === 'TLS11') && { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` }),
    }
  }
}
