import { expect, test } from 'vitest'
import { batchOf, laneOf, openTestStore } from '../../test/support/store.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { createRegistry } from '../telemetry/registry.ts'
import { createQueueControl } from './queue-control.ts'
import { queueGauges } from './queue-gauges.ts'

const setup = async () => {
  const { store } = await openTestStore(temporaryFolder())
  const told: unknown[] = []
  const control = createQueueControl({
    store,
    sending: ({ tenant }) => (tenant === 'b' ? { lastStatus: 500, lastError: 'no', failingSinceMs: 5 } : {}),
    live: {
      pause: (filter) => store.pause(filter),
      resume: (filter) => store.resume(filter),
      drop: (filter) => store.drop(filter),
      drain: ({ tenant }) => told.push(`${tenant} hurries`),
    },
  })
  return { store, control, told }
}

test('what is stored and what is paused, by tenant', async () => {
  const { store, control } = await setup()
  expect(control.list()).toEqual([])
  await store.append(laneOf('b'), batchOf('one', { arrivedMs: 7 }))
  await store.append(laneOf('b', 1), batchOf('two', { series: 4, samples: 5, arrivedMs: 6 }))
  await store.append({ ...laneOf('b'), endpoint: 'gone/1' }, batchOf('x'))
  await control.pause({ tenant: 'a', signal: 'logs' })
  expect(control.list()).toEqual([
    {
      ...{ tenant: 'a', endpoint: 'proxy/loki', signal: 'logs' },
      ...{ batches: 0, bytes: 0, series: 0, samples: 0, paused: true },
    },
    expect.objectContaining({ tenant: 'b', endpoint: 'gone/1', batches: 1, paused: false }),
    {
      ...{ tenant: 'b', endpoint: 'proxy/metrics', signal: 'metrics' },
      ...{ batches: 2, bytes: expect.any(Number), series: 5, samples: 7, oldestMs: 6, paused: false },
      ...{ lastStatus: 500, lastError: 'no', failingSinceMs: 5 },
    },
  ])
  const check = (choice: object, want: string[]) =>
    expect(control.list(choice).map(({ tenant, endpoint }) => `${tenant} ${endpoint}`)).toEqual(want)
  check({ tenant: 'a' }, ['a proxy/loki'])
  check({ endpoint: 'gone/1' }, ['b gone/1'])
  check({ signal: 'metrics' }, ['b gone/1', 'b proxy/metrics'])
  check({ tenant: 'b', signal: 'logs' }, [])
  expect(control.store()).toEqual({ writable: true, bytes: store.bytes, maxBytes: store.maxBytes, batches: 3 })
})

test('pause of all a tenant has, and its end', async () => {
  const { store, control } = await setup()
  await control.pause({ tenant: 'a' })
  expect(control.list().map(({ endpoint, signal, paused }) => [endpoint, signal, paused])).toEqual([
    ['proxy/loki', 'logs', true],
    ['proxy/metrics', 'metrics', true],
  ])
  expect(await control.resume({ tenant: 'a', signal: 'logs' })).toBe(false)
  expect(store.isPaused(laneOf('a'))).toBe(true)
  expect(await control.resume({ tenant: 'a' })).toBe(true)
  expect(control.list()).toEqual([])
})

test('drop says how much it was; others keep theirs', async () => {
  const { store, control } = await setup()
  for (const tenant of ['a', 'a', 'b']) await store.append(laneOf(tenant), batchOf('body'))
  await store.append({ ...laneOf('a'), signal: 'logs', endpoint: 'proxy/loki' }, batchOf('log'))
  const dropped = await control.drop({ tenant: 'a', signal: 'metrics' })
  expect(dropped).toMatchObject({ batches: 2, series: 2, samples: 4 })
  expect(control.list().map(({ tenant, signal }) => `${tenant} ${signal}`)).toEqual(['a logs', 'b metrics'])
  expect(await control.drop({ tenant: 'zebra' })).toEqual({ batches: 0, bytes: 0, series: 0, samples: 0 })
})

test('drain waits for the last batch, or says what is left', async () => {
  const { store, control, told } = await setup()
  const lane = laneOf('a')
  await store.append(lane, batchOf('body'))
  expect(await control.drain({ tenant: 'a' }, { waitMs: 0 })).toMatchObject({ batches: 1, samples: 2 })
  expect(await control.drain({ tenant: 'a' }, { waitMs: 60 })).toMatchObject({ batches: 1 })
  const drained = control.drain({ tenant: 'a' }, { waitMs: 20_000, hurry: true })
  expect(told).toEqual(['a hurries'])
  store.remove(await store.read(lane))
  expect(await drained).toMatchObject({ batches: 0 })
})

test('gauges: tenants beyond the bound add up, of ages the longest counts, what is gone is 0', async () => {
  const { store, control } = await setup()
  const registry = createRegistry({ includeTenant: false, processMetrics: false, maxTenants: 1 })
  const lines = async () =>
    (await registry.exposition())
      .split('\n')
      .filter((line) => /^sluice_(queue_(stored_b|stored_s.*s\{|old|pau)|store_b)/.test(line))
  const update = queueGauges(store, registry.meter, () => 10_000)
  for (const [tenant, arrivedMs] of [
    ['a', 9000],
    ['b', 5000],
    ['c', 7000],
  ] as const)
    await store.append(laneOf(tenant), batchOf('body', { arrivedMs }))
  await control.pause({ tenant: 'c', signal: 'metrics' })
  update(control.list())
  const bytes = store.bytes / 3
  expect(await lines()).toEqual([
    `sluice_queue_stored_bytes{tenant="a",signal="metrics"} ${bytes}`,
    `sluice_queue_stored_bytes{tenant="__other__",signal="metrics"} ${2 * bytes}`,
    'sluice_queue_stored_batches{tenant="a",signal="metrics"} 1',
    'sluice_queue_stored_batches{tenant="__other__",signal="metrics"} 2',
    'sluice_queue_stored_samples{tenant="a",signal="metrics"} 2',
    'sluice_queue_stored_samples{tenant="__other__",signal="metrics"} 4',
    'sluice_queue_oldest_age_seconds{tenant="a",signal="metrics"} 1',
    'sluice_queue_oldest_age_seconds{tenant="__other__",signal="metrics"} 5',
    'sluice_queue_paused{tenant="a",signal="metrics"} 0',
    'sluice_queue_paused{tenant="__other__",signal="metrics"} 1',
    `sluice_store_bytes ${3 * bytes}`,
    `sluice_store_bytes_limit ${store.maxBytes}`,
    'sluice_store_batches 3',
  ])
  await control.drop({ tenant: 'a' })
  await control.drop({ tenant: 'b' })
  update(control.list())
  const after = await lines()
  expect(after).toContain('sluice_queue_stored_batches{tenant="a",signal="metrics"} 0')
  expect(after).toContain('sluice_queue_stored_batches{tenant="__other__",signal="metrics"} 1')
  expect(after).toContain('sluice_queue_oldest_age_seconds{tenant="a",signal="metrics"} 0')
  expect(after).toContain('sluice_queue_oldest_age_seconds{tenant="__other__",signal="metrics"} 3')
})
