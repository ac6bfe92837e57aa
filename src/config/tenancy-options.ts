// The library's tenancy options: the rows of `tenancy.*` as a plain object, held to the same rules as the proxy's
// settings. Nothing here may load the YAML reader.

import { isRecord, wrongType } from './decode-map.ts'
import { invalidOptions } from './invalid-options.ts'
import { optionName } from './option-name.ts'
import { overrideOwnFields } from './override-fields.ts'
import { type OptionProblem, optionTable, readOptions } from './read-options.ts'
import type { SettingValue } from './setting-spec.ts'
import { type TenancyPath, tenancyFields } from './tenancy-fields.ts'
import { checkTenancy } from './tenancy-rules.ts'
import {
  defaultTenancy,
  type MetadataMode,
  type OnInvalid,
  type OnMissing,
  type Override,
  type RateLimit,
  type TenancySettings,
} from './tenancy-settings.ts'

export interface RateLimitOptions {
  /** Samples (log entries for Loki) per second and tenant; whole, default 0: no limit. */
  readonly samplesPerSecond?: number | undefined
  /** Samples that may go at once; whole, default 0: one second's worth. */
  readonly burst?: number | undefined
}

/** What some tenants have for themselves; each value given replaces the general one whole. */
export interface OverrideOptions {
  /** Globs (`*`, `?`, `\` escapes) over final tenant ids, at least one. */
  readonly tenants: readonly string[]
  /** http or https URL to which their parts go, without user and password. */
  readonly url?: string | undefined
  /** Headers that are added to their parts, `Authorization` too; not the tenant header nor the protocol's own. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** How long upstream has to answer: milliseconds or a text such as `30s`, from 1 ms to 24 days. */
  readonly remoteTimeout?: number | string | undefined
  readonly rateLimit?: RateLimitOptions | undefined
  /** Whether exemplars go with their series. Default true. */
  readonly sendExemplars?: boolean | undefined
  /** Whether native histograms go; a series that has nothing else goes neither. Default true. */
  readonly sendNativeHistograms?: boolean | undefined
}

/** How tenants are found and what each may have. All are optional. */
export interface TenancyOptions {
  /** Labels that may name the tenant, in order of preference; the first with a non-empty value wins. Default `['__tenant_id__']`. */
  readonly labels?: readonly string[] | undefined
  /** Tenant (before the prefix) of series that have none of the labels. Default `''`: none. */
  readonly default?: string | undefined
  /** What happens to a series that has none of the labels, while there is no default. Default `reject`. */
  readonly onMissing?: OnMissing | undefined
  /** What happens to a series whose final id is invalid or denied; `default` needs a default. Default `reject`. */
  readonly onInvalid?: OnInvalid | undefined
  /** Whether the label that matched stays. Default false. */
  readonly keepLabel?: boolean | undefined
  /** Put before every tenant id, the default too. Default `''`. */
  readonly prefix?: string | undefined
  /** A header of the request whose value and a `-` replace the prefix, where it is present. Default `''`: none. */
  readonly prefixFromHeader?: string | undefined
  /** The header that carries the tenant. Default `X-Scope-OrgID`. */
  readonly header?: string | undefined
  /** Globs over final ids: if there are any, only ids that match one are allowed. */
  readonly allow?: readonly string[] | undefined
  /** Globs over final ids: what matches one is treated as invalid. */
  readonly deny?: readonly string[] | undefined
  /** One bad series refuses the whole request. Default false. */
  readonly strict?: boolean | undefined
  /** Where remote write 1 metadata goes. Default `follow`: to the tenants with such series. */
  readonly metadata?: MetadataMode | undefined
  /** Tenants known at a time, 1 to 1000000; series of more are rejected. Default 10000. */
  readonly maxTenants?: number | undefined
  /** Tenants in one request, 1 to 1000000; a request with more is answered 400 and nothing of it is sent. Default 1000. */
  readonly maxTenantsPerRequest?: number | undefined
  /** A tenant without data for this long is forgotten: milliseconds or a text such as `15m`, 1 s to 20 days. Default 15 minutes. */
  readonly idleTimeout?: number | string | undefined
  /** Requests in flight per tenant, up to 65535. Default 0: no limit. */
  readonly maxInFlightPerTenant?: number | undefined
  /** More than this of one tenant is answered 429 with Retry-After. */
  readonly rateLimit?: RateLimitOptions | undefined
  /** What some tenants have for themselves; the first whose globs match the final id wins. */
  readonly override?: readonly OverrideOptions[] | undefined
}

type ShortPath = TenancyPath extends `tenancy.${infer Short}` ? Short : never
const shortPath = (path: TenancyPath): ShortPath => path.slice('tenancy.'.length) as ShortPath
const shortName = (path: TenancyPath): string => optionName(shortPath(path))

const table = optionTable(
  Object.fromEntries(Object.entries(tenancyFields).map(([path, spec]) => [shortPath(path as TenancyPath), spec])),
)

const { tenants, url, remote_timeout, headers, send_exemplars, send_native_histograms } = overrideOwnFields
const overrideTable = optionTable({
  tenants,
  url: { ...url, doc: 'Where their data goes.' },
  headers: { ...headers, authorization: true },
  remote_timeout,
  'rate_limit.samples_per_second': overrideOwnFields['rate_limit.samples_per_second'],
  'rate_limit.burst': overrideOwnFields['rate_limit.burst'],
  send_exemplars,
  send_native_histograms,
})

