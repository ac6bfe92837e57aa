import { expect, test } from 'vitest'
import { at, series, write } from '../../../test/support/bodies.ts'
import { specOf, startFlowBench, startUpstream, type Upstream } from '../../../test/support/flow.ts'
import { queueDefaults } from '../../../test/support/queue.ts'
import { openTestStore } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import { noTenancy } from '../../config/tenancy-settings.ts'
import { measure } from '../../proxy/measure.ts'
import { measureRemoteStorage } from '../../proxy/remote-storage-gauges.ts'
import { controlQueues } from '../../proxy/storing.ts'
import { tenantStatuses } from '../../proxy/tenants.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { fanOut } from './fan-out.ts'

// A grace that no loaded machine uses up: what is stored here is so because its upstream failed, or because it is told to.
const queue = { ...queueDefaults, ackGraceMs: 60_000, maxBackoffMs: 50 }

/** One component with an endpoint to each upstream, all with a queue in one store. */
async function run(path: string, upstreams: Readonly<Record<string, Upstream>>, more: Partial<EndpointSpec> = {}) {
  const { store } = await openTestStore(path, { wallClock: Date.now })
  const bench = startFlowBench(store)
  const specs = Object.entries(upstreams).map(([name, { url }]) => specOf(`rw/${name}`, url, { queue, ...more }))
  const receivers = await bench.endpoints.put('rw', specs)
  const push = await bench.listen(fanOut('rw', 'metrics', receivers))
  return {
    ...bench,
    store,
    specs,
    control: controlQueues(store, () => bench.endpoints.live()),
    push: (ts: number, ...tenants: string[]) =>
      push(
        write(
          tenants.map((tenant) => at(ts, series('__name__=m', 'ts='.concat(String(ts)), `__tenant_id__=${tenant}`))),
        ),
      ),
    stop: async () => {
      await bench.endpoints.remove('rw', 1000)
      await store.close()
    },
  }
}

const item = (ts: number) => `m{ts="${ts}"}`

test('an endpoint that fails stores its own, and holds up no other; after a restart it is sent, in order', async () => {
  const path = temporaryFolder()
  const ups = { good: await startUpstream(), bad: await startUpstream(() => ({ status: 503 })) }
  const before = await run(path, ups)
  for (const ts of [1, 2, 3]) expect((await before.push(ts, 'a')).status).toBe(204)
  expect(ups.good.got).toEqual([1, 2, 3].map((ts) => `a: ${item(ts)}`))
  expect(
    before.control.list().map(({ endpoint, tenant, samples, lastStatus }) => [endpoint, tenant, samples, lastStatus]),
  ).toEqual([['rw/bad', 'a', 3, 503]])
  await before.stop()
  ups.bad.answer = () => ({ status: 200 })
  ups.bad.got.length = 0
  const after = await run(path, ups)
  await until(() => after.store.batches === 0, { what: 'all is sent' })
  expect(ups.bad.got).toEqual([`a: ${[1, 2, 3].map(item).join(' ')}`])
  expect(ups.good.got.length).toBe(3)
})

test('who is behind is said once, with why, by whoever sends it', async () => {
  const ups = { good: await startUpstream(), bad: await startUpstream(() => ({ status: 503 })) }
  const { endpoints, log, push } = await run(temporaryFolder(), ups)
  await push(1, 'a')
  const now = performance.now()
  const watch = (ms: number): void => {
    for (const { pipeline } of endpoints.live()) pipeline.queues?.watch(now + ms)
  }
  watch(0)
  watch(60_000)
  const behind = log.filter(({ msg }) => msg.startsWith('a tenant is behind'))
  expect(behind.map(({ fields }) => fields)).toMatchObject([
    { endpoint: 'rw/bad', tenant: 'a', why: 'the last attempt failed: 503' },
  ])
})

test('without tenancy the queue is that of one stream; what was acknowledged survives a kill', async () => {
  const path = temporaryFolder()
  const before = await run(path, { x: await startUpstream(() => ({ status: 500 })) }, { tenancy: noTenancy })
  expect((await before.push(1, 'a', 'b')).status).toBe(204)
  expect(before.control.list()).toMatchObject([{ endpoint: 'rw/x', tenant: '__none__', samples: 2 }])
  // As a kill does: nothing is told to stop.
  await before.store.close()
  const up = await startUpstream()
  const after = await run(path, { x: up }, { tenancy: noTenancy })
  await until(() => after.store.batches === 0, { what: 'it is sent' })
  expect(up.got).toEqual([`: ${item(1)} ${item(1)}`])
})

