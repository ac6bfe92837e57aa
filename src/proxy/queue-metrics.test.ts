import { join } from 'node:path'
import { expect, test } from 'vitest'
import { at, series, write } from '../../test/support/bodies.ts'
import { type InProcess, settingsOf, startInProcess } from '../../test/support/in-process.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { until } from '../../test/support/until.ts'

const start = (more = '') =>
  startInProcess(`
tenant: { label: tenant }
sluice:
  queue: { enabled: true, ack_grace: 1m, max_backoff: 50ms${more} }
  storage: { path: ${JSON.stringify(join(temporaryFolder(), 'store'))} }
`)

const metricOf = async ({ proxy }: InProcess, name: string, labels: Record<string, string> = {}): Promise<number> => {
  const metric = (await proxy.metrics.values()).find((one) => one.name === name)
  const sets = metric?.values.filter((one) =>
    Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )
  return sets?.reduce((sum, { value }) => sum + value, 0) ?? Number.NaN
}

let clock = 0
const push = (running: InProcess, ...tenants: string[]) =>
  running.push(write(tenants.map((tenant) => at(++clock, series('__name__=m', `tenant=${tenant}`)))))

test('Prometheus’ names count what was sent, repeated, refused and settled', async () => {
  const running = await start()
  const { sink, proxy } = running
  const metrics = { remote_name: 'proxy/metrics', url: `${sink.url}/api/v1/push` }
  const count = (name: string, labels: Record<string, string> = metrics) =>
    metricOf(running, `prometheus_remote_storage_${name}`, labels)
  const begun = Date.now() / 1000

  expect((await push(running, 'a', 'b')).status).toBe(200)
  expect([await count('samples_total'), await count('samples_retried_total')]).toEqual([2, 0])
  expect(await count('samples_in_total', {})).toBe(2)
  expect(await count('samples_pending')).toBe(0)
  expect(await count('bytes_total')).toBeGreaterThan(20)
  for (const name of ['highest_timestamp_seconds', 'highest_sent_timestamp_seconds'])
    expect(await count(`queue_${name}`)).toBeGreaterThanOrEqual(begun)

  sink.setFault('a', { status: 503 })
  expect((await push(running, 'a')).status).toBe(204)
  await until(async () => (await count('samples_retried_total')) >= 2, { what: 'it is repeated' })
  expect(await count('samples_pending')).toBe(1)
  expect(await metricOf(running, 'sluice_queue_stored_samples_total', { tenant: 'a' })).toBe(1)
  expect(await metricOf(running, 'sluice_queue_oldest_age_seconds', { tenant: 'a' })).toBeGreaterThan(0)
  expect(await count('queue_highest_timestamp_seconds')).toBeGreaterThan(
    await count('queue_highest_sent_timestamp_seconds'),
  )
  expect(proxy.tenants().find(({ id }) => id === 'a')).toMatchObject({
    stored: { samples: 1, batches: 1 },
    paused: false,
  })

  sink.setFault('a', { status: 400, body: 'out of order' })
  await until(async () => (await count('samples_failed_total')) === 1, { what: 'it is refused' })
  expect(await metricOf(running, 'sluice_queue_dropped_samples_total', { tenant: 'a', reason: 'refused' })).toBe(1)
  await until(async () => (await count('samples_pending')) === 0, { what: 'nothing waits' })
  expect(running.log.filter((line) => line.includes('upstream refused queued samples for good')).length).toBe(1)
  expect(proxy.tenants().find(({ id }) => id === 'a')?.lastError).toContain('out of order')
})

test('what is too old is dropped and said to be', async () => {
  const running = await start(', sample_age_limit: 1h')
  expect((await push(running, 'a')).status).toBe(204)
  const labels = { tenant: 'a', reason: 'too_old' }
  expect(await metricOf(running, 'sluice_queue_dropped_samples_total', labels)).toBe(1)
  const dropped = { remote_name: 'proxy/metrics', reason: 'too_old' }
  expect(await metricOf(running, 'prometheus_remote_storage_samples_dropped_total', dropped)).toBe(1)
  expect(running.sent()).toEqual([])
})

test('lanes: what a tenant has, what would be enough, and what it may get', async () => {
  const running = await start(', min_shards: 2, max_shards: 200')
  const lanes = (name: string) =>
    metricOf(running, `prometheus_remote_storage_shards${name}`, { remote_name: 'proxy/metrics' })
  const all = () => Promise.all(['', '_desired', '_max'].map(lanes))
  expect(await all()).toEqual([0, 0, 4])
  await push(running, 'a')
  expect(await all()).toEqual([2, 2, 4])
  const { metrics } = running.settings
  const tenancy = { ...metrics.tenancy, maxInFlightPerTenant: 100 }
  running.proxy.reload({ ...running.settings, metrics: { ...metrics, tenancy } })
  expect(await lanes('_max')).toBe(64)
})

test('the settings as gauges, and another URL after a reload', async () => {
  const running = await start(', min_shards: 2, max_shards: 3, capacity: 11, max_samples_per_send: 7')
  const { proxy, settings, sink } = running
  const read = async (url: string) => {
    const names = ['shards_min', 'shards_max', 'shard_capacity', 'max_samples_per_send']
    const labels = { remote_name: 'proxy/metrics', url }
    return Promise.all(names.map((name) => metricOf(running, `prometheus_remote_storage_${name}`, labels)))
  }
  const before = `${sink.url}/api/v1/push`
  expect(await read(before)).toEqual([2, 3, 11, 7])
  const after = `${sink.url}/other`
  proxy.reload({ ...settings, metrics: { ...settings.metrics, upstream: { url: after } } })
  expect(await read(after)).toEqual([2, 3, 11, 7])
  expect(await proxy.metrics.exposition()).not.toContain(`url="${before}"`)
})

test('a reload neither takes the queue away nor brings one', async () => {
  const running = await start()
  const { queue: _, ...without } = running.settings
  running.proxy.reload(without)
  running.sink.setFault('a', { status: 503 })
  expect((await push(running, 'a')).status).toBe(204)

  const direct = await startInProcess('tenant: { label: tenant }')
  direct.proxy.reload({ ...direct.settings, queue: settingsOf('sluice: { queue: { enabled: true } }').queue! })
  direct.sink.setFault('a', { status: 503 })
  expect((await push(direct, 'a')).status).toBe(503)
  expect(direct.proxy.queues).toBe(undefined)
})
