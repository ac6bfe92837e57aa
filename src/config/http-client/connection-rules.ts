// The rules of prometheus/common's TLSConfig and ProxyConfig, which stand in the client's settings and in those of its
// OAuth2 client alike; then our own about proxies.

import { atMostOne, type ClientRule, noManager } from './client-rule.ts'
import type { ClientValues } from './client-values.ts'

/** `at` is '' or a group with a dot after it. */
export function tlsRules(at: string): readonly ClientRule[] {
  const [cas, certs, keys] = (['ca', 'cert', 'key'] as const).map((name) =>
    [name, `${name}_file`, `${name}_ref`].map((each) => at + each),
  ) as [string[], string[], string[]]
  const firstSet = (values: ClientValues, paths: readonly string[]): string | undefined =>
    paths.find((path) => values.isSet(path))
  return [
    atMostOne('at most one of ca, ca_file & ca_ref must be configured', ...cas),
    atMostOne('at most one of cert, cert_file & cert_ref must be configured', ...certs),
    atMostOne('at most one of key and key_file must be configured', ...keys),
    (values) => {
      const cert = firstSet(values, certs)
      const key = firstSet(values, keys)
      if (cert !== undefined && key === undefined) {
        const message = 'exactly one of key or key_file must be configured when a client certificate is configured'
        return { path: cert, message, hint: 'add the key of the certificate' }
      }
      if (key === undefined || cert !== undefined) return undefined
      const message = 'exactly one of cert or cert_file must be configured when a client key is configured'
      return { path: key, message, hint: 'add the certificate of the key' }
    },
  ]
}

/** What Prometheus finds only when it builds the client. */
export function tlsBuildRules(at: string): readonly ClientRule[] {
  return [
    (values) => {
      const [min, max] = [values.text(`${at}min_version`), values.text(`${at}max_version`)]
      // The names are in the order of the versions.
      if (min === '' || max === '' || max >= min) return undefined
      const message =
        'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified'
      return { path: `${at}max_version`, message, hint: `raise it to ${min}, or take one of them out` }
    },
    ...noManager(`${at}ca_ref`, `${at}cert_ref`, `${at}key_ref`),
  ]
}

/** `at` is '' or a group with a dot after it. */
export function proxyRules(at: string): readonly ClientRule[] {
  const [url, none, environment, header] = [
    `${at}proxy_url`,
    `${at}no_proxy`,
    `${at}proxy_from_environment`,
    `${at}proxy_connect_header`,
  ]
  return [
    (values) => {
      if (!values.isSet(header) || values.isSet(environment) || values.isSet(url)) return undefined
      const message =
        'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured'
      return { path: header, message, hint: 'add the proxy that they are for' }
    },
    (values) => {
      if (!values.isSet(environment) || !values.isSet(url)) return undefined
      const message = 'if proxy_from_environment is configured, proxy_url must not be configured'
      return { path: url, message, hint: 'choose one of them' }
    },
    (values) => {
      if (!values.isSet(environment) || !values.isSet(none)) return undefined
      const message = 'if proxy_from_environment is configured, no_proxy must not be configured'
      return { path: none, message, hint: 'the variable NO_PROXY says it there' }
    },
    (values) => {
      if (!values.isSet(none) || values.has(url)) return undefined
      const message = 'if no_proxy is configured, proxy_url must also be configured'
      return { path: none, message, hint: `add \`${url}\`, or take this out` }
    },
  ]
}

/** What Go finds only when it dials. */
export const proxyUrlRule =
  (at: string): ClientRule =>
  (values) => {
    const path = `${at}proxy_url`
    const text = values.text(path)
    if (text === '' || isProxyUrl(text)) return undefined
    const message = 'this is no URL of a proxy'
    return { path, message, hint: 'write http://host:port, or https:// or socks5:// for a proxy that speaks it' }
  }

const isProxyUrl = (text: string): boolean => {
  if (/\s/.test(text) || !/^(https?|socks5):\/\//i.test(text) || !URL.canParse(text)) return false
  return new URL(text).hostname !== ''
}
