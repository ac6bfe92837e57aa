// TLS of servers, the program's own and those of components, in Alloy's names (internal/service/http and
// internal/component/common/net).

import { Secret, type TextSource } from '../../config/secret.ts'
import type { Span } from '../../config/source-file.ts'
import type { AttributeSpec, Decoded, Report } from './component.ts'

export interface ServerTls {
  readonly cert: TextSource
  readonly key: TextSource
  /** What clients are asked for; absent: nothing. */
  readonly clients?: { readonly ca?: TextSource; readonly isRequired: boolean; readonly isVerified: boolean }
}

/** Go's names, by which Alloy's file says what clients have to show. */
const clientAuthTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const

/** `clients`: what they are called. */
export const serverTlsRows = (clients: string) =>
  ({
    cert_pem: { type: 'string', doc: 'PEM text of the server’s certificate.' },
    cert_file: { type: 'string', doc: 'PEM file of the server’s certificate; with `key_file` followed as it changes.' },
    key_pem: { type: 'secret', doc: 'PEM text of the certificate’s key.' },
    key_file: { type: 'string', doc: 'PEM file of the certificate’s key.' },
    client_auth_type: {
      type: 'enum',
      values: clientAuthTypes,
      exact: 'unknown client auth type: ',
      default: 'NoClientCert',
      doc: `Whether ${clients} must show a certificate, and whether it is checked.`,
    },
    client_ca_pem: { type: 'string', doc: `PEM text of the authorities for ${clients}’ certificates.` },
    client_ca_file: { type: 'string', doc: `PEM file of the authorities for ${clients}’ certificates.` },
  }) satisfies Readonly<Record<string, AttributeSpec>>

/** Of a block with these rows, and `client_ca` where there is one; undefined if something was reported. */
export function settleServerTls({ values, spans, span }: Decoded, report: Report): ServerTls | undefined {
  let hasFailed = false
  const fail = (at: Span | undefined, message: string, hint: string): void => {
    hasFailed = true
    report('error', at ?? span, message, hint)
  }
  const source = (file: string, ...texts: readonly string[]): TextSource | undefined => {
    const path = values.get(file) as string | undefined
    const [name, other] = texts.filter((each) => textOf(values.get(each)) !== '')
    const twice = other ?? (path && name ? file : undefined)
    if (twice) fail(spans.get(twice), `only one of ${name} and ${twice} may be given`, 'take one of them out')
    if (name !== undefined) return { kind: 'inline', secret: new Secret(textOf(values.get(name))) }
    return path ? { kind: 'file', path } : undefined
  }
  const cert = source('cert_file', 'cert_pem')
  const key = source('key_file', 'key_pem')
  const ca = source('client_ca_file', 'client_ca_pem', 'client_ca')
  for (const [name, one] of Object.entries({ cert, key })) {
    if (one === undefined) fail(span, `one of ${name}_pem and ${name}_file is needed`, `add ${name}_file = "PATH"`)
  }
  const type = values.get('client_auth_type') as (typeof clientAuthTypes)[number]
  if (ca !== undefined && type === 'NoClientCert') {
    const caSpan = ['client_ca_file', 'client_ca_pem', 'client_ca'].map((name) => spans.get(name)).find(Boolean)
    const hint = 'add client_auth_type = "RequireAndVerifyClientCert"'
    fail(caSpan, 'a client CA has no effect with client_auth_type "NoClientCert"', hint)
  }
  const isVerified = type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert'
  if (isVerified && ca === undefined) {
    const hint = 'add client_ca_file = "PATH": without it, whoever any public authority knows gets in'
    fail(spans.get('client_auth_type'), `client_auth_type "${type}" needs a client CA`, hint)
  }
  if (hasFailed || cert === undefined || key === undefined) return undefined
  if (type === 'NoClientCert') return { cert, key }
  const isRequired = type === 'RequireAnyClientCert' || type === 'RequireAndVerifyClientCert'
  return { cert, key, clients: { ...(ca && { ca }), isRequired, isVerified } }
}

const textOf = (value: unknown): string => (value instanceof Secret ? value.reveal() : String(value ?? ''))
