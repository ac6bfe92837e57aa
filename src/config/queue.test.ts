import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { effectiveSettings } from './effective.ts'
import { parseFlags } from './flags.ts'
import { loadConfiguration, type Sources } from './load.ts'
import { resolveProxySettings } from './proxy-settings.ts'
import { restartChanges, settingPaths } from './settings.ts'

const flags = (...argv: string[]): Sources => ({ flags: parseFlags(argv).values })
const file = (text: string): Sources => ({ file: { name: 'c.yml', text } })
const printed = (sources: Sources) => printDiagnostics(loadConfiguration(sources).diagnostics)
const settingsOf = (sources: Sources) => {
  const loaded = loadConfiguration(sources)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  return loaded.configuration.settings
}
const proxy = (sources: Sources) => resolveProxySettings(settingsOf(sources))

const defaults = {
  capacity: 10_000,
  minShards: 1,
  maxShards: 50,
  maxSamplesPerSend: 2000,
  batchSendDeadlineMs: 5000,
  minBackoffMs: 30,
  maxBackoffMs: 5000,
  retryOnHttp429: true,
  sampleAgeLimitMs: 0,
}
const queueDefaults = { ...defaults, mergeWindowMs: 20, ackGraceMs: 1000, haLabels: ['cluster', '__replica__'] }

test('there is a queue only where it is asked for, in any of four ways', () => {
  const check = (sources: Sources, want: object | undefined) => expect(proxy(sources).queue).toEqual(want)
  check({}, undefined)
  check(flags('--queue'), queueDefaults)
  check(flags('--queue.enabled'), queueDefaults)
  check(flags('--queue=false'), undefined)
  check({ env: { SLUICE_QUEUE: 'true' } }, queueDefaults)
  check({ env: { SLUICE_QUEUE_ENABLED: 'true' } }, queueDefaults)
  check(file('sluice: { queue: { enabled: true } }'), queueDefaults)
  check({ ...file('sluice: { queue: { enabled: true } }'), ...flags('--queue=false') }, undefined)
})

test('every row', () => {
  const text = `
sluice:
  queue:
    enabled: true
    merge_window: 0s
    ack_grace: 2s
    ha_labels: []
    capacity: 20000
    min_shards: 2
    max_shards: 3
    max_samples_per_send: 500
    batch_send_deadline: 1s
    min_backoff: 1s
    max_backoff: 1m
    retry_on_http_429: false
    sample_age_limit: 1h
  storage: { path: /data, max_bytes: 1GiB }
`
  const { queue, storage } = proxy(file(text))
  expect(queue).toEqual({
    mergeWindowMs: 0,
    ackGraceMs: 2000,
    haLabels: [],
    capacity: 20_000,
    minShards: 2,
    maxShards: 3,
    maxSamplesPerSend: 500,
    batchSendDeadlineMs: 1000,
    minBackoffMs: 1000,
    maxBackoffMs: 60_000,
    retryOnHttp429: false,
    sampleAgeLimitMs: 3_600_000,
  })
  expect(storage).toEqual({ path: '/data', maxBytes: 2 ** 30 })
  const rows = settingPaths.filter((path) => /^(queue|storage)\./.test(path))
  expect(rows.length).toBe(15)
  expect(rows.filter((path) => !text.includes(`${path.split('.')[1]}:`))).toEqual([])
})

test('bounds', () => {
  const check = (flag: string, message: string) => expect(printed(flags('--queue', flag))).toContain(message)
  for (const row of ['capacity', 'min_shards', 'max_shards', 'max_samples_per_send'])
    check(`--queue.${row}=0`, `--queue.${row}: 0 is too little; at least 1`)
  check('--queue.max_shards=65536', '65536 is too much; at most 65535')
  check('--queue.batch_send_deadline=0s', '0s is too little; at least 1ms')
  check('--queue.min_backoff=0s', '0s is too little; at least 1ms')
  check('--queue.merge_window=11s', '11s is too much; at most 10s')
  check('--queue.ack_grace=2h', '2h is too much; at most 1h')
  check('--storage.max_bytes=1000', '1000 is too little; at least 1MiB')
  check('--storage.path=', '--storage.path: the store needs a directory')
})

