import { expect, test, vi } from 'vitest'
import { metricsOf, pushOf, startBench } from '../../test/support/pipeline.ts'
import { encodeWriteRequest, snappyBlock } from '../dev/encode.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))
const minute = 60_000

/** A bench whose upstream answers when told to. */
function startHeld() {
  const open: ((status: number) => void)[] = []
  const bench = startBench({ upstream: () => new Promise((resolve) => open.push(resolve)) })
  return { bench, open }
}

test('a push finishes under the settings it began with; then, once, what only they used is let go', async () => {
  const { bench, open } = startHeld()
  const retired = vi.fn()
  const old = bench.push(pushOf(metricsOf(['a'])))
  const next = bench.settingsOf({ tenancy: { prefix: 'new-' } })
  bench.pipeline.reload(next, retired)
  const young = bench.push(pushOf(metricsOf(['a'])))
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['a', 'new-a'])
  open[1]!(200)
  expect((await young).status).toBe(200)
  expect(retired).not.toHaveBeenCalled()
  open[0]!(204)
  expect((await old).status).toBe(204)
  expect(retired).toHaveBeenCalledTimes(1)
  bench.upstream = () => 200
  await bench.push(pushOf(metricsOf(['b'])))
  expect(retired).toHaveBeenCalledTimes(1)
})

test('a generation that nothing uses is let go at once; each only once, in whatever order they end', async () => {
  const { bench, open } = startHeld()
  const log: string[] = []
  const reload = (name: string) => bench.pipeline.reload(bench.settingsOf({}), () => log.push(name))
  reload('first')
  expect(log).toEqual(['first'])
  const second = bench.push(pushOf(metricsOf(['a'])))
  reload('second')
  const third = bench.push(pushOf(metricsOf(['b'])))
  reload('third')
  reload('fourth')
  expect(log).toEqual(['first', 'fourth'])
  open[1]!(200)
  await third
  open[0]!(200)
  await second
  expect(log).toEqual(['first', 'fourth', 'third', 'second'])
})

test('a push that is refused, and metadata under way, count as what they are', async () => {
  const { bench, open } = startHeld()
  const retired = vi.fn()
  await bench.push(pushOf(Buffer.from('garbage')))
  bench.pipeline.reload(bench.settingsOf({ tenancy: { metadata: 'default', default: 'd' } }), () => undefined)
  await bench.push(pushOf(snappyBlock(encodeWriteRequest({ metadata: [{ family: 'm' }] }))))
  bench.pipeline.reload(bench.settingsOf({}), retired)
  expect([bench.sent.length, retired.mock.calls.length]).toEqual([1, 0])
  open[0]!(200)
  await settle()
  expect(retired).toHaveBeenCalledTimes(1)
})

test('a retry after a reload is a new push: it may be routed otherwise', async () => {
  const bench = startBench({ upstream: (_request, tenant) => (tenant === 'b' ? 500 : 200) })
  const body = metricsOf(['a', 'b'])
  await bench.push(pushOf(body))
  bench.pipeline.reload(bench.settingsOf({}), () => undefined)
  await bench.push(pushOf(body))
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['a', 'b', 'a', 'b'])
})

test('settings that can’t be used leave the old ones in place', async () => {
  const bench = startBench()
  const bad = bench.settingsOf({ tenancy: { labels: null as unknown as string[] } })
  expect(() => bench.pipeline.reload(bad, () => undefined)).toThrow()
  expect([bench.pipeline.current.number, (await bench.push(pushOf(metricsOf(['a'])))).status]).toEqual([1, 200])
})

test('the metrics of a tenant that is idle go, also if a reload came between; those of one that came back stay', async () => {
  const bench = startBench()
  const delivered = (tenant: string) => bench.tally('sluice_tenant_samples_total', { tenant, signal: 'metrics' })
  const house = (ms: number) => {
    bench.clock.now = ms
    bench.pipeline.keepHouse()
  }
  await bench.push(pushOf(metricsOf(['gone', 'back', 'stays'])))
  house(minute)
  bench.pipeline.reload(bench.settingsOf({}), () => undefined)
  await bench.push(pushOf(metricsOf(['stays'])))
  house(10 * minute)
  await bench.push(pushOf(metricsOf(['back', 'stays'])))
  house(15 * minute)
  expect([delivered('gone'), delivered('back'), delivered('stays')]).toEqual([0, 2, 3])
  expect(bench.tally('sluice_tenants_removed_total')).toBe(1)
  house(30 * minute)
  expect([delivered('back'), bench.tally('sluice_tenants_removed_total')]).toEqual([0, 3])
})

test('a tenant with one signal left is not forgotten', async () => {
  const bench = startBench()
  const json = (ts: number) => Buffer.from(`{"streams":[{"stream":{"tenant":"a","b":"c"},"values":[["${ts}","x"]]}]}`)
  const logs = (ts: number) =>
    bench.push(pushOf(json(ts), { kind: 'loki', path: '/loki/push', encoding: 'identity', format: 'json' }))
  await bench.push(pushOf(metricsOf(['a'])))
  bench.clock.now = 10 * minute
  await logs(1)
  bench.clock.now = 15 * minute
  bench.pipeline.keepHouse()
  expect([bench.pipeline.current.metrics.lanes.size, bench.pipeline.current.logs.lanes.size]).toEqual([0, 1])
  expect(bench.tally('sluice_tenant_samples_total', { tenant: 'a', signal: 'metrics' })).toBe(1)
  bench.clock.now = 25 * minute
  bench.pipeline.keepHouse()
  expect(bench.tally('sluice_tenant_samples_total', { tenant: 'a', signal: 'metrics' })).toBe(0)
})
