// An endpoint of prometheus.remote_write as an entry of Prometheus' `remote_write` (Alloy's convertConfigs,
// internal/component/prometheus/remotewrite/types.go). Values that Prometheus has otherwise by default are written out.

import { formatDuration } from '../../config/duration.ts'
import { authKeys } from '../../config/http-client/settle-auth.ts'
import { defaultHttpClient, settlePart } from '../../config/http-client/settle-http-client.ts'
import { queueConfigRows } from '../../config/resolve-queue.ts'
import { Secret } from '../../config/secret.ts'
import type { HttpHeadersMap, SettingValue } from '../../config/setting-spec.ts'
import { parseUpstream } from '../../config/upstream-url.ts'
import type { RelabelRule } from '../../relabel/rule.ts'
import { defaultRule } from '../../relabel/written-rule.ts'
import { flatRows } from '../components/endpoint/block-of-rows.ts'
import { clientRowsOf } from '../components/endpoint/client-block.ts'
import type { EndpointPlan } from '../components/endpoint/endpoint-plan.ts'
import type { Decoded } from '../graph/component.ts'
import type { Reveal } from './value-text.ts'

/** A mapping of a YAML file. */
export type Mapping = Record<string, unknown>

/** Headers whose values are no secrets. */
const openHeaders: ReadonlySet<string> = new Set(['x-scope-orgid', 'user-agent', 'x-prometheus-remote-write-version'])

/** `rules`: all of them, in order. `name`: of the queue, in metrics; '' for none. */
export function prometheusEndpoint(
  { plan, decoded, name, rules }: { plan: EndpointPlan; decoded: Decoded; name: string; rules: readonly RelabelRule[] },
  reveal: Reveal,
): Mapping {
  const flat = flatRows(decoded)
  const get = <T>(path: string): T | undefined => flat.values.get(path) as T | undefined
  const { url, basicAuth } = parseUpstream(get<string>('url') as string)
  const rows = clientRowsOf(flat)
  const part = settlePart(rows)
  if (basicAuth !== undefined && !authKeys.some((key) => part[key] !== undefined)) {
    rows.set('basic_auth.username', basicAuth.username).set('basic_auth.password', new Secret(basicAuth.password))
  }
  const { protobuf_message, ...metadata } = {
    protobuf_message: get<string>('protobuf_message'),
    ...metadataOf(flat.values),
  }
  return {
    url: reveal.url(url),
    ...(name !== '' && { name }),
    remote_timeout: durationOf(plan.timeoutMs),
    send_exemplars: plan.withheld?.exemplars !== true,
    ...(plan.withheld?.histograms !== true && { send_native_histograms: true }),
    ...(protobuf_message !== 'prometheus.WriteRequest' && { protobuf_message }),
    ...nested(clientMapping(rows, reveal)),
    ...(rules.length > 0 && { write_relabel_configs: rules.map(ruleMapping) }),
    queue_config: queueMapping(plan),
    ...(Object.keys(metadata).length > 0 && { metadata_config: metadata }),
  }
}

/** Prometheus has no times shorter than a millisecond. */
const durationOf = (ms: number): string => formatDuration(ms === 0 ? 0 : Math.max(1, Math.round(ms)))

function metadataOf(values: ReadonlyMap<string, SettingValue>): Mapping {
  const value = (name: string): SettingValue | undefined => values.get(`metadata_config.${name}`)
  const interval = value('send_interval') as number | undefined
  return {
    ...(value('send') === false && { send: false }),
    ...(interval !== undefined && { send_interval: durationOf(interval) }),
    ...(value('max_samples_per_send') !== undefined && { max_samples_per_send: value('max_samples_per_send') }),
  }
}

function queueMapping({ queue }: EndpointPlan): Mapping {
  const rows = Object.entries(queueConfigRows(queue)).map(([path, value]): [string, SettingValue] => [
    path.replace('queue_config.', ''),
    value,
  ])
  return Object.fromEntries(
    rows
      .filter(([name, value]) => name !== 'sample_age_limit' || value !== 0)
      .map(([name, value]) => [
        name,
        /deadline|backoff|age_limit/.test(name) && typeof value === 'number' ? durationOf(value) : value,
      ]),
  )
}

/** Dotted path → value, secrets as they may be seen. */
function clientMapping(rows: ReadonlyMap<string, SettingValue>, reveal: Reveal): ReadonlyMap<string, unknown> {
  const mapping = new Map<string, unknown>([
    ['enable_http2', rows.get('enable_http2') ?? defaultHttpClient.enableHttp2],
  ])
  for (const [path, value] of rows) {
    if (path === 'bearer_token') {
      mapping.set('authorization.type', 'Bearer').set('authorization.credentials', reveal.text(value as Secret))
    } else if (path === 'bearer_token_file') {
      mapping.set('authorization.type', 'Bearer').set('authorization.credentials_file', value)
    } else if (path === 'headers') mapping.set(path, headersMapping(value as Readonly<Record<string, Secret>>, reveal))
    else if (path === 'http_headers') mapping.set(path, httpHeadersMapping(value as HttpHeadersMap, reveal))
    // An empty text says that its group is there.
    else if (value === '' && path.includes('.')) mapping.set(path, undefined)
    else mapping.set(path, plainOf(value, reveal))
  }
  return mapping
}

const headersMapping = (headers: Readonly<Record<string, Secret>>, reveal: Reveal): Mapping =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      openHeaders.has(name.toLowerCase()) ? value.reveal() : reveal.text(value),
    ]),
  )

const httpHeadersMapping = (headers: HttpHeadersMap, reveal: Reveal): Mapping =>
  Object.fromEntries(
    Object.entries(headers).map(([name, { secrets }]) => [name, { secrets: secrets.map((one) => reveal.text(one)) }]),
  )

function plainOf(value: unknown, reveal: Reveal): unknown {
  if (value instanceof Secret) return reveal.text(value)
  if (Array.isArray(value)) return value.map((item) => plainOf(item, reveal))
  if (typeof value === 'string') return reveal.url(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainOf(item, reveal)]))
}

/** Dotted paths as mappings in mappings; undefined makes an empty one. */
function nested(values: ReadonlyMap<string, unknown>): Mapping {
  const mapping: Mapping = {}
  for (const [path, value] of values) {
    const names = path.split('.')
    const last = names.pop() as string
    let at = mapping
    for (const name of names) at = (at[name] ??= {}) as Mapping
    if (value !== undefined) at[last] = value
  }
  return mapping
}

function ruleMapping({
  action,
  sourceLabels,
  separator,
  regex,
  modulus,
  targetLabel,
  replacement,
}: RelabelRule): Mapping {
  return {
    ...(sourceLabels.length > 0 && { source_labels: sourceLabels }),
    ...(separator !== defaultRule.separator && { separator }),
    ...(regex !== defaultRule.regex && { regex }),
    ...(modulus !== 0n && { modulus: Number(modulus) }),
    ...(targetLabel !== '' && { target_label: targetLabel }),
    ...(replacement !== defaultRule.replacement && { replacement }),
    ...(action !== defaultRule.action && { action }),
  }
}
