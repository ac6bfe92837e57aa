import { expect, test } from 'vitest'
import { pushOf } from '../../test/support/pipeline.ts'
import { bodyOf, faultyDisk, soon, startQueueBench } from '../../test/support/queue.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { decodeLokiPush, encodeLokiPush, snappyBlock } from '../dev/encode.ts'
import { uncompress } from '../wire/snappy.ts'

const never = () => new Promise<never>(() => undefined)

test('parts of one tenant that come within the merge window go out as one request, and nothing touches the disk', async () => {
  const bench = await startQueueBench()
  const all = [bench.put(['a', 'b'], 1), bench.put(['a'], 2)]
  await bench.pass(10)
  all.push(bench.put(['a'], 3))
  await bench.pass(10)
  expect(await Promise.all(all)).toEqual(['200', '200', '200'])
  expect(bench.seen()).toEqual(['a m@1 m@2 m@3', 'b m@1'])
  expect(bench.store.batches).toBe(0)
})

test('a batch closes with max_samples_per_send, and never mixes HA replicas', async () => {
  const bench = await startQueueBench({ queue: { maxSamplesPerSend: 2 } })
  const all = [bench.put(['a'], 1), bench.put(['a'], 2), bench.put(['a/x', 'a/y', 'a/z'], 3)]
  await soon('all are sent at once', () => bench.sent.length === 2)
  expect(bench.seen()).toEqual(['a m@1 m@2', 'a x@3 y@3 z@3'])
  for (const [ts, cluster] of [
    [4, 'one'],
    [5, 'two'],
    [6, 'one'],
  ] as const)
    all.push(bench.put(['a'], ts, { cluster }))
  await bench.pass(20)
  expect(new Set(await Promise.all(all))).toEqual(new Set(['200']))
  expect(bench.seen().slice(2)).toEqual(['a m@4', 'a m@5', 'a m@6'])
})

test('while a request is out, later parts wait in one batch; one request at a time', async () => {
  const open: ((status: number) => void)[] = []
  const bench = await startQueueBench({ upstream: () => new Promise<number>((resolve) => open.push(resolve)) })
  const first = bench.put(['a'], 1)
  await bench.pass(20)
  const more = [2, 3, 4].map((ts) => bench.put(['a'], ts))
  await bench.pass(300)
  expect(bench.seen()).toEqual(['a m@1'])
  open[0]!(200)
  expect(await first).toBe('200')
  await soon('the rest goes', () => bench.sent.length === 2)
  expect(bench.seen()[1]).toBe('a m@2 m@3 m@4')
  open[1]!(202)
  expect(await Promise.all(more)).toEqual(['202', '202', '202'])
  expect(bench.store.batches).toBe(0)
})

test('no acknowledgement before upstream’s answer or a synced write; a tenant that is behind gets no grace', async () => {
  const disk = faultyDisk()
  const bench = await startQueueBench({ upstream: never, store: { connect: disk.connect } })
  let release: () => void = () => undefined
  disk.state.hold = new Promise((resolve) => (release = resolve))
  const told: string[] = []
  const put = (ts: number) => void bench.put(['a'], ts).then((status) => told.push(`${ts}: ${status}`))
  put(1)
  await bench.pass(990)
  expect(told).toEqual([])
  put(2)
  await bench.pass(100)
  expect(told).toEqual([])
  release()
  disk.state.hold = undefined
  await soon('both are stored', () => told.length === 2)
  expect(told).toEqual(['1: 204', '2: 204'])
  put(3)
  await bench.pass(20)
  await soon('the third is stored at once', () => told.length === 3)
  expect([bench.sent.length, bench.store.batches]).toEqual([1, 3])
})

test('what fails is stored, acknowledged, and sent again oldest first, before what came later; others flow', async () => {
  const bench = await startQueueBench({ upstream: (_request, tenant) => (tenant === 'bad' ? 503 : 200) })
  const put = async (ts: number) => {
    const told = bench.put(['bad', 'good'], ts)
    await bench.pass(20)
    return told
  }
  expect([await put(1), await put(2), await put(3)]).toEqual(['204', '204', '204'])
  expect(bench.seen().filter((text) => text.startsWith('good'))).toEqual(['good m@1', 'good m@2', 'good m@3'])
  expect(bench.store.stats({ endpoint: 'proxy/metrics', signal: 'metrics', tenant: 'bad' }).samples).toBe(3)
  await bench.pass(100)
  const tried = bench.seen().filter((text) => text.startsWith('bad'))
  expect(new Set(tried.map((text) => text.split(' ')[1]))).toEqual(new Set(['m@1']))
  bench.sent.length = 0
  bench.upstream = () => 200
  await bench.passUntil('nothing is left', () => bench.store.batches === 0)
  expect(bench.seen()).toEqual(['bad m@1 m@2 m@3'])
})

