import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { bodyOf, queueDefaults, soon, startQueueBench, watchDisk } from '../../test/support/queue.ts'
import { batchOf, openTestStore } from '../../test/support/store.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'

const queueOf = (tenant: string) => ({ endpoint: 'proxy/metrics', signal: 'metrics', tenant }) as const

test('over its rate limit a tenant is delayed, never dropped; the others are not', async () => {
  const override = [{ tenants: ['slow'], rateLimit: { samplesPerSecond: 10, burst: 10 } }]
  const bench = await startQueueBench({ tenancy: { override } })
  const ten = (tenant: string) => Array.from({ length: 10 }, (_, k) => `${tenant}/m${k}`)
  const told = [1, 2, 3].map((ts) => bench.put([...ten('slow'), 'fast'], ts))
  await bench.pass(20)
  const sentTo = (tenant: string) => bench.sent.filter((one) => one.tenant === tenant).length
  expect([sentTo('slow'), sentTo('fast')]).toEqual([1, 1])
  expect(await Promise.all(told)).toEqual(['200', '200', '200'])
  const later = [4, 5].map((ts) => bench.put(ten('slow'), ts))
  await bench.pass(900)
  expect(sentTo('slow')).toBe(1)
  // What waits for longer than the grace is stored, and acknowledged.
  await bench.pass(300)
  expect(await Promise.all(later)).toEqual(['204', '204'])
  expect(sentTo('slow')).toBe(1)
  await bench.pass(1000)
  await soon('it goes when the limit allows it', () => sentTo('slow') === 2)
  expect(bench.tally('sluice_rate_limited_total', { tenant: 'slow' })).toBe(0)
})

test('what is older than sample_age_limit is dropped and counted, stored or not', async () => {
  const bench = await startQueueBench({ queue: { sampleAgeLimitMs: 10_000 }, upstream: () => 503 })
  bench.clock.now = 100_000
  const old = bench.put(['a'], 89_000)
  await bench.pass(20)
  expect([await old, bench.sent.length]).toEqual(['204', 0])
  const stored = bench.put(['a', 'b'], 100_000)
  await bench.pass(20)
  expect(await stored).toBe('204')
  bench.upstream = (_request, tenant) => (tenant === 'a' ? 503 : 200)
  await bench.passUntil('b is drained', () => bench.store.list().length === 1)
  bench.clock.now = 115_000
  bench.upstream = () => 200
  bench.sent.length = 0
  await bench.passUntil('nothing is left', () => bench.store.batches === 0)
  expect(bench.sent).toEqual([])
  expect(bench.dropped.map(({ tenant, reason }) => `${tenant} ${reason}`)).toEqual(['a too_old', 'a too_old'])
})

test('a paused tenant keeps storing and stays paused over a restart; resumed, it sends in order', async () => {
  const path = temporaryFolder()
  const bench = await startQueueBench({ path })
  await bench.commands.pause({ tenant: 'a' })
  const told = [bench.put(['a', 'b'], 1)]
  await bench.pass(20)
  told.push(bench.put(['a'], 2))
  await bench.pass(20)
  expect(await Promise.all(told)).toEqual(['204', '204'])
  expect(bench.seen()).toEqual(['b m@1'])
  await bench.pipeline.stop(100)
  bench.pipeline.close()
  await bench.store.close()
  const again = await startQueueBench({ path })
  const third = again.put(['a'], 3)
  await again.pass(20)
  expect([await third, again.sent.length]).toEqual(['204', 0])
  expect(await again.commands.resume({ tenant: 'a' })).toBe(true)
  await soon('it is drained', () => again.store.batches === 0)
  expect(again.seen()).toEqual(['a m@1 m@2 m@3'])
})

