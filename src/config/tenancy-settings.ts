// The tenancy settings as every engine takes them: camelCase, all present, already checked. The proxy derives
// them from its settings table, the library from its options; nothing downstream asks where a value came from.

import type { HttpClientSettings } from './http-client/http-client-settings.ts'
import type { QueueConfig } from './queue-settings.ts'
import type { SettingValue } from './setting-spec.ts'

/** What happens to a series (or Loki stream) that has no tenant label with a non-empty value, and no default. */
export type OnMissing = 'reject' | 'drop'
/** What happens to a series whose final tenant id is not valid, or is denied. */
export type OnInvalid = 'reject' | 'drop' | 'default'
/** Where remote write 1 metadata goes. */
export type MetadataMode = 'follow' | 'broadcast' | 'default' | 'drop'

export interface RateLimit {
  /** Samples (log entries for Loki) per second and tenant; 0: no limit. */
  readonly samplesPerSecond: number
  /** Samples that may go at once; 0: as many as `samplesPerSecond`. */
  readonly burst: number
}

export interface BasicAuth {
  readonly username: string
  readonly password: string
}

/** A form of remote write: 1.0, and 2.0. */
export type ProtobufMessage = 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request'

/** What some tenants have for themselves; each value given replaces the general one whole. */
export interface Override {
  /** Globs (`*`, `?`, `\` escapes) over the final tenant id; at least one. */
  readonly tenants: readonly string[]
  /** http or https URL, scheme included. */
  readonly url?: string
  readonly remoteTimeoutMs?: number
  /** Names as written; never the tenant header nor one that the engine sets itself. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * How they are sent: each property that is there replaces the endpoint's whole one, any of the six ways to sign in
   * the endpoint's way.
   */
  readonly client?: Partial<HttpClientSettings>
  /** The rows that `client` was made from, as they are written in a file. */
  readonly clientRows?: Readonly<Record<string, SettingValue>>
  readonly rateLimit?: RateLimit
  /** In place of the endpoint's whole one: what is not given is at its default. */
  readonly queueConfig?: QueueConfig
  /** false: exemplars of their series are not sent. Default true. */
  readonly sendExemplars?: boolean
  /** false: native histograms of their series are not sent. Default true. */
  readonly sendNativeHistograms?: boolean
  /** remote_write's `protobuf_message`; absent: in the form in which the push came. Without effect on logs. */
  readonly protobufMessage?: ProtobufMessage
}

export interface TenancySettings {
  /** Label names in order of preference; the first with a non-empty value wins. None only in `noTenancy`. */
  readonly labels: readonly string[]
  /** Tenant (before the prefix) of series that have none of the labels; '' for none. */
  readonly default: string
  /** No header says `default`: as loki.write without `tenant_id`. It has no prefix then. */
  readonly isDefaultUnsaid?: true
  readonly onMissing: OnMissing
  readonly onInvalid: OnInvalid
  /** false: the label that matched is removed. */
  readonly keepLabel: boolean
  /** `__tenant_id__` goes even where it is among the labels and labels are kept: in an agent it never leaves. */
  readonly stripReserved?: boolean
  /** Put before every id, the default too. */
  readonly prefix: string
  /** Inbound header whose value + "-" replaces `prefix` when it is present; '' for none. */
  readonly prefixFromHeader: string
  /** Outgoing header that carries the tenant; '' where none does (`noTenancy`). */
  readonly header: string
  /** Globs over the final id; empty: all are allowed. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** One bad series refuses the whole request. */
  readonly strict: boolean
  readonly metadata: MetadataMode
  readonly maxTenants: number
  readonly maxTenantsPerRequest: number
  readonly idleTimeoutMs: number
  /** Requests in flight per tenant; 0: no limit but the one that all tenants share. */
  readonly maxInFlightPerTenant: number
  readonly rateLimit: RateLimit
  /** The first whose globs match the final id wins. */
  readonly override: readonly Override[]
}

/** The library's defaults; the proxy's own differ in the label (ct's `__tenant__`) and in keeping it. */
export const defaultTenancy: TenancySettings = {
  labels: ['__tenant_id__'],
  default: '',
  onMissing: 'reject',
  onInvalid: 'reject',
  keepLabel: false,
  prefix: '',
  prefixFromHeader: '',
  header: 'X-Scope-OrgID',
  allow: [],
  deny: [],
  strict: false,
  metadata: 'follow',
  maxTenants: 10_000,
  maxTenantsPerRequest: 1000,
  idleTimeoutMs: 15 * 60_000,
  maxInFlightPerTenant: 0,
  rateLimit: { samplesPerSecond: 0, burst: 0 },
  override: [],
}

/** The id, in counters and in the store, of all that goes to an endpoint without tenancy. No header carries it. */
export const NO_TENANT = '__none__'

/** An endpoint without tenancy: everything is one stream, whatever its labels say. `__tenant_id__` goes all the same. */
export const noTenancy: TenancySettings = {
  ...defaultTenancy,
  labels: [],
  default: NO_TENANT,
  header: '',
  metadata: 'default',
  maxInFlightPerTenant: Number.POSITIVE_INFINITY,
}
