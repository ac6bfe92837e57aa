// What a retry sends: only what failed. With a real Prometheus that retries, and with the same bytes posted by hand.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startSampleTarget } from '../src/dev/sender/sample-target.ts'
import type { Fault } from '../src/dev/sink/fault.ts'
import type { Sink } from '../src/dev/sink/sink.ts'
import { delivered, lacking, without } from './support/compare.ts'
import { testWith } from './support/peers.ts'
import { startPrometheus } from './support/prometheus.ts'
import { bodyOf, post, seriesOf } from './support/push.ts'
import { type ProxyProgram, startProxy } from './support/sluice.ts'
import { testSink } from './support/test-sink.ts'
import { until } from './support/until.ts'

const start = async (faults: Record<string, Fault> = {}, ...flags: string[]): Promise<[ProxyProgram, Sink]> => {
  const sink = await testSink()
  for (const [tenant, fault] of Object.entries(faults)) sink.setFault(tenant, fault)
  const own = [`--target=${sink.pushUrl}`, '--tenancy.labels=tenant', '--tenancy.keep_label=false']
  return [await startProxy({ flags: [...own, ...flags] }), sink]
}

/** Tenants of the pushes that reached the sink, in order. */
const asked = (sink: Sink): string[] => sink.requests.map(({ tenant }) => tenant)

testWith(
  ['prometheus'],
  'one tenant fails and recovers while Prometheus retries: each sample arrives once',
  async () => {
    const [proxy, sink] = await start({}, '--tenancy.default=shared')
    const shop = await startSampleTarget({ tenants: ['team-a', 'team-b'] })
    onTestFinished(() => shop.close())
    const sender = await startPrometheus({ jobs: { shop: new URL(shop.metricsUrl).host }, remoteWrite: proxy.pushUrl })
    await sink.until(({ store }) => store.counts('team-a').samples > 0 && store.counts('team-b').samples > 0, 30_000)

    const fromMs = Date.now()
    const before = sink.store.counts('team-b').samples
    sink.setFault('team-b', { status: 500, body: 'broken on purpose' })
    const refused = (): number => sink.requests.filter(({ status }) => status === 500).length
    await until(() => refused() >= 8 && Date.now() - fromMs > 4000, { what: 'Prometheus retries', seen: refused })
    expect(sink.store.counts('team-b').samples).toBe(before)
    sink.setFault('team-b', undefined)
    await wait(1000)
    const toMs = Date.now()
    await wait(1500)

    for (const tenant of ['team-a', 'team-b']) {
      const sent = without(await sender.samples(`{tenant="${tenant}"}`, fromMs, toMs), `tenant="${tenant}"`)
      expect(sent.size).toBe(16)
      await until(() => lacking(sent, delivered(sink.store, tenant)).length === 0, {
        what: `every sample of ${tenant} arrives`,
        seen: () => lacking(sent, delivered(sink.store, tenant)),
      })
      expect(sink.store.counts(tenant)).toMatchObject({ duplicates: 0, outOfOrder: 0 })
    }
    // The retries were of whole pushes; the healthy tenants' parts were answered from memory, and upstream saw none of them.
    expect(await proxy.metric('sluice_retry_parts_skipped_total')).toBeGreaterThanOrEqual(8)
    const agents = sink.requests.filter(({ samples }) => samples > 0).map(({ headers }) => headers['user-agent'])
    expect(agents.filter((agent) => agent?.startsWith('Prometheus/') !== true)).toEqual([])
    expect(sink.store.violations).toEqual([])
  },
)

test('a repeat contacts only the tenants that are unfinished, and answers for the whole body', async () => {
  const [proxy, sink] = await start({
    'team-b': { status: 400, body: 'out of order\n' },
    'team-c': { status: 500, body: 'try later\n', times: 2 },
  })
  const body = bodyOf(seriesOf(['team-a', 'team-b', 'team-c'], 1000))
  const check = async (status: number, text: string, ...wanted: string[]): Promise<void> => {
    const known = sink.requests.length
    const answer = await post(proxy.pushUrl, body)
    expect([answer.status, answer.text]).toEqual([status, text])
    expect(asked(sink).slice(known).sort()).toEqual(wanted)
  }
  const both = '2 of 3 tenants failed\ntenant team-b: 400 out of order\ntenant team-c: 500 try later\n'
  await check(500, both, 'team-a', 'team-b', 'team-c')
  await check(500, both, 'team-c')
  await check(400, '1 of 3 tenants failed\ntenant team-b: 400 out of order\n', 'team-c')
  // That answer asks for no retry, so the next is a push like any other.
  await check(400, '1 of 3 tenants failed\ntenant team-b: 400 out of order\n', 'team-a', 'team-b', 'team-c')
})