test('what waits for a connection when its tenant is paused is stored, not sent', async () => {
  const open: ((status: number) => void)[] = []
  const upstream = () => new Promise<number>((resolve) => open.push(resolve))
  const bench = await startQueueBench({ settings: { maxInFlight: 1 }, upstream })
  const first = bench.put(['other'], 1)
  await bench.pass(20)
  const second = bench.put(['a'], 1)
  await bench.pass(20)
  await bench.commands.pause({ tenant: 'a' })
  open[0]!(200)
  await bench.pass(1000)
  expect([await first, await second]).toEqual(['200', '204'])
  expect(bench.seen()).toEqual(['other m@1'])
  await bench.commands.resume({ tenant: 'a' })
  await bench.passUntil('it goes', () => bench.sent.length === 2)
  open[1]!(200)
  await soon('nothing is left', () => bench.store.batches === 0)
})

test('drain tries at once, whatever upstream asked to wait for; drop deletes what is stored', async () => {
  const bench = await startQueueBench({ upstream: () => ({ status: 429, headers: { 'retry-after': '200' } }) })
  void bench.put(['a', 'b'], 1)
  await bench.pass(30)
  expect(bench.sent).toHaveLength(2)
  bench.upstream = () => 200
  expect(bench.commands.drain({ tenant: 'a' })).toBe(1)
  await soon('a is drained', () => bench.store.batches === 1)
  expect(bench.commands.drain({ tenant: 'a', signal: 'logs' })).toBe(0)
  await bench.commands.drop({ tenant: 'b' })
  expect([bench.store.batches, bench.pipeline.queues?.metrics.get('b')?.isPaused]).toEqual([0, false])
  bench.sent.length = 0
  const told = bench.put(['b'], 2)
  await bench.pass(30)
  expect(await told).toBe('204')
  bench.commands.drain({ tenant: 'b' })
  await soon('b sends again', () => bench.sent.length === 1)
  expect(bench.seen()).toEqual(['b m@2'])
})

test('a tenant with something stored counts as in use: it keeps its lane, and fills max_tenants', async () => {
  const path = temporaryFolder()
  const bench = await startQueueBench({ path, tenancy: { maxTenants: 2 }, upstream: () => 503 })
  const told = bench.put(['a', 'b'], 1)
  await bench.pass(20)
  expect(await told).toBe('204')
  bench.clock.now = 60 * 60_000
  bench.pipeline.keepHouse()
  expect(await bench.put(['c'], 2)).toMatch(/^400 rejected max_tenants/)
  await bench.pipeline.stop(100)
  bench.pipeline.close()
  await bench.store.close()
  const again = await startQueueBench({ path, tenancy: { maxTenants: 1 }, upstream: () => 503 })
  const { metrics } = again.pipeline.queues!
  expect([metrics.size, again.pipeline.current.metrics.lanes.size]).toEqual([2, 2])
  expect(await again.put(['c'], 2)).toMatch(/^400 rejected max_tenants/)
  again.upstream = () => 200
  await again.passUntil('all is drained', () => again.store.batches === 0)
  again.clock.now = 60 * 60_000
  await soon('both are forgotten', () => {
    again.clock.now += 2000
    again.pipeline.keepHouse()
    return metrics.size === 0 && again.pipeline.current.metrics.lanes.size === 0
  })
  const served = again.put(['c'], 3)
  await again.pass(20)
  expect(await served).toBe('200')
})

test('queues outlive a reload: what waits goes out by the new settings, and the old ones retire', async () => {
  const bench = await startQueueBench({ upstream: () => 503 })
  const told = bench.put(['a'], 1)
  await bench.pass(20)
  expect(await told).toBe('204')
  let retired = false
  const override = [{ tenants: ['a'], url: 'http://other/', queueConfig: { ...queueDefaults, maxBackoffMs: 40 } }]
  const queue = { ...queueDefaults, minBackoffMs: 40 }
  bench.pipeline.reload(bench.settingsOf({ settings: { queue }, tenancy: { override } }), () => (retired = true))
  await bench.pass(10)
  expect(retired).toBe(true)
  bench.sent.length = 0
  await bench.passUntil('it is tried again and again', () => bench.sent.length > 3)
  expect(bench.clock.now).toBeLessThan(1000)
  expect(new Set(bench.sent.map(({ request }) => request.url))).toEqual(new Set(['http://other/']))
  bench.upstream = () => 200
  await bench.passUntil('it is drained', () => bench.store.batches === 0)
})

