// TLS of the program's HTTP server, from the root block `http` to what the runtime takes. Names of suites, curves and
// versions are Go's there.

import { createSecureContext, getCiphers, type SecureContextOptions, type SecureVersion } from 'node:tls'
import type { ClientCertificates } from '../../receive/client-certificates.ts'
import type { Pair, TlsFiles } from '../../receive/tls-files.ts'
import { loadTls } from '../components/push-server/load-tls.ts'
import type { HttpTlsSettings } from '../graph/root/http.ts'

export interface LoadedTls {
  readonly pair: TlsFiles | Pair
  readonly clientCertificates: ClientCertificates | undefined
  /** Suites, curves and versions. */
  readonly options: SecureContextOptions
}

const versions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const satisfies Record<
  string,
  SecureVersion
>
const curves: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
}

/** Throws Error with a text for people where it can't be used. */
export function loadHttpTls(settings: HttpTlsSettings): LoadedTls {
  const { cipherSuites, curvePreferences, minVersion, maxVersion } = settings
  const { tls, clientCertificates } = loadTls(settings)
  const options: SecureContextOptions = {
    ...(cipherSuites.length > 0 && { ciphers: cipherSuites.map(knownSuite).join(':') }),
    ...(curvePreferences.length > 0 && { ecdhCurve: curvePreferences.map(curveName).join(':') }),
    ...(minVersion && { minVersion: versions[minVersion] }),
    ...(maxVersion && { maxVersion: versions[maxVersion] }),
  }
  try {
    createSecureContext(options)
  } catch (cause) {
    throw new Error(`the TLS settings can't be used: ${(cause as Error).message}`, { cause })
  }
  return { pair: tls as TlsFiles | Pair, clientCertificates, options }
}

/** TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is OpenSSL's ECDHE-RSA-AES128-GCM-SHA256; those of TLS 1.3 are the same in both. */
function suiteName(name: string): string {
  if (!/^TLS_\w+_WITH_\w+$/.test(name)) return name
  return name
    .replace(/^TLS_(?:RSA_WITH_)?/, '')
    .replace('_WITH_', '_')
    .replace(/AES_(128|256)(?:_CBC)?/, 'AES$1')
    .replace(/3DES_EDE_CBC/, 'DES_CBC3')
    .replace(/CHACHA20_POLY1305_SHA256/, 'CHACHA20_POLY1305')
    .replaceAll('_', '-')
}

/** OpenSSL skips what it doesn't know, as long as it knows one. */
function knownSuite(name: string): string {
  const suite = suiteName(name)
  if (getCiphers().includes(suite.toLowerCase())) return suite
  throw new Error(`unknown cipher suite "${name}"`)
}

function curveName(name: string): string {
  const known = curves[name]
  if (known === undefined)
    throw new Error(`unknown curve ${JSON.stringify(name)}: use ${Object.keys(curves).join(', ')}`)
  return known
}
