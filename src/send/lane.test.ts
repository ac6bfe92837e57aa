import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { createRegistry } from '../telemetry/registry.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { Forms } from './forms.ts'
import { Lane, type LaneContext } from './lane.ts'
import { Scheduler } from './scheduler.ts'
import type { Target } from './target.ts'

const answer = (status: number, text = '', headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: Buffer.from(text),
})

function bench(send: Send, more: { target?: Partial<Target>; context?: Partial<LaneContext>; limit?: number } = {}) {
  const clock = { now: 0, wall: 1_000_000 }
  const registry = createRegistry({ includeTenant: true, processMetrics: false })
  const scheduler = new Scheduler({ limit: more.limit ?? 10, now: () => clock.now, tenants: () => 1 })
  const failures: string[] = []
  const context: LaneContext = {
    signal: 'metrics',
    tenantHeader: 'X-Scope-OrgID',
    send,
    forms: new Forms(() => clock.now),
    scheduler,
    meter: registry.meter,
    now: () => clock.now,
    wallClock: () => clock.wall + clock.now,
    maxInFlightPerTenant: 0,
    onFailure: (tenant, answered, text) => failures.push(`${tenant} ${answered} ${text}`),
    ...more.context,
  }
  const target = { url: 'http://up/', headers: { 'x-fixed': '1' }, timeoutMs: 10_000, ...more.target }
  const lane = new Lane('team-a', { rateLimit: { samplesPerSecond: 0, burst: 0 }, ...target }, context)
  const tally = (name: Parameters<typeof registry.meter.tally>[0], labels: Record<string, string>) =>
    registry.meter.tally(name, { tenant: 'team-a', ...labels }).value
  const deliver = (samples = 3, travelling: Record<string, string> = {}) =>
    lane.deliver({ body: Buffer.from('body'), protocol: 'remote-write-1', samples, travelling })
  return { lane, clock, scheduler, failures, tally, deliver }
}

test('the request: fixed headers and the tenant stand, what travels comes along', async () => {
  const seen: HttpRequest[] = []
  const { deliver } = bench(async (request) => {
    seen.push(request)
    return answer(200)
  })
  await deliver(1, { 'user-agent': 'Prom', 'x-fixed': 'no', 'x-scope-orgid': 'other' })
  expect(seen).toEqual([
    {
      method: 'POST',
      url: 'http://up/',
      headers: {
        'x-fixed': '1',
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'x-prometheus-remote-write-version': '0.1.0',
        'x-scope-orgid': 'team-a',
        'user-agent': 'Prom',
      },
      body: Buffer.from('body'),
      timeoutMs: 10_000,
    },
  ])
})

test('a success: its body is handed on, samples count as delivered once', async () => {
  const { lane, deliver, tally } = bench(async () => answer(202, 'taken', { 'content-type': 'text/x' }))
  expect(await deliver(3)).toEqual({
    tenant: 'team-a',
    status: 202,
    answered: true,
    text: '',
    body: Buffer.from('taken'),
    contentType: 'text/x',
    retryAfter: undefined,
  })
  expect([lane.delivered, lane.lastStatus, lane.failingSince]).toEqual([3, 202, undefined])
  expect(tally('sluice_tenant_samples_total', { signal: 'metrics' })).toBe(3)
  expect(tally('sluice_tenant_requests_total', { signal: 'metrics', code_class: '2xx' })).toBe(1)
  expect(tally('cortex_tenant_timeseries_requests', {})).toBe(1)
})

test('a refusal: its text is kept up to 1 KiB, its body is not', async () => {
  const { lane, clock, deliver, tally, failures } = bench(async () =>
    answer(429, ` slow down ${'x'.repeat(3000)}`, { 'retry-after': '7' }),
  )
  clock.now = 5
  const got = await deliver(4)
  expect(got).toMatchObject({ status: 429, answered: true, retryAfter: 7 })
  expect(got.text).toMatch(/^slow down x+$/)
  expect([got.text.length <= 1024, got.body.length]).toEqual([true, 0])
  expect([lane.delivered, lane.failingSince, lane.lastError?.startsWith('429 slow down')]).toEqual([0, 1_000_005, true])
  expect(tally('sluice_tenant_samples_failed_total', { signal: 'metrics', reason: '429' })).toBe(4)
  expect(failures).toHaveLength(1)
})