test('an endpoint that is removed leaves its queue: shown, commanded, and sent once it is back', async () => {
  const up = await startUpstream(() => ({ status: 503 }))
  const other = await startUpstream()
  const { endpoints, control, push, store, specs } = await run(temporaryFolder(), { gone: up, stays: other })
  expect((await push(1, 'a', 'b')).status).toBe(204)
  await endpoints.put('rw', [specs[1]!])
  await endpoints.ended()
  await until(() => other.got.length === 2 && control.list().length === 2, { what: 'the other one has sent all' })
  expect(endpoints.live().map(({ id }) => id)).toEqual(['rw/stays'])
  expect(control.list().map(({ endpoint, tenant, samples }) => [endpoint, tenant, samples])).toEqual([
    ['rw/gone', 'a', 1],
    ['rw/gone', 'b', 1],
  ])
  expect(await control.drop({ tenant: 'b', endpoint: 'rw/gone' })).toMatchObject({ samples: 1 })
  up.answer = () => ({ status: 200 })
  up.got.length = 0
  await endpoints.put('rw', specs)
  await until(() => store.batches === 0, { what: 'the rest is sent' })
  expect(up.got).toEqual([`a: ${item(1)}`])
})

test('pause, resume and drain reach the queues of every endpoint, or of the one that is named', async () => {
  const ups = { x: await startUpstream(), y: await startUpstream() }
  const { control, push, store } = await run(temporaryFolder(), ups)
  await control.pause({ tenant: 'a', endpoint: 'rw/x' })
  await control.pause({ tenant: 'b' })
  expect(control.list().map(({ endpoint, tenant, signal }) => `${endpoint} ${tenant} ${signal}`)).toEqual([
    'rw/x a metrics',
    'rw/x b metrics',
    'rw/y b metrics',
  ])
  expect((await push(1, 'a', 'b')).status).toBe(204)
  expect([ups.x.got, ups.y.got]).toEqual([[], [`a: ${item(1)}`]])
  expect(await control.resume({ tenant: 'a', endpoint: 'rw/x' })).toBe(true)
  expect(await control.drain({ tenant: 'a' }, { waitMs: 15_000, hurry: true })).toMatchObject({ batches: 0 })
  expect(ups.x.got).toEqual([`a: ${item(1)}`])
  await control.resume({ tenant: 'b' })
  await until(() => store.batches === 0, { what: 'b is sent' })
  expect([ups.x.got.length, ups.y.got.length]).toEqual([2, 2])
})

test('another url while something is stored: the endpoint’s queue goes there', async () => {
  const up = await startUpstream(() => ({ status: 503 }))
  const next = await startUpstream()
  const { endpoints, push, store, specs } = await run(temporaryFolder(), { x: up })
  expect((await push(1, 'a')).status).toBe(204)
  const [spec] = specs
  await endpoints.put('rw', [{ ...spec!, to: { ...spec!.to, url: next.url } }])
  await until(() => store.batches === 0, { what: 'it is sent' })
  expect(next.got).toEqual([`a: ${item(1)}`])
})

test('gauges add up over endpoints; what is named by a url goes with it', async () => {
  const ups = { x: await startUpstream(), y: await startUpstream() }
  const { endpoints, push, registry, specs } = await run(temporaryFolder(), ups)
  await push(1, 'a', 'b')
  measure(endpoints.live(), registry.meter)
  expect(registry.meter.tally('sluice_upstream_requests_limit', { signal: 'metrics' }).value).toBe(128)
  expect(registry.meter.tally('sluice_tenants').value).toBe(2)
  expect(tenantStatuses(endpoints.live())).toMatchObject([
    { id: 'a', signals: ['metrics'], samplesDelivered: 2 },
    { id: 'b', samplesDelivered: 2 },
  ])
  const named = async () =>
    [...new Set((await registry.exposition()).match(/remote_name="[^"]+",url="[^"]+"/g))].map((labels) =>
      labels.slice(13),
    )
  const labels = (name: 'x' | 'y', url: string) => `rw/${name}",url="${url}"`
  expect(await named()).toEqual([labels('x', ups.x.url), labels('y', ups.y.url)])
  await endpoints.put('rw', [{ ...specs[0]!, to: { ...specs[0]!.to, url: ups.y.url } }])
  await endpoints.ended()
  measureRemoteStorage(endpoints.live(), [], registry.meter)
  expect(await named()).toEqual([labels('x', ups.y.url)])
  expect(tenantStatuses(endpoints.live())).toEqual([])
})
