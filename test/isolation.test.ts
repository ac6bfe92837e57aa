// Tenants that hang, fail, are limited or can't be reached, under many pushes at once: the others have their round trip.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Fault } from '../src/dev/sink/fault.ts'
import type { Sink } from '../src/dev/sink/sink.ts'
import { freePort } from './support/free-port.ts'
import { type Answered, bodyOf, post, seriesOf } from './support/push.ts'
import { type ProxyProgram, startProxy } from './support/sluice.ts'
import { testSink } from './support/test-sink.ts'
import { until } from './support/until.ts'

const tenants = Array.from({ length: 20 }, (_, i) => `team-${i + 1}`)
const pushes = 50
/** Longer than all that healthy tenants may need. */
const timeoutMs = 4000

interface Wave {
  /** Until every part of the healthy tenants was in the sink. */
  readonly healthyMs: number
  /** Pushes not answered at that moment. */
  readonly waiting: number
  readonly answers: Promise<readonly Answered[]>
}

/** Fifty different pushes at once, each for all twenty tenants. */
async function wave(proxy: ProxyProgram, sink: Sink, healthy: readonly string[], atMs: number): Promise<Wave> {
  const before = new Map(healthy.map((tenant) => [tenant, sink.store.counts(tenant).samples]))
  const bodies = Array.from({ length: pushes }, (_, n) => bodyOf(seriesOf(tenants, atMs + n)))
  const started = performance.now()
  let waiting = pushes
  const answers = bodies.map((body) =>
    post(proxy.pushUrl, body).finally(() => {
      waiting--
    }),
  )
  const arrived = ({ store }: Sink): boolean =>
    healthy.every((tenant) => store.counts(tenant).samples === (before.get(tenant) ?? 0) + pushes)
  await sink.until(arrived, timeoutMs * 2)
  return { healthyMs: performance.now() - started, waiting, answers: Promise.all(answers) }
}

const start = async (config = ''): Promise<[ProxyProgram, Sink]> => {
  const sink = await testSink()
  const base = `target: ${sink.pushUrl}\ntimeout: ${timeoutMs}ms\ntenant: { label: tenant, label_remove: true }\n`
  return [await startProxy({ config: base + config }), sink]
}

const set = (sink: Sink, hit: readonly string[], fault: Fault | undefined): void => {
  for (const tenant of hit) sink.setFault(tenant, fault)
}

/** Every sample of these tenants once, nothing out of order or against the rules. */
const expectOnce = (sink: Sink, healthy: readonly string[], samples: number): void => {
  for (const tenant of healthy) expect(sink.store.counts(tenant)).toMatchObject({ samples, duplicates: 0 })
  expect(sink.store.violations).toEqual([])
}

/** What healthy tenants need when nothing is wrong. */
const roundTrip = async (proxy: ProxyProgram, sink: Sink): Promise<number> => {
  await (await wave(proxy, sink, tenants, 1)).answers
  const { healthyMs, answers } = await wave(proxy, sink, tenants, 1001)
  expect((await answers).map(({ status }) => status)).toEqual(Array(pushes).fill(204))
  return healthyMs
}

/** Some tenants hang: two waves, the second while the first still waits. */
const checkHanging = async (hit: readonly string[]): Promise<void> => {
  // Fewer connections than pushes: the tenants that hang could take them all.
  const [proxy, sink] = await start('max_conns_per_host: 32\n')
  const healthy = tenants.filter((tenant) => !hit.includes(tenant))
  const normalMs = await roundTrip(proxy, sink)
  set(sink, hit, { hang: true })
  const first = await wave(proxy, sink, healthy, 2001)
  await wait(1100)
  const second = await wave(proxy, sink, healthy, 3001)
  // Each healthy part was through while every push still waited for the tenants that hang.
  for (const { healthyMs, waiting } of [first, second]) {
    expect(waiting).toBe(pushes)
    expect(healthyMs).toBeLessThan(1000 + 2 * normalMs)
  }
  const answers = [...(await first.answers), ...(await second.answers)]
  expect(answers.map(({ status }) => status)).toEqual(Array(2 * pushes).fill(504))
  expect(answers[0]?.text).toContain(`${hit.length} of 20 tenants failed\ntenant ${hit[0]}: 504`)
  for (const { ms } of answers) expect(ms).toBeLessThan(timeoutMs + 2000)
  expectOnce(sink, healthy, 4 * pushes)

  // A repeat after recovery brings what is missing, and to no one else.
  set(sink, hit, undefined)
  expect((await post(proxy.pushUrl, bodyOf(seriesOf(tenants, 2001)))).status).toBe(204)
  expectOnce(sink, healthy, 4 * pushes)
  for (const tenant of hit) expect(sink.store.counts(tenant).samples).toBe(2 * pushes + 1)
}

test('one of twenty tenants hangs', () => checkHanging(['team-7']))
test('ten of twenty tenants hang', () => checkHanging(tenants.filter((_, i) => i % 2 === 0)))

test('one of twenty tenants is limited: 429 with Retry-After 3600', async () => {
  const [proxy, sink] = await start()
  const healthy = tenants.slice(1)
  sink.setFault('team-1', { status: 429, retryAfter: 3600, body: 'limit\n' })
  const { answers } = await wave(proxy, sink, healthy, 1)
  for (const { status, headers } of await answers) expect([status, headers['retry-after']]).toEqual([429, '30'])
  const known = sink.requests.length
  const again = await post(proxy.pushUrl, bodyOf(seriesOf(tenants, 1)))
  expect([again.status, again.text]).toEqual([429, '1 of 20 tenants failed\ntenant team-1: 429 limit\n'])
  expect(sink.requests.length).toBe(known)
  expectOnce(sink, healthy, pushes)
})

test('one of twenty tenants can’t be reached, and one is reset', async () => {
  const dead = `http://127.0.0.1:${await freePort()}/api/v1/push`
  const [proxy, sink] = await start(`sluice: { tenancy: { override: [{ tenants: [team-1], url: "${dead}" }] } }\n`)
  sink.setFault('team-2', { reset: true })
  const healthy = tenants.slice(2)
  const { answers } = await wave(proxy, sink, healthy, 1)
  for (const { status, text } of await answers) {
    expect(status).toBe(503)
    expect(text).toMatch(
      /^2 of 20 tenants failed\ntenant team-1: 503 .*connection refused.*\ntenant team-2: 503 .*closed.*\n$/,
    )
  }
  expectOnce(sink, healthy, pushes)
})

test('a tenant that floods leaves the others their turn', async () => {
  const [proxy, sink] = await start('max_conns_per_host: 4\n')
  sink.setFault('flood', { delayMs: 100 })
  const flood = Array.from({ length: 60 }, (_, n) => post(proxy.pushUrl, bodyOf(seriesOf(['flood'], n + 1))))
  await sink.until(({ store }) => store.counts('flood').samples > 0)
  const other = await post(proxy.pushUrl, bodyOf(seriesOf(['calm'], 1)))
  expect(other.status).toBe(204)
  expect(sink.store.counts('flood').samples).toBeLessThan(30)
  expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([204]))
  await until(async () => (await proxy.metric('sluice_upstream_requests_in_flight', { signal: 'metrics' })) === 0, {
    what: 'nothing is in flight any more',
  })
})
