// The proxy's group `client.`: the rows of the HTTP client, with the proxy's own defaults. What ct has for the same
// matter is replaced.

import { basicAuthFields, httpClientFields, tlsFields, under } from './http-client/http-client-fields.ts'
import type { SettingSpec } from './setting-spec.ts'

/** The rows, read instead of ct's keys. */
const insteadOf = <F extends Readonly<Record<string, SettingSpec>>>(fields: F, ...keys: readonly string[]): F =>
  Object.fromEntries(
    Object.entries(fields).map(([path, spec]) => [
      path,
      { ...spec, replaces: keys, defaultText: keys.map((key) => `\`${key}\``).join(', ') },
    ]),
  ) as F

const { ca, ca_file, ca_ref } = tlsFields
const { follow_redirects, enable_http2, round_robin_dns } = httpClientFields
const off = ({ type, doc }: { readonly type: 'boolean'; readonly doc: string }) =>
  ({ type, doc, default: false }) as const

export const clientFields = {
  ...under('client', httpClientFields),
  ...insteadOf(under('client.basic_auth', basicAuthFields), 'auth.egress.username', 'auth.egress.password'),
  ...insteadOf(under('client.tls_config', { ca, ca_file, ca_ref }), 'auth.egress.tls_config.ca_bundle_file'),
  'client.follow_redirects': off(follow_redirects),
  'client.enable_http2': off(enable_http2),
  'client.round_robin_dns': off(round_robin_dns),
} as const