type Values = ReadonlyMap<string, SettingValue>

/** From `rate_limit.*`; undefined where none of it is given. */
export function rateLimitOf(values: Values): RateLimit | undefined {
  const samplesPerSecond = values.get('rate_limit.samples_per_second') as number | undefined
  const burst = values.get('rate_limit.burst') as number | undefined
  if (samplesPerSecond === undefined && burst === undefined) return undefined
  return { samplesPerSecond: samplesPerSecond ?? 0, burst: burst ?? 0 }
}

const hasCredentials = (text: string): boolean => {
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}

function readOverride(options: unknown, index: number, problems: OptionProblem[]): Override {
  const name = `override[${index}]`
  const before = problems.length
  const { values } = readOptions(overrideTable, options, problems, { name })
  const given = values.get('url') as string | undefined
  if (given !== undefined) {
    const problem = !/^https?:\/\//i.test(given)
      ? 'the URL needs its scheme: http or https'
      : hasCredentials(given)
        ? 'user and password have no place in this URL; set the header Authorization instead'
        : undefined
    if (problem !== undefined) problems.push({ name: `${name}.url`, message: problem })
  }
  if (!values.has('tenants') && problems.length === before)
    problems.push({ name, message: 'an override needs `tenants`', hint: "add tenants: ['team-*']" })
  const rate = rateLimitOf(values)
  return {
    tenants: (values.get('tenants') as readonly string[] | undefined) ?? [],
    ...(given === undefined ? {} : { url: given }),
    ...(values.has('headers') ? { headers: values.get('headers') as Readonly<Record<string, string>> } : {}),
    ...(values.has('remote_timeout') ? { remoteTimeoutMs: values.get('remote_timeout') as number } : {}),
    ...(rate === undefined ? {} : { rateLimit: rate }),
    ...(values.has('send_exemplars') ? { sendExemplars: values.get('send_exemplars') as boolean } : {}),
    ...(values.has('send_native_histograms')
      ? { sendNativeHistograms: values.get('send_native_histograms') as boolean }
      : {}),
  }
}

/** Values by path without `tenancy.` to settings; what is not given is at the library's default. */
export function settleTenancy(values: Values, override: readonly Override[]): TenancySettings {
  const get = <T>(path: ShortPath, fallback: T): T => (values.has(path) ? (values.get(path) as T) : fallback)
  const base = defaultTenancy
  return {
    labels: get('labels', base.labels),
    default: get('default', base.default),
    onMissing: get('on_missing', base.onMissing),
    onInvalid: get('on_invalid', base.onInvalid),
    keepLabel: get('keep_label', base.keepLabel),
    prefix: get('prefix', base.prefix),
    prefixFromHeader: get('prefix_from_header', base.prefixFromHeader),
    header: get('header', base.header),
    allow: get('allow', base.allow),
    deny: get('deny', base.deny),
    strict: get('strict', base.strict),
    metadata: get('metadata', base.metadata),
    maxTenants: get('max_tenants', base.maxTenants),
    maxTenantsPerRequest: get('max_tenants_per_request', base.maxTenantsPerRequest),
    idleTimeoutMs: get('idle_timeout', base.idleTimeoutMs),
    maxInFlightPerTenant: get('max_in_flight_per_tenant', base.maxInFlightPerTenant),
    rateLimit: rateLimitOf(values) ?? base.rateLimit,
    override,
  }
}

const listeners: ReadonlySet<string> = new Set(['onTenantResult', 'onRefused'])

/** The settings among the options. */
function withoutListeners(options: unknown, problems: OptionProblem[]): unknown {
  if (!isRecord(options)) return options
  const isSetting = ([name, value]: [string, unknown]): boolean => {
    if (!listeners.has(name)) return true
    if (value !== undefined && typeof value !== 'function')
      problems.push({ name, message: wrongType('a function', value) })
    return false
  }
  return Object.fromEntries(Object.entries(options).filter(isSetting))
}

/**
 * Checks tenancy options and fills in the defaults (`defaultTenancy`). Unknown names are problems; the library's
 * listeners are not, so that one object of options serves all its calls.
 * Throws SluiceError CONFIG_INVALID with all problems in its text; values of headers are never in it.
 */
export function readTenancyOptions(options: TenancyOptions = {}): TenancySettings {
  const problems: OptionProblem[] = []
  let override: readonly Override[] = []
  const special = (path: string, value: unknown): boolean => {
    if (path !== 'override') return false
    if (Array.isArray(value)) override = value.map((each, index) => readOverride(each, index, problems))
    else problems.push({ name: 'override', message: 'a list belongs here', hint: 'write [{ tenants: […], … }]' })
    return true
  }
  const { values, failed } = readOptions(table, withoutListeners(options, problems), problems, { special })
  const tenancy = settleTenancy(values, override)
  for (const { severity, path, part, message, hint } of checkTenancy(
    tenancy,
    (each) => failed.has(shortPath(each)),
    shortName,
  )) {
    if (severity === 'error') problems.push({ name: placeOf(path, part), message, hint })
  }
  if (problems.length > 0) throw invalidOptions(problems)
  return tenancy
}

/** `deny[2]`, `override[0].headers.X-A`. */
const placeOf = (path: TenancyPath, part: string | undefined): string =>
  part === undefined ? shortName(path) : `${shortName(path)}${part.replace(/^\d+/, '[$&]')}`