test('a tenant that fails is left alone for as long as upstream asks, at most 5 minutes', async () => {
  const times: number[] = []
  const bench = await startQueueBench({
    upstream: () => {
      times.push(bench.clock.now)
      return { status: 503, headers: { 'retry-after': times.length === 1 ? '10' : '1000' } }
    },
  })
  void bench.put(['a'], 1)
  await bench.pass(100)
  bench.clock.now = 10_900
  await bench.pass(100)
  expect(times.length).toBe(1)
  bench.clock.now = 11_100
  await bench.pass(50)
  await soon('it is tried again', () => times.length === 2)
  bench.clock.now = times[1]! + 299_900
  await bench.pass(50)
  expect(times.length).toBe(2)
  await bench.pass(500)
  await soon('and again', () => times.length === 3)
})

test('a merged batch that is refused goes once more as its parts; only the bad one is refused, its sender told', async () => {
  const bench = await startQueueBench({
    upstream: ({ body }) => (Buffer.from(body).includes('bad') ? { status: 400, body: Buffer.from('no bad') } : 200),
  })
  const all = [bench.put(['a/x'], 1), bench.put(['a/bad', 'a/y'], 2), bench.put(['a/x'], 3)]
  await bench.pass(30)
  expect(await Promise.all(all)).toEqual(['200', '400 tenant a: 400 no bad', '200'])
  expect(bench.seen()).toEqual(['a x@1 bad@2 y@2 x@3', 'a x@1', 'a bad@2 y@2', 'a x@3'])
  expect(bench.dropped).toMatchObject([{ tenant: 'a', reason: 'refused', series: 2, samples: 2 }])
})

test('413 halves a batch, down to one series', async () => {
  const bench = await startQueueBench({
    upstream: ({ body }) => (Buffer.from(body).includes('big') ? 413 : 200),
  })
  const all = [bench.put(['a/p', 'a/q', 'a/big'], 1), bench.put(['a/r'], 2)]
  await bench.pass(50)
  expect(await Promise.all(all)).toEqual(['413 tenant a: 413', '200'])
  expect(bench.seen().slice(1)).toEqual(['a p@1 q@1', 'a big@1 r@2', 'a big@1', 'a r@2'])
  expect(bench.dropped).toMatchObject([{ reason: 'refused', series: 1, samples: 1 }])
})

test('429 is tried again, or drops the batch, as retry_on_http_429 says', async () => {
  const upstream = () => 429
  const patient = await startQueueBench({ upstream })
  const told = patient.put(['a'], 1)
  await patient.pass(20)
  expect([await told, patient.store.batches]).toEqual(['204', 1])
  const hasty = await startQueueBench({ upstream, queue: { retryOnHttp429: false } })
  const refused = hasty.put(['a'], 1)
  await hasty.pass(20)
  expect([await refused, hasty.store.batches]).toEqual(['429 tenant a: 429', 0])
  expect(hasty.dropped).toMatchObject([{ reason: 'refused' }])
})

test('what is stored is sent after a restart, tenant by tenant, and lost by nobody', async () => {
  const path = temporaryFolder()
  const before = await startQueueBench({ path, upstream: () => 503 })
  const told = [1, 2, 3].map((ts) => before.put(['a', 'b'], ts))
  await before.pass(50)
  expect(await Promise.all(told)).toEqual(['204', '204', '204'])
  await before.pipeline.stop(1000)
  before.pipeline.close()
  await before.store.close()
  const after = await startQueueBench({ path, upstream: (_request, tenant) => (tenant === 'a' ? 503 : 200) })
  await soon('b is drained', () => after.store.list().length === 1)
  expect(after.seen().filter((text) => text.startsWith('b'))).toEqual(['b m@1 m@2 m@3'])
  after.upstream = () => 200
  await after.passUntil('a is drained', () => after.store.batches === 0)
  expect(after.seen().at(-1)).toBe('a m@1 m@2 m@3')
})

test('a store that can’t be written: what can be delivered is, the rest gets 503 with Retry-After; then it stores again', async () => {
  const disk = faultyDisk()
  const bench = await startQueueBench({ store: { connect: disk.connect } })
  bench.upstream = (_request, tenant) => (tenant === 'bad' ? 500 : 200)
  disk.state.fail = 'No space left on device'
  const both = bench.push(pushOf(bodyOf(['bad', 'good'], 1)))
  await bench.pass(20)
  const answer = await both
  expect([answer.status, Number(answer.headers?.['retry-after']) >= 1]).toEqual([503, true])
  expect(String(answer.body)).toMatch(/^1 of 2 tenants failed\ntenant bad: 503 .*No space left on device/)
  const good = bench.put(['good'], 2)
  await bench.pass(20)
  expect(await good).toBe('200')
  disk.state.fail = ''
  await soon('the store is well again', () => bench.store.isWritable)
  await bench.pass(100)
  const later = bench.put(['bad', 'good'], 3)
  await bench.pass(20)
  expect([await later, bench.store.batches]).toEqual(['204', 1])
})

