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

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/**
 * Reads PEM certificates; what else the file holds, and blocks that are no certificate, are skipped as in Go.
 * Throws SluiceError CONFIG_INVALID if the file can't be read, or holds no certificate though one `isNeeded`.
 */
export function readCaBundle(path: string, isNeeded: boolean): CaBundle {
  const text = readText(path)
  const certificates = (text.match(block) ?? []).filter(isCertificate)
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
