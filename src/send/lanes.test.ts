import { expect, test } from 'vitest'
import { noMeter } from '../telemetry/meter.ts'
import type { HttpResponse } from '../wire/message.ts'
import { Forms } from './forms.ts'
import { Lanes } from './lanes.ts'
import { Scheduler } from './scheduler.ts'

function bench(maxTenants: number) {
  const clock = { now: 0 }
  const removed: string[] = []
  const waiting: (() => void)[] = []
  const lanes: Lanes = new Lanes({
    signal: 'logs',
    tenantHeader: 'X-Scope-OrgID',
    forms: new Forms(() => clock.now),
    send: () =>
      new Promise<HttpResponse>((resolve) =>
        waiting.push(() => resolve({ status: 204, headers: {}, body: new Uint8Array(0) })),
      ),
    scheduler: new Scheduler({ limit: 10, now: () => clock.now, tenants: () => lanes.size }),
    meter: noMeter,
    now: () => clock.now,
    wallClock: () => clock.now,
    maxInFlightPerTenant: 0,
    targetOf: (tenant) => ({
      url: `http://${tenant}/`,
      headers: {},
      timeoutMs: 1e9,
      rateLimit: { samplesPerSecond: 0, burst: 0 },
    }),
    maxTenants,
    idleTimeoutMs: 60_000,
    onRemoved: (tenant) => removed.push(tenant),
  })
  const at = (ms: number) => {
    clock.now = ms
    lanes.removeIdle()
  }
  return { lanes, clock, removed, waiting, at, names: () => [...lanes].map(({ tenant }) => tenant) }
}

test('a tenant keeps its lane; each has the target made for it', () => {
  const { lanes } = bench(10)
  const lane = lanes.open('a')
  expect(lane?.target.url).toBe('http://a/')
  expect([lanes.open('a') === lane, lanes.get('a') === lane, lanes.get('b'), lanes.size]).toEqual([
    true,
    true,
    undefined,
    1,
  ])
})

test('beyond max_tenants nobody gets a lane until one that is idle goes', () => {
  const { lanes, removed, clock, names } = bench(2)
  lanes.open('a')
  clock.now = 30_000
  lanes.open('b')
  expect(lanes.open('c')).toBeUndefined()
  clock.now = 60_000
  expect(lanes.open('c')?.tenant).toBe('c')
  expect([removed, names()]).toEqual([['a'], ['b', 'c']])
  expect(lanes.open('d')).toBeUndefined()
})

test('a tenant that nothing was received for goes, unless something of it is under way', async () => {
  const { lanes, at, waiting, removed, clock } = bench(10)
  lanes.open('a')?.receive(1)
  const busy = lanes.open('b')!
  busy.receive(1)
  const sent = busy.deliver({ body: new Uint8Array(1), protocol: 'loki', samples: 1, travelling: {} })
  at(50_000)
  lanes.open('c')?.receive(1)
  at(60_000)
  expect(removed).toEqual(['a'])
  waiting[0]!()
  await sent
  at(61_000)
  expect(removed).toEqual(['a', 'b'])
  clock.now = 109_000
  lanes.open('c')?.receive(1)
  at(168_999)
  expect(lanes.size).toBe(1)
  at(170_000)
  expect(lanes.size).toBe(0)
})

test('metadata alone does not keep a tenant', async () => {
  const { lanes, at, waiting } = bench(10)
  const lane = lanes.open('a')!
  lane.receive(1)
  for (let now = 10_000; now < 60_000; now += 10_000) {
    at(now)
    const sent = lane.deliver({ body: new Uint8Array(1), protocol: 'loki', samples: 0, travelling: {} })
    waiting.pop()!()
    await sent
  }
  expect(lanes.size).toBe(1)
  at(60_000)
  expect(lanes.size).toBe(0)
})
