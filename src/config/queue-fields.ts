// The rows of `queue.*` and `storage.*`, and of an override's `queue_config`, which are the same rows as far as they
// are Prometheus'.

import { under } from './http-client/http-client-fields.ts'
import type { SettingSpec } from './setting-spec.ts'

const day = 86_400_000
const hour = 3_600_000

/** What Prometheus calls queue_config; the defaults are Alloy's. */
export const queueConfigFields = {
  capacity: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: 10_000,
    doc: 'Samples or log entries that a tenant holds in memory for each lane that it may get, from 1 to 1000000000; the rest waits on disk.',
  },
  min_shards: {
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 1,
    doc: 'Lanes that each tenant begins with, from 1 to 65535, no more than `max_shards`, and in effect no more than it may get.',
  },
  max_shards: {
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 50,
    doc: 'Lanes that a tenant gets while it can’t keep up, from 1 to 65535, in effect no more than 64 and `tenancy.max_in_flight_per_tenant` (4 where that is 0).',
  },
  max_samples_per_send: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 2000,
    doc: 'Samples or log entries with which a batch is full, from 1 to 1000000.',
  },
  batch_send_deadline: {
    type: 'duration',
    min: 1,
    max: day,
    default: 5000,
    doc: 'How long a batch that no sender waits for may collect, from 1ms to 1d; pushes are not affected: `queue.merge_window`.',
  },
  min_backoff: {
    type: 'duration',
    min: 1,
    max: day,
    default: 30,
    doc: 'The wait after the first failure, from 1ms to 1d; it doubles with each further one.',
  },
  max_backoff: {
    type: 'duration',
    min: 1,
    max: day,
    default: 5000,
    doc: 'The longest wait between attempts, from 1ms to 1d and no less than `min_backoff`; a Retry-After may be longer, up to 5m.',
  },
  retry_on_http_429: {
    type: 'boolean',
    default: true,
    doc: 'Whether a batch that was answered 429 is tried again; else it is dropped.',
  },
  sample_age_limit: {
    type: 'duration',
    min: 0,
    max: 3650 * day,
    default: 0,
    doc: 'Batches whose newest sample is older than this (up to 10y) are dropped, not sent; 0s for no limit.',
  },
} as const satisfies Record<string, SettingSpec>

export const queueFields = {
  'queue.enabled': {
    type: 'boolean',
    default: false,
    restart: true,
    flagAlias: 'queue',
    variableAlias: 'SLUICE_QUEUE',
    doc: 'Whether what upstream does not take at once is stored and sent later ([delivery](delivery.md)); else the sender is told to repeat it.',
  },
  'queue.merge_window': {
    type: 'duration',
    min: 0,
    max: 10_000,
    default: 20,
    doc: 'How long parts of one tenant are collected for one request while their senders wait, up to 10s; 0s: they are not.',
  },
  'queue.ack_grace': {
    type: 'duration',
    min: 0,
    max: hour,
    default: 1000,
    doc: 'How long a sender waits for upstream’s own answer, up to 1h, before its part is stored and taken; 0s: all is stored at once.',
  },
  'queue.ha_labels': {
    type: 'list',
    of: 'label',
    default: ['cluster', '__replica__'],
    doc: 'Parts whose first series differ in one of these labels go in separate requests, so that upstream can tell replicas apart.',
  },
  ...under('queue', queueConfigFields),
  'storage.path': {
    type: 'string',
    default: 'data-sluice/',
    restart: true,
    doc: 'The directory of the store, made if need be; one process has it at a time.',
  },
  'storage.max_bytes': {
    type: 'size',
    min: 1 << 20,
    max: 2 ** 50,
    defaultText: '80 % of what is free at the start',
    restart: true,
    doc: 'What may be stored, from 1MiB to 1024TiB; beyond it the tenant furthest over its share loses its oldest, counted.',
  },
} as const satisfies Record<string, SettingSpec>

export const overrideQueueFields = under('queue_config', queueConfigFields)
