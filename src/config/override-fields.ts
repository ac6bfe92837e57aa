// What an entry of `tenancy.override` may set: fields of its own, and those of the HTTP client.

import { httpClientFields } from './http-client/http-client-fields.ts'
import { overrideQueueFields } from './queue-fields.ts'
import { maxTimerMs, type SettingSpec } from './setting-spec.ts'

const message1 = 'prometheus.WriteRequest'
const message2 = 'io.prometheus.write.v2.Request'

const rate = { type: 'integer', min: 0, max: 1e12 } as const

export const overrideOwnFields = {
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
  'rate_limit.samples_per_second': { ...rate, doc: 'Samples or log entries per second and tenant; 0 for no limit.' },
  'rate_limit.burst': { ...rate, doc: 'Samples or log entries that may come at once; 0 for one second’s worth.' },
  protobuf_message: {
    type: 'enum',
    values: [message1, message2],
    exact: 'unknown remote write protobuf message ',
    doc: `Form of remote write to send: \`${message1}\` is 1.0, \`${message2}\` is 2.0; by default the one in which the push came. Without effect on logs.`,
  },
  send_exemplars: {
    type: 'boolean',
    doc: 'Whether exemplars go with their series, as they do by default; without effect on logs.',
  },
  send_native_histograms: {
    type: 'boolean',
    doc: 'Whether native histograms go, as they do by default; else they are dropped and counted as `native_histograms_off`. Without effect on logs.',
  },
  ...overrideQueueFields,
} as const satisfies Record<string, SettingSpec>

/** Rows of the HTTP client that an override hasn't: `headers` are its own, addresses are the transport's. */
type Excluded = 'headers' | 'round_robin_dns'

const { headers, round_robin_dns, ...rest } = httpClientFields

/** The rows of the HTTP client that an override has. */
export const overrideClientFields: Omit<typeof httpClientFields, Excluded> = rest

export const overrideFields: Readonly<Record<string, SettingSpec>> = { ...overrideOwnFields, ...overrideClientFields }
