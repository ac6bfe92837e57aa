// What a lane has at hand of what it has stored, and goes from memory: commands, time and the size bound hold for it too.

import { expect, test } from 'vitest'
import { faultyDisk, type QueueBenchOptions, queueDefaults, soon, startQueueBench } from '../../test/support/queue.ts'

/** Five batches of `a` that can't go together: stored, the first one is out. */
async function startBehind({ queue, ...more }: QueueBenchOptions = {}) {
  const open: ((status: number) => void)[] = []
  let reads = 0
  const bench = await startQueueBench({
    ...more,
    queue: { mergeWindowMs: 0, ...queue },
    upstream: () => new Promise<number>((resolve) => open.push(resolve)),
  })
  const read = bench.store.read.bind(bench.store)
  bench.store.read = (...what) => {
    reads++
    return read(...what)
  }
  const put = (ts: number) => bench.put(['a'], ts, { cluster: `replica ${ts % 2}` })
  const told = [1, 2, 3, 4, 5].map(put)
  await bench.pass(1100)
  expect(await Promise.all(told)).toEqual(told.map(() => '204'))
  expect([bench.store.batches, bench.seen()]).toEqual([5, ['a m@1']])
  return {
    bench,
    put,
    reads: () => reads,
    seen: () => bench.seen().map((one) => one.replace('a m@', '')),
    /** Upstream says this of what is out. */
    answer: (status = 200) => {
      for (const one of open.splice(0)) one(status)
    },
    /** Upstream takes what comes until nothing is stored. */
    drain: () =>
      bench.passUntil('nothing is left', () => {
        for (const one of open.splice(0)) one(200)
        return bench.store.batches === 0 && [...bench.pipeline.queues!.metrics].every(({ isIdle }) => isIdle)
      }),
  }
}

test('what is dropped is not sent, but for what is out', async () => {
  const { bench, put, seen, answer, drain, reads } = await startBehind()
  answer()
  await soon('the second is out', () => seen().length === 2)
  expect(reads()).toBe(0)
  await bench.commands.drop({ tenant: 'a' })
  answer()
  await bench.pass(50)
  const later = put(6)
  await drain()
  expect([seen(), await later]).toEqual([['1', '2', '6'], '200'])
})

test('what is dropped while it is out, and fails, is not sent again', async () => {
  const { bench, seen, answer, put, drain } = await startBehind()
  await bench.commands.drop({ tenant: 'a' })
  answer(503)
  await bench.pass(100)
  void put(6)
  await drain()
  expect(seen()).toEqual(['1', '6'])
})

test('what is dropped is not sent, also where a part of it was delivered', async () => {
  const open: ((status: number) => void)[] = []
  const bench = await startQueueBench({ upstream: () => new Promise<number>((resolve) => open.push(resolve)) })
  const told = bench.put(['a/x', 'a/y'], 1)
  await bench.pass(1200)
  expect([await told, bench.store.batches]).toEqual(['204', 1])
  for (const [k, status] of [413, 200, 503].entries()) {
    await soon('it is out', () => open.length > k)
    open[k]!(status)
  }
  await bench.pass(10)
  await bench.commands.drop({ tenant: 'a' })
  await bench.pass(500)
  expect(bench.seen()).toEqual(['a x@1 y@1', 'a x@1', 'a y@1'])
  const later = bench.put(['a'], 2)
  await bench.pass(30)
  expect([bench.seen().slice(3), bench.store.batches]).toEqual([['a m@2'], 0])
  open[3]!(200)
  expect(await later).toBe('200')
})

test('a pause holds it, and it goes in order afterwards', async () => {
  const { bench, put, seen, answer, drain } = await startBehind()
  answer()
  await soon('the second is out', () => seen().length === 2)
  await bench.commands.pause({ tenant: 'a' })
  answer()
  const later = put(6)
  await bench.pass(200)
  expect([seen(), await later, bench.store.batches]).toEqual([['1', '2'], '204', 4])
  await bench.commands.resume({ tenant: 'a' })
  await drain()
  expect(seen()).toEqual(['1', '2', '3', '4', '5', '6'])
})

test('what fails is sent again, in order', async () => {
  const { bench, seen, answer, drain } = await startBehind()
  answer()
  await soon('the second is out', () => seen().length === 2)
  answer(429)
  await bench.passUntil('it is tried again', () => seen().length === 3)
  await drain()
  expect(seen()).toEqual(['1', '2', '2', '3', '4', '5'])
})

test('what has become too old is dropped and counted', async () => {
  const { bench, put, seen, answer, drain } = await startBehind({ queue: { sampleAgeLimitMs: 10_000 } })
  bench.clock.now = 20_000
  answer()
  await bench.passUntil('the rest is dropped', () => bench.store.batches === 0)
  expect(bench.dropped.map(({ reason, samples }) => `${reason} ${samples}`)).toEqual(Array(4).fill('too_old 1'))
  void put(20_000)
  await drain()
  expect(seen()).toEqual(['1', '20000'])
})

test('a reload leaves it there: other settings hold from the next request on', async () => {
  const { bench, seen, answer, drain, reads } = await startBehind()
  const queue = { ...queueDefaults, mergeWindowMs: 0, maxSamplesPerSend: 1 }
  bench.pipeline.reload(bench.settingsOf({ settings: { queue } }), () => undefined)
  answer()
  await drain()
  expect([seen(), reads()]).toEqual([['1', '2', '3', '4', '5'], 0])
})

test('what the size bound takes away is not sent, and is counted', async () => {
  let lost = 0
  const onDropped = ({ samples }: { readonly samples: number }) => void (lost += samples)
  const { bench, put, seen, answer, drain } = await startBehind({ store: { maxBytes: 1200, onDropped } })
  for (let ts = 6; ts < 40; ts++) expect(await put(ts)).toBe('204')
  // What is at hand goes last: room for so much is found nowhere else.
  const told = bench.put(['b'], 1, { cluster: 'x'.repeat(700) })
  await bench.pass(1100)
  expect(await told).toBe('204')
  answer()
  await drain()
  const own = seen().filter((one) => !one.startsWith('b'))
  expect(own.map(Number)).toEqual([...own.map(Number)].sort((x, y) => x - y))
  expect(new Set(own).size).toBe(own.length)
  // The first one was given up while it was out, and arrived all the same.
  expect(own.length + lost).toBe(39 + 1)
})

test('a push that comes again, and is being written while the first is stored, lets nothing overtake', async () => {
  const { state, connect } = faultyDisk()
  const bench = await startQueueBench({ queue: { mergeWindowMs: 0 }, store: { connect }, upstream: () => 503 })
  const put = (ts: number) => bench.put(['a'], ts, { cluster: `replica ${ts % 2}` })
  const told = [1, 2, 3].map(put)
  await bench.pass(1100)
  await Promise.all(told)
  let release = (): void => undefined
  state.hold = new Promise<void>((resolve) => (release = resolve))
  told.push(put(1))
  await bench.pass(10)
  told.push(put(4))
  bench.sent.length = 0
  bench.upstream = () => 200
  await bench.passUntil('what is stored goes', () => bench.sent.length >= 3)
  release()
  state.hold = undefined
  await bench.passUntil('nothing is left', () => bench.store.batches === 0 && bench.sent.length === 5)
  await Promise.all(told)
  expect(bench.seen()).toEqual([1, 2, 3, 1, 4].map((ts) => `a m@${ts}`))
})
