// From the rows that a source gave to the settings that a client is made from. The rows have been checked; of others
// only what is clear is taken.

import { given } from '../given.ts'
import type { HttpHeadersMap, SecretMap, SettingValue } from '../setting-spec.ts'
import type { HttpClientSettings } from './http-client-settings.ts'
import { settleAuth } from './settle-auth.ts'
import { rowsOf, type SettleOptions, settleProxy, settleTls } from './settle-rows.ts'

const proxyRows = ['proxy_url', 'no_proxy', 'proxy_from_environment', 'proxy_connect_header']

/** What the rows say; what they don't is absent. Anything of a tls_config, or about proxies, gives the whole of it. */
export function settlePart(
  values: ReadonlyMap<string, SettingValue>,
  options: SettleOptions = {},
): Partial<HttpClientSettings> {
  const rows = rowsOf(values, options)
  return {
    ...settleAuth(rows),
    ...given<Partial<HttpClientSettings>>({
      tls: rows.hasGroup('tls_config') ? settleTls(rows, 'tls_config.') : undefined,
      proxy: proxyRows.some((path) => rows.has(path)) ? settleProxy(rows, '') : undefined,
      followRedirects: rows.boolean('follow_redirects'),
      enableHttp2: rows.boolean('enable_http2'),
      httpHeaders: rows.get('http_headers') as HttpHeadersMap | undefined,
      headers: rows.get('headers') as SecretMap | undefined,
      roundRobinDns: rows.boolean('round_robin_dns'),
    }),
  }
}

/** Prometheus's defaults for remote_write. */
export const defaultHttpClient: HttpClientSettings = {
  tls: {},
  proxy: {},
  followRedirects: true,
  enableHttp2: false,
  httpHeaders: {},
  headers: {},
  roundRobinDns: false,
}

/** The settings of a client, complete. */
export const settleHttpClient = (
  values: ReadonlyMap<string, SettingValue>,
  options?: SettleOptions,
): HttpClientSettings => ({ ...defaultHttpClient, ...settlePart(values, options) })