test('Prometheus’ rules, with its texts, at what was written', () => {
  const shards = 'remote write queue min_shards must not be greater than max_shards'
  const backoff = 'remote write queue max_backoff must not be less than min_backoff'
  const check = (argv: string[], want: string) => expect(printed(flags('--queue', ...argv))).toBe(want)
  check(['--queue.min_shards=51'], `--queue.min_shards: ${shards}\n  hint: max_shards is 50`)
  check(['--queue.min_shards=3', '--queue.max_shards=3'], '')
  check(['--queue.min_backoff=6s'], `--queue.min_backoff: ${backoff}\n  hint: min_backoff is 6s`)
  check(['--queue.max_backoff=29ms'], `--queue.max_backoff: ${backoff}\n  hint: min_backoff is 30ms`)
  check(
    ['--queue.max_shards=x', '--queue.min_shards=60'],
    '--queue.max_shards: "x" is not a whole number\n  hint: write digits only, such as 100',
  )
})

test('what has no effect without a queue is said to have none', () => {
  const warning = 'warning: this has no effect without a queue'
  expect(printed(flags('--storage.path=/x'))).toContain(`--storage.path: ${warning}`)
  expect(printed(file('sluice: { queue: { max_shards: 3 } }'))).toContain(`c.yml:1:32: ${warning}`)
  expect(printed(file('sluice: { queue: { max_shards: 50, ha_labels: [cluster, __replica__] } }'))).toBe('')
  const override = 'sluice: { tenancy: { override: [{ tenants: [a], queue_config: { capacity: 5 } }] } }'
  expect(printed(file(override))).toContain(warning)
  expect(printed({ ...file(override), ...flags('--queue') })).toBe('')
})

test('an override’s queue_config is in place of the whole one', () => {
  const queued = (override: string) =>
    file(`sluice:
  queue: { enabled: true, capacity: 7 }
  tenancy:
    override:
      - tenants: [a]
        ${override}
`)
  const check = (override: string, want: object | undefined) =>
    expect(proxy(queued(override)).metrics.tenancy.override[0]?.queueConfig).toEqual(want)
  check('url: http://h/', undefined)
  check('queue_config: {}', undefined)
  check('queue_config: { max_shards: 9, retry_on_http_429: false }', {
    ...defaults,
    maxShards: 9,
    retryOnHttp429: false,
  })
  const refused = (override: string, message: string) => expect(printed(queued(override))).toContain(message)
  refused('queue_config: { min_shards: 60 }', 'c.yml:6:25: remote write queue min_shards must not be greater')
  refused('queue_config: { max_backoff: 1ms }', 'remote write queue max_backoff must not be less than min_backoff')
  refused('queue_config: { max_shards: 0 }', '0 is too little; at least 1')
  refused('queue_config: { merge_window: 1s }', 'unknown key "merge_window"')
})

test('an override’s protobuf_message is taken', () => {
  const message = (name: string) =>
    file(`sluice: { tenancy: { override: [{ tenants: [a], protobuf_message: ${name} }] } }`)
  expect(printed(message('prometheus.WriteRequest'))).toBe('')
  expect(printed(message('io.prometheus.write.v2.Request'))).toBe('')
  expect(printed(message('v2'))).toContain('unknown remote write protobuf message v2')
  const { override } = proxy(message('io.prometheus.write.v2.Request')).metrics.tenancy
  expect(override[0]?.protobufMessage).toBe('io.prometheus.write.v2.Request')
})

test('what is in force reads back the same', () => {
  const first = settingsOf(
    file(`sluice:
  queue: { enabled: true, ack_grace: 3s }
  storage: { max_bytes: 1GiB }
  tenancy:
    override:
      - { tenants: [a], protobuf_message: prometheus.WriteRequest, queue_config: { min_backoff: 1s } }
      - { tenants: [b], send_exemplars: false, send_native_histograms: true }
`),
  )
  expect(settingsOf(file(JSON.stringify(effectiveSettings(first))))).toEqual(first)
  expect(effectiveSettings(first)).toMatchObject({ sluice: { queue: { enabled: true, ack_grace: '3s' } } })
})

test('what a reload cannot change', () => {
  const changed = [
    '--queue',
    '--storage.path=/x',
    '--storage.max_bytes=1GiB',
    '--queue.capacity=5',
    '--queue.ack_grace=5s',
  ]
  const before = settingsOf({})
  expect(restartChanges(before, settingsOf(flags(...changed)))).toEqual([
    'queue.enabled',
    'storage.path',
    'storage.max_bytes',
  ])
})