test('a reload keeps no queue that has nothing to do', async () => {
  const bench = await startQueueBench({ upstream: (_request, tenant) => (tenant === 'bad' ? 503 : 200) })
  const told = bench.put(['bad', 'good'], 1)
  await bench.pass(20)
  expect(await told).toBe('204')
  bench.pipeline.reload(bench.settingsOf({ settings: { queue: queueDefaults } }), () => undefined)
  const { metrics } = bench.pipeline.queues!
  expect([...metrics].map(({ tenant }) => tenant)).toEqual(['bad'])
  expect([...bench.pipeline.current.metrics.lanes].map(({ tenant }) => tenant)).toEqual(['bad'])
  const again = bench.put(['good'], 2)
  await bench.pass(20)
  expect([await again, metrics.size]).toEqual(['200', 2])
})

test('a request that is out at a reload ends under the old settings, which wait for it', async () => {
  let open: (status: number) => void = () => undefined
  const bench = await startQueueBench({ upstream: () => new Promise<number>((resolve) => (open = resolve)) })
  const told = bench.put(['a'], 1)
  await bench.pass(20)
  let retired = false
  bench.pipeline.reload(bench.settingsOf({ settings: { queue: queueDefaults } }), () => (retired = true))
  await bench.pass(20)
  expect(retired).toBe(false)
  open(200)
  expect(await told).toBe('200')
  expect(retired).toBe(true)
})

test('a tenant gets more lanes only while it can’t keep up; a series stays in its lane', async () => {
  const open: (() => void)[] = []
  const bench = await startQueueBench({
    queue: { maxSamplesPerSend: 1 },
    upstream: () => new Promise<number>((resolve) => open.push(() => resolve(200))),
  })
  const queue = () => bench.pipeline.queues?.metrics.get('a')
  const names = Array.from({ length: 8 }, (_, k) => `a/s${k}`)
  let most = 0
  let shards = 0
  const answerAll = () => {
    most = Math.max(most, open.length)
    shards = Math.max(shards, queue()?.shards ?? 0)
    for (const answer of open.splice(0)) answer()
  }
  const told: Promise<string>[] = []
  const put = (ts: number) => void told.push(bench.put(names, ts))
  const isAtRest = watchDisk(bench.store)
  // No time passes while the disk works: how many lanes are enough must not depend on how fast it is.
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10) {
      await bench.pass(10)
      if (!isAtRest()) await soon('the disk is at rest', isAtRest)
    }
  }
  const round = async (ts: number) => {
    put(ts)
    await pass(500)
    answerAll()
  }
  // Always busy, but each request goes at once: one lane does.
  for (let ts = 1; ts <= 20; ts++) await round(ts)
  expect([shards, most]).toEqual([1, 1])
  // A few more, and each waits for the one before it.
  let last = 20
  while (shards < 4 && last < 400) {
    if (last % 5 === 0) put(++last)
    await round(++last)
  }
  for (let k = 0; k < 3; k++) await round(++last)
  for (let k = 0; k < 4000 && queue()?.isIdle === false; k++) {
    await pass(10)
    answerAll()
  }
  expect([shards, most]).toEqual([4, 4])
  const times = new Map<string, number[]>()
  for (const text of bench.seen()) {
    for (const item of text.split(' ').slice(1)) {
      const [name = '', ts] = item.split('@')
      times.set(name, [...(times.get(name) ?? []), Number(ts)])
    }
  }
  expect(times.size).toBe(8)
  for (const all of times.values()) expect(all).toEqual(Array.from({ length: last }, (_, k) => k + 1))
  await Promise.all(told)
  await soon('what was delivered is deleted', () => bench.store.stats(queueOf('a')).batches === 0)
})