test('at the end what is not settled is stored, what is out too, and what was delivered meanwhile is not kept', async () => {
  const path = temporaryFolder()
  const open: ((status: number) => void)[] = []
  const bench = await startQueueBench({ path, upstream: () => new Promise<number>((resolve) => open.push(resolve)) })
  const told = [bench.put(['a', 'b'], 1)]
  await bench.pass(20)
  told.push(bench.put(['a'], 2))
  const stopped = bench.pipeline.stop(200)
  await soon('everybody is answered', () => bench.store.batches === 3)
  expect(await Promise.all(told)).toEqual(['204', '204'])
  open[0]!(200)
  await stopped
  bench.pipeline.close()
  await bench.store.close()
  const after = await startQueueBench({ path })
  await soon('the rest is sent', () => after.store.batches === 0)
  expect(after.seen().sort()).toEqual(['a m@2', 'b m@1'])
})

test('a sync that fails after the data was written acknowledges nothing; upstream’s answer still counts', async () => {
  const disk = faultyDisk()
  const open: ((status: number) => void)[] = []
  const upstream = () => new Promise<number>((resolve) => open.push(resolve))
  const bench = await startQueueBench({ upstream, store: { connect: disk.connect } })
  let fail: (error: Error) => void = () => undefined
  disk.state.hold = new Promise((_, reject) => (fail = reject))
  disk.state.hold.catch(() => undefined)
  const told: string[] = []
  void bench.put(['a', 'b'], 1).then((status) => told.push(status))
  await bench.pass(1100)
  fail(new Error('IO error: Input/output error'))
  await soon('the store is not written any more', () => !bench.store.isWritable)
  expect(told).toEqual([])
  disk.state.hold = undefined
  for (const answer of open) answer(200)
  await soon('both are delivered', () => told.length === 1)
  expect(told).toEqual(['200'])
})

test('more than may wait in memory is stored without waiting for the grace to end', async () => {
  const bench = await startQueueBench({ upstream: never, queue: { capacity: 2, maxSamplesPerSend: 3 } })
  const told: string[] = []
  const put = (ts: number) => void bench.put(['a/x', 'a/y', 'a/z'], ts).then((status) => told.push(`${ts}: ${status}`))
  for (const ts of [1, 2, 3, 4]) put(ts)
  await soon('the first three are stored', () => told.length >= 3)
  expect([bench.sent.length, bench.clock.now]).toEqual([1, 0])
})

test('Loki pushes are queued by the same rules', async () => {
  const bench = await startQueueBench({ upstream: () => 503 })
  const line = (ts: bigint) => ({ tsNs: ts, line: `line ${ts}`, metadata: [] })
  const push = (ts: bigint) =>
    bench.push(
      pushOf(snappyBlock(encodeLokiPush({ streams: [{ labels: '{tenant="a", job="x"}', entries: [line(ts)] }] })), {
        kind: 'loki',
        path: '/loki/push',
      }),
    )
  const told = [push(1n), push(2n)]
  await bench.pass(20)
  expect((await Promise.all(told)).map(({ status }) => status)).toEqual([204, 204])
  const { queue, samples } = bench.store.list()[0]!
  expect([queue, samples]).toEqual([{ endpoint: 'proxy/loki', signal: 'logs', tenant: 'a' }, 2])
  bench.upstream = () => 204
  bench.sent.length = 0
  bench.commands.drain({ tenant: 'a' })
  await soon('they are sent', () => bench.store.batches === 0)
  const { streams } = decodeLokiPush(uncompress(bench.sent[0]!.request.body, 1 << 20))
  expect(streams.flatMap(({ entries }) => entries.map(({ line: text }) => text))).toEqual(['line 1', 'line 2'])
})

test('headers: what all parts have in common travels; the user agent is Sluice’s own where they differ', async () => {
  const bench = await startQueueBench()
  const put = (agent: string, ts: number) =>
    bench.push(pushOf(bodyOf(['a'], ts), { headers: { 'user-agent': agent, traceparent: '00-x' } }))
  const told = [put('one', 1)]
  await bench.pass(20)
  told.push(put('one', 2), put('two', 3))
  await bench.pass(20)
  await Promise.all(told)
  const travelled = bench.sent.map(({ request: { headers } }) => [headers['user-agent'], headers.traceparent])
  expect(travelled).toEqual([
    ['one', '00-x'],
    ['Sluice/test', '00-x'],
  ])
})

test('a part larger than may wait in memory goes by no disk while nothing is in its way', async () => {
  const bench = await startQueueBench({ upstream: () => 200, queue: { capacity: 2, maxSamplesPerSend: 3 } })
  for (const ts of [1, 2]) {
    const told = bench.put(['a/v', 'a/w', 'a/x', 'a/y', 'a/z'], ts)
    await bench.pass(20)
    expect(await told).toBe('200')
  }
  expect([bench.sent.length, bench.store.bytes]).toEqual([2, 0])
})
