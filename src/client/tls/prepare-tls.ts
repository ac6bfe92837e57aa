// tls_config: checked when a client is made, followed for as long as it lives. Files are looked at for every request,
// as Prometheus does; a change that can't be used fails requests until it is mended, and nothing stands in for it.

import type { TlsSettings, TlsVersion } from '../../config/http-client/http-client-settings.ts'
import type { TextSource } from '../../config/secret.ts'
import { type ErrorCode, SluiceError } from '../../errors.ts'
import { certificatesIn } from '../ca-bundle.ts'
import { systemRoots } from '../system-roots.ts'
import { changingFile } from '../text-reader.ts'
import { checkClientPair } from './client-pair.ts'
import { nodeVersions, TlsMaterial, type TlsTexts } from './tls-material.ts'

export interface PreparedTls {
  /**
   * What new connections are made with: the same object as long as the texts are the same. Looks at the files.
   * Throws SluiceError CREDENTIALS_UNAVAILABLE if what they hold now can't be read or used.
   */
  current(): TlsMaterial
}

/**
 * Reads and tries everything now. Throws SluiceError CONFIG_INVALID, with Prometheus's texts.
 * `roots`: PEM of the authorities trusted where the settings name none; default: the system's.
 */
export function prepareTls(settings: TlsSettings, roots: () => string | undefined = systemRoots): PreparedTls {
  checkVersions(settings)
  const read = textsReader(settings)
  const look = (known: TlsTexts | undefined, code: ErrorCode): TlsTexts => {
    try {
      return usable(settings, read, known)
    } catch (cause) {
      throw new SluiceError(code, cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }
  let material = new TlsMaterial(settings, look(undefined, 'CONFIG_INVALID'), roots)
  const isFixed = [settings.ca, settings.cert, settings.key].every((source) => source?.kind !== 'file')
  return {
    current() {
      if (isFixed) return material
      const texts = look(material.texts, 'CREDENTIALS_UNAVAILABLE')
      if (texts !== material.texts) material = new TlsMaterial(settings, texts, roots)
      return material
    },
  }
}

function checkVersions({ minVersion, maxVersion }: TlsSettings): void {
  const wrong = (text: string) => new SluiceError('CONFIG_INVALID', text)
  const versions = Object.keys(nodeVersions) as TlsVersion[]
  for (const version of [minVersion, maxVersion])
    if (version !== undefined && !versions.includes(version)) throw wrong(`unknown TLS version: ${version}`)
  if (maxVersion === undefined) return
  if (versions.indexOf(maxVersion) >= versions.indexOf(minVersion ?? 'TLS12')) return
  throw wrong(
    minVersion === undefined
      ? `tls_config.max_version ${maxVersion} leaves no version: min_version is TLS12 unless it is set too`
      : 'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified',
  )
}

function textsReader({ ca, cert, key }: TlsSettings): () => TlsTexts {
  const readCa = reader(ca, 'unable to read CA cert')
  const readCert = reader(cert, 'unable to read specified client cert')
  const readKey = reader(key, 'unable to read specified client key')
  return () => ({ ca: readCa(), cert: readCert(), key: readKey() })
}

function reader(source: TextSource | undefined, what: string): () => string | undefined {
  if (source === undefined) return () => undefined
  if (source.kind === 'inline') {
    const text = source.secret.reveal()
    return () => text
  }
  const read = changingFile(source.path)
  return () => {
    try {
      return read()
    } catch (cause) {
      throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }
}

/** `known` if the texts are those, or new ones that can be used. Throws an Error. */
function usable(settings: TlsSettings, read: () => TlsTexts, known: TlsTexts | undefined): TlsTexts {
  const texts = read()
  if (known !== undefined && isSame(texts, known)) return known
  try {
    check(settings, texts)
    return texts
  } catch (error) {
    // A folder swapped between the reading of two files gives halves that never lay there together.
    const again = read()
    if (isSame(again, texts)) throw error
    check(settings, again)
    return again
  }
}

const isSame = (a: TlsTexts, b: TlsTexts): boolean => a.ca === b.ca && a.cert === b.cert && a.key === b.key

function check(settings: TlsSettings, { ca, cert, key }: TlsTexts): void {
  if (ca !== undefined && certificatesIn(ca).length === 0)
    throw new Error(`unable to use specified CA cert ${shown(settings.ca)}`)
  if (cert === undefined && key === undefined) return
  try {
    checkClientPair(cert ?? '', key ?? '')
  } catch (cause) {
    const pair = `client cert (${shown(settings.cert)}) & key (${shown(settings.key)})`
    throw new Error(`unable to use specified ${pair}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

const shown = (source: TextSource | undefined): string =>
  source === undefined ? 'none' : source.kind === 'file' ? `file ${source.path}` : source.kind
