import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { metricsOf, pushOf, startBench, type Upstream } from '../../test/support/pipeline.ts'

// Everything here happens in virtual time: upstream's round trips are fake timers.
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const tenants = Array.from({ length: 20 }, (_, i) => `t${i}`)
const roundTripMs = 10
const pushes = 50
const later = (ms: number, status: number) => new Promise<number>((resolve) => setTimeout(() => resolve(status), ms))

/** Upstream that answers in a round trip, but hangs (until the part's time is over) for some tenants. */
const hangingFor =
  (hit: readonly string[]): Upstream =>
  (request, tenant) =>
    later(hit.includes(tenant) ? (request.timeoutMs ?? 0) : roundTripMs, hit.includes(tenant) ? 504 : 204)

function start(upstream: Upstream, maxInFlight = 64) {
  const bench = startBench({ upstream, settings: { maxInFlight }, now: () => performance.now() })
  const delivered = (tenant: string) => bench.pipeline.current.metrics.lanes.get(tenant)?.delivered ?? 0
  let n = 0
  /** Fifty different pushes at once, each for all tenants. */
  const wave = () => Array.from({ length: pushes }, () => bench.push(pushOf(metricsOf(tenants, { value: ++n }))))
  const waitFor = async (done: () => boolean, mostMs: number) => {
    const started = performance.now()
    while (!done() && performance.now() - started <= mostMs) await vi.advanceTimersByTimeAsync(1)
    return performance.now() - started
  }
  return { bench, delivered, wave, waitFor }
}

/** How long, in virtual time, until all healthy tenants have two waves' worth, sent a second apart. */
async function checkHanging(hit: readonly string[], mostMs: number): Promise<void> {
  const { delivered, wave, waitFor } = start(hangingFor(hit))
  const healthy = tenants.filter((tenant) => !hit.includes(tenant))
  const first = wave()
  expect(await waitFor(() => healthy.every((tenant) => delivered(tenant) === pushes), 9000)).toBeLessThan(mostMs)
  await vi.advanceTimersByTimeAsync(1100)
  const second = wave()
  expect(await waitFor(() => healthy.every((tenant) => delivered(tenant) === 2 * pushes), 9000)).toBeLessThan(mostMs)
  await vi.advanceTimersByTimeAsync(12_000)
  const answers = await Promise.all([...first, ...second])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([504]))
}

test('without trouble, fifty pushes for twenty tenants take as many round trips as there are waves of the limit', async () => {
  const { wave, waitFor, delivered } = start(hangingFor([]))
  const answers = wave()
  const ms = await waitFor(() => tenants.every((tenant) => delivered(tenant) === pushes), 9000)
  expect(ms).toBeLessThanOrEqual((Math.ceil((pushes * tenants.length) / 64) + 2) * roundTripMs)
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([204]))
})

// 950 healthy parts over about half of 64 connections are some 30 round trips of 10 ms.
test('one of twenty tenants hangs: the others are through long before its time is over', () =>
  checkHanging(['t7'], 300))
test('ten of twenty hang', () => checkHanging(tenants.slice(0, 10), 450))
test('nineteen of twenty hang: the last still has its connection', () => checkHanging(tenants.slice(1), 300))

test('a tenant that fails at once costs the others nothing', async () => {
  const { wave, waitFor, delivered } = start((_request, tenant) => later(roundTripMs, tenant === 't0' ? 503 : 204))
  const answers = wave()
  expect(await waitFor(() => tenants.slice(1).every((tenant) => delivered(tenant) === pushes), 9000)).toBeLessThan(250)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([503]))
})

test('a tenant that recovers is served again at once, and the retries bring each sample once', async () => {
  const hit = ['t3']
  const { bench, wave, delivered } = start((request, tenant) => hangingFor(hit)(request, tenant))
  const first = wave()
  await vi.advanceTimersByTimeAsync(11_000)
  await Promise.all(first)
  expect(delivered('t3')).toBe(0)
  hit.length = 0
  bench.sent.length = 0
  const again = Array.from({ length: pushes }, (_, k) => bench.push(pushOf(metricsOf(tenants, { value: k + 1 }))))
  await vi.advanceTimersByTimeAsync(1000)
  expect(new Set((await Promise.all(again)).map(({ status }) => status))).toEqual(new Set([204]))
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(Array(pushes).fill('t3'))
  for (const tenant of tenants) expect(delivered(tenant)).toBe(pushes)
})

test('one connection is enough for everybody to get a turn', async () => {
  const { bench, waitFor, delivered } = start(hangingFor([]), 1)
  for (let k = 0; k < 100; k++) void bench.push(pushOf(metricsOf(['flood'], { value: k })))
  void bench.push(pushOf(metricsOf(['calm'])))
  expect(await waitFor(() => delivered('calm') === 1, 9000)).toBeLessThanOrEqual(3 * roundTripMs)
})
