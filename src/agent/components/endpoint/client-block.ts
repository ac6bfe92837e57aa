// How an endpoint reaches its URL, in Alloy's names: its arguments and blocks are made from the rows that all HTTP
// clients have, and come back as these.

import { markGroups } from '../../../config/http-client/client-values.ts'
import { httpClientFields } from '../../../config/http-client/http-client-fields.ts'
import type { Secret } from '../../../config/secret.ts'
import type { SettingSpec, SettingValue } from '../../../config/setting-spec.ts'
import type { AttributeSpec } from '../../graph/component.ts'
import type { FlatRows } from './block-of-rows.ts'

type ClientRows = Readonly<Record<string, AttributeSpec>>

/** What Prometheus has and Alloy hasn't. */
const isPrometheusOnly = (path: string): boolean =>
  /_ref$|^basic_auth\.username_file$|max_version$/.test(path) ||
  /^oauth2\.(client_certificate_\w+|grant_type|signature_algorithm|iss|audience|claims)$/.test(path)

/** Alloy asks for these where their block is. */
const isRequired = (path: string): boolean => /^azuread\.\w+\.(client_id|client_secret|tenant_id)$/.test(path)

/** The name of a row in Alloy, and back. */
export const alloyPath = (path: string): string => path.replace(/(tls_config\.(?:ca|cert|key))$/, '$1_pem')
const rowPath = (path: string): string => path.replace(/(tls_config\.(?:ca|cert|key))_pem$/, '$1')

const httpHeaders = {
  type: 'map',
  of: 'secrets',
  isHeaders: true,
  doc: 'Headers that are added: a list of values each.',
} as const

const rowsOf = (fields: Readonly<Record<string, SettingSpec>>): ClientRows =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([path]) => !isPrometheusOnly(path))
      .map(([path, { defaultText: _, ...spec }]): readonly [string, AttributeSpec] => {
        if (path === 'http_headers') return [path, httpHeaders]
        return [alloyPath(path), (isRequired(path) ? { ...spec, required: true } : spec) as AttributeSpec]
      }),
  )

const isCloud = (path: string): boolean => /^(sigv4|azuread|google_iam)\./.test(path)

/** All that an HTTP client of Alloy's takes, and `headers`. */
export const clientRows: ClientRows = rowsOf(
  Object.fromEntries(Object.entries(httpClientFields).filter(([path]) => !isCloud(path) && path !== 'round_robin_dns')),
)

/** What only `prometheus.remote_write` has beside it. */
export const cloudRows: ClientRows = rowsOf(
  Object.fromEntries(Object.entries(httpClientFields).filter(([path]) => isCloud(path))),
)

export const roundRobinRow: ClientRows = { round_robin_dns: httpClientFields.round_robin_dns }

/** What the groups of the client's rows are. */
export const clientDocs: Readonly<Record<string, string>> = {
  basic_auth: 'Signs in with user name and password.',
  authorization: 'Signs in with a header Authorization.',
  oauth2: 'Signs in with tokens that a token server gives.',
  'oauth2.tls_config': 'TLS towards the token server.',
  tls_config: 'TLS towards the URL.',
  sigv4: 'Signs requests for AWS.',
  azuread: 'Signs in with Microsoft Entra ID (Azure AD); one of its blocks says as what.',
  'azuread.managed_identity': 'As a managed identity.',
  'azuread.oauth': 'As an application with a secret.',
  'azuread.sdk': 'As the Azure SDK finds.',
  'azuread.workload_identity': 'As a workload of Kubernetes.',
  google_iam: 'Signs in with Google IAM.',
}

/** The rows of the HTTP client among those of a block, as its rules and settings take them. */
export function clientRowsOf({ values, groups }: FlatRows): Map<string, SettingValue> {
  const rows = new Map<string, SettingValue>()
  for (const [path, value] of values) {
    const row = rowPath(path)
    if (!Object.hasOwn(httpClientFields, row)) continue
    rows.set(row, path === 'http_headers' ? headerLists(value as Readonly<Record<string, readonly Secret[]>>) : value)
  }
  markGroups(rows, new Set(), groups, httpClientFields)
  return rows
}

const headerLists = (headers: Readonly<Record<string, readonly Secret[]>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, secrets]) => [name, { values: [], secrets, files: [] }]))
