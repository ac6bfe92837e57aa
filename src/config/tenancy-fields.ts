// The rows of `tenancy.*`: how tenants are found and what each may have. The proxy's table and the library's options are
// both made from them.

import type { SettingSpec } from './setting-spec.ts'

const day = 86_400_000

export const tenancyFields = {
  'tenancy.labels': {
    type: 'list',
    of: 'label',
    minItems: 1,
    replaces: ['tenant.label_list', 'tenant.label'],
    defaultText: '`tenant.label_list`, else `tenant.label`',
    doc: 'Labels that may name the tenant, in order of preference; the first with a non-empty value wins.',
  },
  'tenancy.default': {
    type: 'string',
    replaces: ['tenant.default'],
    defaultText: '`tenant.default`',
    doc: 'Tenant (before the prefix) of what has none of the labels; empty for none.',
  },
  'tenancy.on_missing': {
    type: 'enum',
    values: ['reject', 'drop'],
    default: 'reject',
    doc: 'What happens to a series that has none of the labels, while there is no default.',
  },
  'tenancy.on_invalid': {
    type: 'enum',
    values: ['reject', 'drop', 'default'],
    default: 'reject',
    doc: 'What happens to a series whose final tenant id is invalid or denied; `default` needs a default tenant.',
  },
  'tenancy.keep_label': {
    type: 'boolean',
    replaces: ['tenant.label_remove'],
    defaultText: 'metrics: the opposite of `tenant.label_remove`; logs: `true`',
    doc: 'Whether the label that matched stays; set here it acts on metrics and logs.',
  },
  'tenancy.prefix': {
    type: 'string',
    replaces: ['tenant.prefix'],
    defaultText: '`tenant.prefix`',
    doc: 'Put before every tenant id, the default too.',
  },
  'tenancy.prefix_from_header': {
    type: 'header',
    optional: true,
    replaces: ['tenant.prefix_prefer_source'],
    defaultText: 'the tenant header if `tenant.prefix_prefer_source`, else none',
    doc: 'A header of the sender whose value and a `-` replace the prefix, where it is present.',
  },
  'tenancy.header': {
    type: 'header',
    replaces: ['tenant.header'],
    defaultText: '`tenant.header`',
    doc: 'The header that carries the tenant to upstream.',
  },
  'tenancy.allow': {
    type: 'list',
    of: 'glob',
    default: [],
    doc: 'Globs (`*`, `?`, `\\` escapes) over final ids: if there are any, only ids that match one are allowed.',
  },
  'tenancy.deny': {
    type: 'list',
    of: 'glob',
    default: [],
    doc: 'Globs over final ids: what matches one is treated as invalid.',
  },
  'tenancy.strict': {
    type: 'boolean',
    default: false,
    doc: 'One bad series refuses the whole request, as in ct.',
  },
  'tenancy.metadata': {
    type: 'enum',
    values: ['follow', 'broadcast', 'default', 'drop'],
    replaces: ['metadata'],
    defaultText: '`metadata`, else `follow`',
    doc: 'Where remote write 1 metadata goes: to the tenants with such series, to all, to the default tenant, nowhere.',
  },
  'tenancy.max_tenants': {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 10_000,
    doc: 'Tenants known at a time, from 1 to 1000000; series of more are rejected.',
  },
  'tenancy.max_tenants_per_request': {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 1000,
    doc: 'Tenants in one request, from 1 to 1000000; a request with more is answered 400 and nothing of it is sent.',
  },
  'tenancy.idle_timeout': {
    type: 'duration',
    min: 1000,
    max: 20 * day,
    default: 900_000,
    doc: 'A tenant without data for this long (1s to 20d) is forgotten, its metrics too.',
  },
  'tenancy.max_in_flight_per_tenant': {
    type: 'integer',
    min: 0,
    max: 65_535,
    default: 0,
    doc: 'Requests in flight per tenant, up to 65535; 0: no limit but `send.max_in_flight`, with a queue 4.',
  },
  'tenancy.rate_limit.samples_per_second': {
    type: 'integer',
    min: 0,
    max: 1e12,
    default: 0,
    doc: 'Samples or log entries per second and tenant; more are answered 429 with Retry-After, with a queue delayed; 0 for no limit.',
  },
  'tenancy.rate_limit.burst': {
    type: 'integer',
    min: 0,
    max: 1e12,
    default: 0,
    doc: 'Samples or log entries of a tenant that may come at once; 0 for one second’s worth.',
  },
  'tenancy.override': {
    type: 'overrides',
    default: [],
    doc: 'What some tenants have for themselves, in files only; the first entry whose globs match the final id wins.',
  },
} as const satisfies Record<string, SettingSpec>

export type TenancyPath = keyof typeof tenancyFields