test('another number of lanes sends only once the older batches are finished, over a restart too', async () => {
  const path = temporaryFolder()
  const names = Array.from({ length: 6 }, (_, k) => `a/s${k}`)
  const one = { maxSamplesPerSend: 6 }
  const bench = await startQueueBench({ path, queue: one, upstream: () => 503 })
  const put = async (to: typeof bench, ts: number) => {
    const told = to.put(names, ts)
    await to.pass(20)
    expect(await told).toBe('204')
  }
  for (const ts of [1, 2, 3]) await put(bench, ts)
  const four = { ...queueDefaults, ...one, minShards: 4, maxShards: 4 }
  bench.pipeline.reload(bench.settingsOf({ settings: { queue: four } }), () => undefined)
  await bench.passUntil('the number changes', () => bench.pipeline.queues?.metrics.get('a')?.shards === 4)
  for (const ts of [4, 5]) await put(bench, ts)
  expect(bench.store.list()[0]?.lanes.length).toBeGreaterThan(2)
  await bench.pipeline.stop(100)
  bench.pipeline.close()
  await bench.store.close()
  const again = await startQueueBench({ path, queue: four })
  again.upstream = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return 200
  }
  expect(again.pipeline.queues?.metrics.get('a')?.shards).toBe(4)
  const last = again.put(names, 6)
  await again.passUntil(
    'all is sent',
    () => again.store.batches === 0 && again.pipeline.queues!.metrics.get('a')!.isIdle,
  )
  expect(await last).toMatch(/20[04]/)
  const order = again.seen().flatMap((text) => text.split(' ').slice(1))
  for (const name of names.map((full) => full.slice(2))) {
    expect(order.filter((item) => item.startsWith(`${name}@`))).toEqual([1, 2, 3, 4, 5, 6].map((ts) => `${name}@${ts}`))
  }
})

test('a batch that the store is too small for is not sent behind newer ones: its sender repeats it', async () => {
  let release: (status: number) => void = () => undefined
  const bench = await startQueueBench({
    queue: { maxShards: 1, maxSamplesPerSend: 300 },
    store: { maxBytes: 4000 },
    upstream: () => new Promise<number>((resolve) => (release = resolve)),
  })
  const first = bench.put(['a/s'], 1)
  await bench.pass(1100)
  expect([await first, bench.seen()]).toEqual(['204', ['a s@1']])
  const large = bench.put(
    ['a/s', ...Array.from({ length: 299 }, (_, k) => `a/${createHash('md5').update(`${k}`).digest('hex')}`)],
    2,
  )
  await bench.pass(50)
  const small = bench.put(['a/s'], 3)
  await bench.pass(50)
  expect(await small).toBe('204')
  expect(await large).toMatch(/^503 .*does not fit in the store/)
  bench.upstream = () => 200
  release(200)
  await bench.passUntil('all is sent', () => bench.store.batches === 0 && bench.sent.length === 2)
  expect(bench.seen()).toEqual(['a s@1', 'a s@3'])
})

test('batches that are back after a crash, of numbers of lanes long gone, go first and hold nothing up', async () => {
  const path = temporaryFolder()
  const { store } = await openTestStore(path)
  const number = (epoch: number, size: number, place: number) => (epoch << 12) | ((size - 1) << 6) | place
  // The numbers of sets go round after 15.
  const lanes = [number(15, 1, 0), number(0, 2, 0), number(0, 2, 1), number(1, 1, 0)]
  for (const [k, lane] of lanes.entries()) {
    await store.append({ ...queueOf('a'), lane }, batchOf('', { body: bodyOf(['a'], k + 1) }))
  }
  await store.close()
  const bench = await startQueueBench({ path, queue: { minShards: 4, maxShards: 4, maxSamplesPerSend: 1 } })
  const last = bench.put(['a'], 5)
  await bench.passUntil('all is sent', () => bench.store.batches === 0 && bench.sent.length >= 5)
  expect(await last).toMatch(/20[04]/)
  const [first, ...others] = bench.seen()
  expect([first, others.slice(0, 2).sort(), others.slice(2)]).toEqual(['a m@1', ['a m@2', 'a m@3'], ['a m@4', 'a m@5']])
  await bench.passUntil('the number changes', () => bench.pipeline.queues?.metrics.get('a')?.shards === 4)
})

