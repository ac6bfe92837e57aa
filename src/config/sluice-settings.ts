// The settings table, second part: Sluice's own settings. In a file they stand under `sluice:`.

import { clientFields } from './client-fields.ts'
import { queueFields } from './queue-fields.ts'
import { maxTimerMs, type SettingSpec } from './setting-spec.ts'
import { tenancyFields } from './tenancy-fields.ts'

const day = 86_400_000
const gib = 2 ** 30

export const sluiceSettings = {
  ...tenancyFields,
  'receive.max_body_size': {
    type: 'size',
    min: 1024,
    max: gib,
    default: 32 * 2 ** 20,
    restart: true,
    doc: 'The longest request body as it comes over the wire, from 1KiB to 1GiB; a longer one is answered 413.',
  },
  'receive.max_decompressed_size': {
    type: 'size',
    min: 1024,
    max: gib,
    default: 64 * 2 ** 20,
    doc: 'The longest request body once uncompressed, from 1KiB to 1GiB; a longer one is answered 413.',
  },
  'receive.max_in_flight_bytes': {
    type: 'size',
    min: 2 ** 20,
    max: 2 ** 40,
    defaultText: 'half of (memory limit − 160 MiB), at least 64 MiB',
    restart: true,
    doc: 'Bytes of request bodies held at once, from 1MiB to 1TiB; beyond it pushes are answered 503 with Retry-After.',
  },
  'send.max_in_flight': {
    type: 'integer',
    min: 1,
    max: 65_535,
    replaces: ['max_conns_per_host'],
    defaultText: '`max_conns_per_host`',
    doc: 'Requests in flight to upstream, from 1 to 65535; further ones wait.',
  },
  'send.max_retry_after': {
    type: 'duration',
    min: 1000,
    max: day,
    default: 30_000,
    doc: 'The longest Retry-After that senders are given, from 1s to 1d.',
  },
  ...queueFields,
  ...clientFields,
  'server.http.listen_addr': {
    type: 'address',
    flagAlias: 'server.http.listen-addr',
    defaultText: '`127.0.0.1:12345`, and on without if that is taken',
    restart: true,
    doc: 'Address of the admin listener (`/-/reload`, `/api/v1/…`).',
  },
  'server.shutdown_deadline': {
    type: 'duration',
    min: 0,
    max: maxTimerMs,
    default: 20_000,
    doc: 'How long, at most, what is in flight has to finish at shutdown; up to 24 days.',
  },
  dry_run: {
    type: 'boolean',
    default: false,
    doc: 'Everything but sending: pushes are read, routed, counted and answered 204.',
  },
} as const satisfies Record<string, SettingSpec>
