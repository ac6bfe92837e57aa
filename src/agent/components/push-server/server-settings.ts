// What a server of pushes is made from, settled from its rows.

import { addressText, parseAddress } from '../../../config/address.ts'
import { Secret, type TextSource } from '../../../config/secret.ts'
import type { Span } from '../../../config/source-file.ts'
import type { Decoded, Report } from '../../graph/component.ts'
import { emptyBlock } from '../../graph/decode-block.ts'
import { type clientAuthTypes, serverRows } from './server-rows.ts'

export interface ServerTls {
  readonly cert: TextSource
  readonly key: TextSource
  readonly clients?: { readonly ca?: TextSource; readonly isRequired: boolean; readonly isVerified: boolean }
}

export interface ServerSettings {
  /** host:port, `:port` on every interface. */
  readonly address: string
  /** undefined: no limit. */
  readonly maxConnections: number | undefined
  readonly readTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly gracefulMs: number
  readonly tls: ServerTls | undefined
}

/** Of a component with `serverRows`; undefined if something was reported. */
export function settleServer(component: Decoded, report: Report): ServerSettings | undefined {
  const http = component.blocks.get('http')?.[0] ?? emptyBlock(serverRows.blocks.http.schema, component.span)
  const value = <T>(name: string): T => http.values.get(name) as T
  const [host, port] = [value<string>('listen_address'), value<number>('listen_port')]
  const address = addressText({ host, port })
  const isAddress = parseAddress(address) !== undefined
  if (!isAddress) {
    const hint = 'write an address or host name without port, such as 127.0.0.1; "" is every interface'
    report('error', http.spans.get('listen_address') ?? http.span, `"${host}" is no address to listen on`, hint)
  }
  const block = http.blocks.get('tls')?.[0]
  const tls = block && settleTls(block, report)
  if (!isAddress || (block !== undefined && tls === undefined)) return undefined
  return {
    address,
    maxConnections: value<number>('conn_limit') || undefined,
    readTimeoutMs: value('server_read_timeout'),
    idleTimeoutMs: value('server_idle_timeout'),
    gracefulMs: component.values.get('graceful_shutdown_timeout') as number,
    tls,
  }
}

function settleTls(block: Decoded, report: Report): ServerTls | undefined {
  const { values, spans, span } = block
  let hasFailed = false
  const fail = (at: Span | undefined, message: string, hint: string): void => {
    hasFailed = true
    report('error', at ?? span, message, hint)
  }
  const source = (file: string, ...texts: readonly string[]): TextSource | undefined => {
    const path = values.get(file) as string | undefined
    const [name, other] = texts.filter((each) => values.get(each) !== undefined && textOf(values.get(each)) !== '')
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
  const isVerified = type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert'
  const isRequired = type === 'RequireAnyClientCert' || type === 'RequireAndVerifyClientCert'
  const caSpan = ['client_ca_file', 'client_ca_pem', 'client_ca'].map((name) => spans.get(name)).find(Boolean)
  if (ca !== undefined && type === 'NoClientCert') {
    const hint = 'add client_auth_type = "RequireAndVerifyClientCert"'
    fail(caSpan, 'a client CA has no effect with client_auth_type "NoClientCert"', hint)
  }
  if (ca === undefined && isVerified) {
    const hint = 'add client_ca_file = "PATH": without it, whoever any public authority knows gets in'
    fail(spans.get('client_auth_type'), `client_auth_type "${type}" needs a client CA`, hint)
  }
  if (hasFailed || cert === undefined || key === undefined) return undefined
  if (type === 'NoClientCert') return { cert, key }
  return { cert, key, clients: { ...(ca !== undefined && { ca }), isRequired, isVerified } }
}

const textOf = (value: unknown): string => (value instanceof Secret ? value.reveal() : String(value ?? ''))
