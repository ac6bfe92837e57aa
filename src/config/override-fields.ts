// What an entry of `tenancy.override` may set.

import { maxTimerMs, type SettingSpec } from './setting-spec.ts'

const rate = { type: 'integer', min: 0, max: 1e12 } as const

/** What an override may set, by its path inside the override. */
export const overrideFields = {
  tenants: {
    type: 'list',
    of: 'glob',
    minItems: 1,
    doc: 'Globs over final ids (`*`, `?`, `\\` escapes), at least one.',
  },
  url: { type: 'url', doc: 'Where their data goes; written like `target`.' },
  remote_timeout: {
    type: 'duration',
    min: 1,
    max: maxTimerMs,
    doc: 'How long upstream has to answer, from 1ms to 24 days.',
  },
  headers: {
    type: 'headers',
    doc: 'Headers that are added; not the tenant header, `Authorization` or those that belong to the protocol.',
  },
  'basic_auth.username': { type: 'string', doc: 'User name for Basic auth.' },
  'basic_auth.password': { type: 'string', secret: true, doc: 'Password for Basic auth.' },
  'rate_limit.samples_per_second': { ...rate, doc: 'Samples or log entries per second and tenant; 0 for no limit.' },
  'rate_limit.burst': { ...rate, doc: 'Samples or log entries that may come at once; 0 for one second’s worth.' },
} as const satisfies Record<string, SettingSpec>

export type OverrideField = keyof typeof overrideFields
