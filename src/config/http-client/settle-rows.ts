// Rows as settings ask for them, and the two groups of settings that stand in a client's and in its OAuth2 client's.

import { isAbsolute, join } from 'node:path'
import { given } from '../given.ts'
import { Secret, type TextSource } from '../secret.ts'
import type { HttpHeadersMap, SecretListMap, SettingValue } from '../setting-spec.ts'
import { type ClientValues, clientValues } from './client-values.ts'
import type { OutboundProxySettings, TlsSettings, TlsVersion } from './http-client-settings.ts'

export interface SettleOptions {
  /** Relative paths start here, as Prometheus's do in the folder of its file. Absent: they are left as they are. */
  readonly directory?: string
}

/** How settings are taken out of rows: `values` with the places of files seen from where they are named. */
export interface Rows extends ClientValues {
  /** A text that stands in one row, or in the file that another names. */
  source(inline: string, file: string): TextSource | undefined
  file(path: string): string | undefined
  textOr(path: string): string | undefined
  secret(path: string): Secret | undefined
  boolean(path: string): boolean | undefined
}

export function rowsOf(values: ReadonlyMap<string, SettingValue>, { directory }: SettleOptions): Rows {
  const view = clientValues(values)
  const textOr = (path: string): string | undefined => (view.isSet(path) ? view.text(path) : undefined)
  const placed = (path: string): string => (directory === undefined || isAbsolute(path) ? path : join(directory, path))
  const file = (path: string): string | undefined => (view.isSet(path) ? placed(view.text(path)) : undefined)
  return {
    ...view,
    get(path) {
      const value = view.get(path)
      if (path !== 'http_headers' || value === undefined) return value
      const headers = Object.entries(value as HttpHeadersMap)
      return Object.fromEntries(headers.map(([name, each]) => [name, { ...each, files: each.files.map(placed) }]))
    },
    source(inline, named) {
      const path = file(named)
      if (path !== undefined) return { kind: 'file', path }
      return view.isSet(inline) ? { kind: 'inline', secret: new Secret(view.text(inline)) } : undefined
    },
    file,
    textOr,
    secret: (path) => (view.isSet(path) ? new Secret(view.text(path)) : undefined),
    boolean: (path) => view.get(path) as boolean | undefined,
  }
}

/** `at` is '' or a group with a dot after it. */
export const settleTls = (rows: Rows, at: string): TlsSettings =>
  given<TlsSettings>({
    ca: rows.source(`${at}ca`, `${at}ca_file`),
    cert: rows.source(`${at}cert`, `${at}cert_file`),
    key: rows.source(`${at}key`, `${at}key_file`),
    serverName: rows.textOr(`${at}server_name`),
    insecureSkipVerify: rows.boolean(`${at}insecure_skip_verify`),
    minVersion: rows.textOr(`${at}min_version`) as TlsVersion | undefined,
    maxVersion: rows.textOr(`${at}max_version`) as TlsVersion | undefined,
  })

/** `at` is '' or a group with a dot after it. */
export const settleProxy = (rows: Rows, at: string): OutboundProxySettings =>
  given<OutboundProxySettings>({
    url: rows.secret(`${at}proxy_url`),
    noProxy: rows.textOr(`${at}no_proxy`),
    fromEnvironment: rows.boolean(`${at}proxy_from_environment`),
    connectHeaders: rows.get(`${at}proxy_connect_header`) as SecretListMap | undefined,
  })