test('no answer: a time-out is 504, anything else 503, in the words of the error', async () => {
  const check = async (error: unknown, status: number, reason: string) => {
    const { lane, deliver, tally, failures } = bench(async () => {
      throw error
    })
    expect(await deliver(2)).toMatchObject({ status, answered: false, text: (error as Error).message })
    expect(tally('sluice_tenant_samples_failed_total', { signal: 'metrics', reason })).toBe(2)
    expect(tally('cortex_tenant_timeseries_request_errors', {})).toBe(1)
    expect([lane.requests.error, lane.lastStatus, failures.length]).toEqual([1, undefined, 1])
  }
  await check(new SluiceError('UPSTREAM_TIMEOUT', 'up: no answer'), 504, 'timeout')
  await check(new SluiceError('UPSTREAM_UNREACHABLE', 'up: refused'), 503, 'transport')
  await check(new TypeError('a defect'), 503, 'transport')
})

test('a send that throws before it returns a promise is an answer like any other, and gives its slot back', async () => {
  const { deliver, scheduler } = bench((() => {
    throw new Error('at once')
  }) as unknown as Send)
  expect(await deliver()).toMatchObject({ status: 503, text: 'at once' })
  expect(scheduler.inFlight).toBe(0)
})

test('upstream has the time that waiting for a slot has left', async () => {
  const timeouts: (number | undefined)[] = []
  const waiting: (() => void)[] = []
  const { deliver, clock } = bench(
    (request) => {
      timeouts.push(request.timeoutMs)
      return new Promise((resolve) => waiting.push(() => resolve(answer(200))))
    },
    { limit: 1 },
  )
  const first = deliver()
  const second = deliver()
  clock.now = 4000
  waiting[0]!()
  await first
  waiting[1]!()
  await second
  expect(timeouts).toEqual([10_000, 6000])
})

test('a part whose turn comes too late to be answered is not sent: it might arrive, and be repeated all the same', async () => {
  const waiting: (() => void)[] = []
  const { deliver, clock } = bench(() => new Promise((resolve) => waiting.push(() => resolve(answer(200)))), {
    limit: 1,
  })
  const first = deliver()
  const second = deliver()
  clock.now = 9600
  waiting[0]!()
  expect([(await first).status, (await second).status, waiting.length]).toEqual([200, 504, 1])
})

test('a part whose turn does not come in time is a time-out, and no request', async () => {
  const { deliver, clock, scheduler, lane, tally } = bench(() => new Promise(() => undefined), { limit: 1 })
  void deliver()
  const late = deliver(5)
  clock.now = 10_000
  scheduler.tick()
  expect(await late).toMatchObject({ status: 504, text: 'no free upstream connection within 10000 ms' })
  expect(lane.turn.failing).toBe(false)
  expect(tally('cortex_tenant_timeseries_requests', {})).toBe(1)
  expect(tally('sluice_tenant_samples_failed_total', { signal: 'metrics', reason: 'timeout' })).toBe(5)
})

test('over its rate limit a tenant is answered 429 with the time to wait; upstream is not asked', async () => {
  let asked = 0
  const send = async () => {
    asked++
    return answer(200)
  }
  const { deliver, clock, tally } = bench(send, { target: { rateLimit: { samplesPerSecond: 10, burst: 20 } } })
  expect((await deliver(20)).status).toBe(200)
  expect(await deliver(15)).toMatchObject({
    status: 429,
    answered: false,
    retryAfter: 2,
    text: 'over the rate limit of 10 samples/s (tenancy.rate_limit)',
  })
  clock.now = 1500
  expect((await deliver(15)).status).toBe(200)
  expect([asked, tally('sluice_rate_limited_total', {})]).toEqual([2, 1])
})

test('trouble in the eyes of the scheduler is what a retry may mend', async () => {
  const check = async (status: number, want: boolean) => {
    const { deliver, lane } = bench(async () => answer(status))
    await deliver()
    expect(lane.turn.failing, String(status)).toBe(want)
  }
  for (const status of [500, 503, 429, 408, 301]) await check(status, true)
  for (const status of [200, 204, 400, 401, 413, 422]) await check(status, false)
})

test('its own limit of requests in flight', () => {
  let out = 0
  const { deliver } = bench(
    () => {
      out++
      return new Promise(() => undefined)
    },
    { context: { maxInFlightPerTenant: 2 } },
  )
  for (let k = 0; k < 5; k++) void deliver()
  expect(out).toBe(2)
})
