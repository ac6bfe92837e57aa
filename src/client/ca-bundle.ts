// auth.egress.tls_config.ca_bundle_file: the certificate authorities that upstream's certificate must come from, in
// place of the system's. A file that would let no connection through is an error now, not at the first push.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SluiceError } from '../errors.ts'

export interface CaBundle {
  /** The certificates that could be read, one after the other. */
  readonly pem: string
  readonly count: number
}

/** The PEM blocks of a text that are certificates; what else it holds is skipped, as in Go. */
export const certificatesIn = (text: string): string[] => (text.match(block) ?? []).filter(isCertificate)

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/**
 * Reads a file of PEM certificates. Throws SluiceError CONFIG_INVALID if the file can't be read, or holds no
 * certificate though one `isNeeded`.
 */
export function readCaBundle(path: string, isNeeded: boolean): CaBundle {
  const certificates = certificatesIn(readText(path))
  if (certificates.length === 0 && isNeeded)
    throw new SluiceError(
      'CONFIG_INVALID',
      `the CA bundle ${path} holds no certificate that can be read (PEM expected)`,
    )
  return { pem: `${certificates.join('\n')}\n`, count: certificates.length }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SluiceError('CONFIG_INVALID', `the CA bundle ${path} can't be read: ${why}`, { cause })
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
