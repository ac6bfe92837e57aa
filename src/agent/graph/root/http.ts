// The root block `http`: who may ask the program's own HTTP server, and its TLS (internal/service/http).

import type { Secret } from '../../../config/secret.ts'
import type { AnyKind, BlockSchema, Decoded, Report } from '../component.ts'
import { type ServerTls, serverTlsRows, settleServerTls } from '../server-tls.ts'
import { rootKind } from './root-kind.ts'

const tlsVersions = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const

export interface HttpTlsSettings extends ServerTls {
  /** Go's names; none: the runtime's own. */
  readonly cipherSuites: readonly string[]
  readonly curvePreferences: readonly string[]
  readonly minVersion?: (typeof tlsVersions)[number]
  readonly maxVersion?: (typeof tlsVersions)[number]
}

export interface HttpAuthSettings {
  readonly username: string
  readonly password: Secret
  /** Paths begin with one of these; absent: every path needs the password. */
  readonly filter?: { readonly paths: readonly string[]; readonly authenticateMatchingPaths: boolean }
}

export interface HttpSettings {
  readonly tls?: HttpTlsSettings
  readonly auth?: HttpAuthSettings
}

const version = { type: 'enum', values: tlsVersions, exact: 'unknown TLS version: ' } as const
const windows = { windows_certificate_filter: 'use cert_file and key_file' }

const tlsSchema: BlockSchema = {
  attributes: {
    ...serverTlsRows('clients'),
    cipher_suites: { type: 'list', of: 'text', default: [], doc: 'Cipher suites that are spoken, by Go’s names.' },
    curve_preferences: { type: 'list', of: 'text', default: [], doc: 'Curves that are spoken, by Go’s names.' },
    min_version: { ...version, doc: 'The oldest version of TLS that is spoken.' },
    max_version: { ...version, doc: 'The newest version of TLS that is spoken.' },
  },
  blocks: {},
  unsupported: windows,
}

const authSchema: BlockSchema = {
  attributes: {},
  blocks: {
    basic: {
      doc: 'A user name and password that every client must send.',
      schema: {
        attributes: {
          username: { type: 'string', required: true, doc: 'The user’s name.' },
          password: { type: 'secret', required: true, doc: 'The user’s password.' },
        },
        blocks: {},
      },
    },
    filter: {
      doc: 'Which paths need the password.',
      schema: {
        attributes: {
          paths: { type: 'list', of: 'text', default: [], doc: 'Beginnings of paths.' },
          authenticate_matching_paths: {
            type: 'boolean',
            default: true,
            doc: 'Whether the paths that match need the password, or all others.',
          },
        },
        blocks: {},
      },
    },
  },
}

export const httpSchema: BlockSchema = {
  attributes: {},
  blocks: {
    auth: { doc: 'Who may ask.', schema: authSchema },
    tls: { doc: 'TLS of the server.', schema: tlsSchema },
  },
}

export const httpKind = (apply: (settings: HttpSettings) => void | Promise<void>): AnyKind =>
  rootKind({
    name: 'http',
    doc: 'The program’s own HTTP server.',
    schema: httpSchema,
    settle(decoded, report) {
      const tls = decoded.blocks.get('tls')?.[0]
      const auth = decoded.blocks.get('auth')?.[0]?.blocks
      const settledTls = tls === undefined ? undefined : settleTls(tls, report)
      if (tls !== undefined && settledTls === undefined) return undefined
      const settledAuth = settleAuth(auth?.get('basic')?.[0], auth?.get('filter')?.[0])
      return {
        ...(settledTls === undefined ? {} : { tls: settledTls }),
        ...(settledAuth === undefined ? {} : { auth: settledAuth }),
      }
    },
    apply,
  })

function settleTls(tls: Decoded, report: Report): HttpTlsSettings | undefined {
  const settled = settleServerTls(tls, report)
  if (settled === undefined) return undefined
  const [minVersion, maxVersion] = [tls.values.get('min_version'), tls.values.get('max_version')]
  return {
    ...settled,
    cipherSuites: tls.values.get('cipher_suites') as readonly string[],
    curvePreferences: tls.values.get('curve_preferences') as readonly string[],
    ...(minVersion === undefined ? {} : { minVersion: minVersion as (typeof tlsVersions)[number] }),
    ...(maxVersion === undefined ? {} : { maxVersion: maxVersion as (typeof tlsVersions)[number] }),
  }
}

function settleAuth(basic: Decoded | undefined, filter: Decoded | undefined): HttpAuthSettings | undefined {
  if (basic === undefined) return undefined
  return {
    username: basic.values.get('username') as string,
    password: basic.values.get('password') as Secret,
    ...(filter === undefined
      ? {}
      : {
          filter: {
            paths: filter.values.get('paths') as readonly string[],
            authenticateMatchingPaths: filter.values.get('authenticate_matching_paths') as boolean,
          },
        }),
  }
}