test('a batch of a protocol that is not the endpoint’s is kept and never sent; others wait behind it until it is dropped', async () => {
  const path = temporaryFolder()
  const { store } = await openTestStore(path)
  const lane = { ...queueOf('a'), lane: 0 }
  await store.append(lane, batchOf('', { body: bodyOf(['a'], 1) }))
  await store.append(lane, batchOf('', { body: bodyOf(['a'], 2), protocol: 'remote-write-9' }))
  await store.close()
  const bench = await startQueueBench({ path })
  const queue = bench.pipeline.queues!.metrics.get('a')!
  const told = bench.put(['a', 'b'], 3)
  await bench.passUntil('it is reached', () => queue.trouble.text.includes('remote-write-9'))
  expect(queue.trouble.text).toBe('the last attempt failed: stored as remote-write-9, which can’t be sent as metrics')
  await bench.pass(100)
  expect([await told, bench.seen().sort()]).toEqual(['204', ['a m@1', 'b m@3']])
  expect(bench.store.batches).toBe(2)
  await bench.commands.drop({ tenant: 'a' })
  const next = bench.put(['a'], 4)
  await bench.passUntil('it goes on', () => bench.seen().includes('a m@4'))
  expect(await next).toMatch(/20[04]/)
})

test('why a tenant waits is said: a rate limit, a request that is out, a disk that can’t be read', async () => {
  const bench = await startQueueBench({
    tenancy: { override: [{ tenants: ['slow'], rateLimit: { samplesPerSecond: 1, burst: 1 } }] },
    upstream: (_request, tenant) =>
      tenant === 'hangs' ? new Promise<number>(() => undefined) : tenant === 'slow' ? 200 : 503,
  })
  const queueOfTenant = (tenant: string) => bench.pipeline.queues!.metrics.get(tenant)!
  const told = bench.put(['hangs', 'slow/a', 'slow/b', 'slow/c', 'unread'], 1)
  await bench.pass(1500)
  expect(await told).toBe('204')
  expect(queueOfTenant('slow').trouble.text).toBe('the tenant is over its rate limit')
  expect(queueOfTenant('hangs').trouble.text).toBe('a request is out for 1 s')
  expect(queueOfTenant('hangs').outForMs).toBe(1480)
  Object.assign(bench.store, { read: () => Promise.reject(new Error('the store can’t be read: EIO')) })
  const unread = 'the last attempt failed: the store can’t be read: EIO'
  // An attempt may be out whose batch was read, or is being read, the old way.
  await bench.passUntil(unread, () => {
    bench.commands.drain({ tenant: 'unread' })
    return queueOfTenant('unread').trouble.text === unread
  })
})

test('a tenant that hangs costs the others nothing; its slot is one', async () => {
  const tenants = Array.from({ length: 20 }, (_, k) => `t${k}`)
  const bench = await startQueueBench({
    settings: { maxInFlight: 8 },
    upstream: (_request, tenant) => (tenant === 't0' ? new Promise(() => undefined) : 200),
  })
  for (let ts = 1; ts <= 20; ts++) {
    const told = bench.put(tenants.slice(1), ts)
    void bench.put(['t0'], ts)
    await bench.pass(30)
    expect(await told).toBe('200')
  }
  expect(bench.sent.filter(({ tenant }) => tenant === 't0')).toHaveLength(1)
})
