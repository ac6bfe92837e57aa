// The root block `http`: who may ask the program's own HTTP server, and its TLS (internal/service/http).

import { Secret, type TextSource } from '../../../config/secret.ts'
import type { Span } from '../../../config/source-file.ts'
import type { AnyKind, BlockSchema, Decoded, Report } from '../component.ts'
import { rootKind } from './root-kind.ts'

const clientAuthTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const
const tlsVersions = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const

export interface HttpTlsSettings {
  readonly cert: TextSource
  readonly key: TextSource
  readonly clientCa?: TextSource
  readonly clientAuthType: (typeof clientAuthTypes)[number]
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
    cert_pem: { type: 'string', doc: 'PEM text of the server’s certificate.' },
    cert_file: { type: 'string', doc: 'PEM file of the server’s certificate.' },
    key_pem: { type: 'secret', doc: 'PEM text of the certificate’s key.' },
    key_file: { type: 'string', doc: 'PEM file of the certificate’s key.' },
    client_ca_pem: { type: 'string', doc: 'PEM text of the authorities for clients’ certificates.' },
    client_ca_file: { type: 'string', doc: 'PEM file of the authorities for clients’ certificates.' },
    client_auth_type: {
      type: 'enum',
      values: clientAuthTypes,
      exact: 'unknown client auth type: ',
      default: 'NoClientCert',
      doc: 'Whether clients must show a certificate, and whether it is checked.',
    },
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
  const pairs = { cert: true, key: true, client_ca: false }
  const read = new Map<string, TextSource>()
  let hasFailed = false
  const fail = (span: Span | undefined, message: string, hint: string): void => {
    hasFailed = true
    report('error', span ?? tls.span, message, hint)
  }
  for (const [name, isRequired] of Object.entries(pairs)) {
    const pem = tls.values.get(`${name}_pem`) as string | Secret | undefined
    const path = tls.values.get(`${name}_file`) as string | undefined
    const text = pem instanceof Secret ? pem.reveal() : pem
    if (text && path)
      fail(
        tls.spans.get(`${name}_file`),
        `only one of ${name}_pem and ${name}_file may be given`,
        'take one of them out',
      )
    else if (text) read.set(name, { kind: 'inline', secret: new Secret(text) })
    else if (path) read.set(name, { kind: 'file', path })
    else if (isRequired) fail(undefined, `one of ${name}_pem and ${name}_file is needed`, `add ${name}_file = "PATH"`)
  }
  const clientAuthType = tls.values.get('client_auth_type') as HttpTlsSettings['clientAuthType']
  if (read.has('client_ca') && clientAuthType === 'NoClientCert') {
    const span = tls.spans.get('client_ca_pem') ?? tls.spans.get('client_ca_file')
    fail(
      span,
      'a client CA has no effect with client_auth_type "NoClientCert"',
      `add client_auth_type = "${clientAuthTypes[4]}"`,
    )
  }
  const [cert, key, clientCa] = [read.get('cert'), read.get('key'), read.get('client_ca')]
  if (hasFailed || cert === undefined || key === undefined) return undefined
  const [minVersion, maxVersion] = [tls.values.get('min_version'), tls.values.get('max_version')]
  return {
    cert,
    key,
    ...(clientCa === undefined ? {} : { clientCa }),
    clientAuthType,
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
