// The operating system's certificate authorities, where programs written in Go look for them: a company's own CA,
// installed on the machine, has to count without a setting. Where there are none, Node's built-in list stands.

import { readFileSync } from 'node:fs'

const places = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

export interface SystemRootsOptions {
  /** Default `process.env`; SSL_CERT_FILE names a file to read instead. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly readFile?: (path: string) => string
}

/** PEM of the first bundle found, or undefined. */
export function systemRoots(options: SystemRootsOptions = {}): string | undefined {
  const { env = process.env, readFile = (path) => readFileSync(path, 'utf8') } = options
  const named = env.SSL_CERT_FILE
  for (const path of named === undefined || named === '' ? places : [named]) {
    try {
      return readFile(path)
    } catch {
      // The next place, then.
    }
  }
  return undefined
}