test('the same bytes under two tenant headers both arrive', async () => {
  const [proxy, sink] = await start({ '*': { delayMs: 300 } }, '--tenant.prefix_prefer_source=true')
  const body = bodyOf(seriesOf(['team-a'], 1000))
  const as = (id: string) => post(proxy.pushUrl, body, { headers: { 'x-scope-orgid': id } })
  const answers = await Promise.all([as('east'), as('west')])
  expect(answers.map(({ status }) => status)).toEqual([204, 204])
  expect(sink.store.tenants).toEqual(['east-team-a', 'west-team-a'])

  // Remembered for one, it still goes out for the other.
  sink.setFault('east-team-a', { status: 503 })
  expect((await as('east')).status).toBe(503)
  expect((await as('west')).status).toBe(204)
  sink.setFault('east-team-a', undefined)
  expect((await as('east')).status).toBe(204)
  expect([sink.store.counts('east-team-a').samples, sink.store.counts('west-team-a').samples]).toEqual([2, 2])
})

test('the same bytes under two tenant headers go twice to a tenant that the header does not choose', async () => {
  const [proxy, sink] = await start({ '*': { delayMs: 300 } })
  const body = bodyOf(seriesOf(['team-a'], 1000))
  const as = (id: string) => post(proxy.pushUrl, body, { headers: { 'x-scope-orgid': id } })
  await Promise.all([as('east'), as('west')])
  expect(sink.store.counts('team-a')).toMatchObject({ requests: 2, samples: 2 })
})

test('a retry during the first attempt makes one upstream copy', async () => {
  const [proxy, sink] = await start({ 'team-b': { delayMs: 1000 } })
  const body = bodyOf(seriesOf(['team-a', 'team-b'], 1000))
  const first = post(proxy.pushUrl, body)
  await sink.until(({ store }) => store.counts('team-a').samples === 1)
  const second = post(proxy.pushUrl, body)
  expect([(await first).status, (await second).status]).toEqual([204, 204])
  expect(asked(sink)).toEqual(['team-a', 'team-b'])

  // A sender that gives up and comes back, as Prometheus does at its remote_timeout: its leaving cancelled nothing.
  sink.setFault('team-b', { delayMs: 1000 })
  const gone = new AbortController()
  const other = bodyOf(seriesOf(['team-a', 'team-b'], 2000))
  const abandoned = post(proxy.pushUrl, other, { signal: gone.signal }).catch((error: Error) => error.name)
  await sink.until(({ store }) => store.counts('team-a').samples === 2)
  gone.abort()
  expect(await abandoned).toBe('AbortError')
  expect((await post(proxy.pushUrl, other)).status).toBe(204)
  expect(asked(sink)).toEqual(['team-a', 'team-b', 'team-a', 'team-b'])
  expect(await proxy.metric('sluice_retry_joined_total')).toBe(2)
})

test('Retry-After is kept to: a repeat before gets the status again and upstream is not asked', async () => {
  const [proxy, sink] = await start({ 'team-b': { status: 429, retryAfter: 2, body: 'slow down\n', times: 1 } })
  const body = bodyOf(seriesOf(['team-a', 'team-b'], 1000))
  const first = await post(proxy.pushUrl, body)
  const refused = performance.now()
  expect([first.status, first.headers['retry-after'], sink.requests.length]).toEqual([429, '2', 2])
  await wait(1100)
  const early = await post(proxy.pushUrl, body)
  if (performance.now() - refused < 1900) {
    expect([early.status, early.headers['retry-after'], sink.requests.length]).toEqual([429, '1', 2])
    expect(early.text).toBe('1 of 2 tenants failed\ntenant team-b: 429 slow down\n')
  }
  // Another body is always tried at once.
  expect((await post(proxy.pushUrl, bodyOf(seriesOf(['team-b'], 3000)))).status).toBe(204)
  await wait(Math.max(0, 2000 - (performance.now() - refused)))
  expect((await post(proxy.pushUrl, body)).status).toBe(204)
  expect(asked(sink).toSorted()).toEqual(['team-a', 'team-b', 'team-b', 'team-b'])
})

test('Retry-After goes to the sender as upstream gave it, up to the limit', async () => {
  const [proxy, sink] = await start({ 'team-b': { status: 503, retryAfter: 3600 } })
  const body = bodyOf(seriesOf(['team-a', 'team-b'], 1000))
  const first = await post(proxy.pushUrl, body)
  expect([first.status, first.headers['retry-after']]).toEqual([503, '30'])
  const again = await post(proxy.pushUrl, body)
  expect([again.status, again.headers['retry-after'], sink.requests.length]).toEqual([503, '30', 2])
})

test('after a transport error the part is tried again at once', async () => {
  const [proxy, sink] = await start({ 'team-b': { reset: true, times: 1 } })
  const body = bodyOf(seriesOf(['team-a', 'team-b'], 1000))
  const first = await post(proxy.pushUrl, body)
  expect([first.status, first.headers['retry-after']]).toEqual([503, undefined])
  expect((await post(proxy.pushUrl, body)).status).toBe(204)
  expect([sink.store.counts('team-a').samples, sink.store.counts('team-b').samples]).toEqual([1, 1])
})
