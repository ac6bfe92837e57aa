// What a stored batch costs where batches can't go out together, counted in what LevelDB is asked to do: time would say
// more of the machine than of the queue.

import { expect, test } from 'vitest'
import { queueDefaults, startQueueBench } from '../../test/support/queue.ts'
import { levelAt } from '../send/store/database.ts'

/** LevelDB that counts what it is asked to do. */
function countingDisk() {
  const counts = { iterators: 0, entries: 0, writes: 0 }
  const connect = (directory: string) => {
    const level = levelAt(directory)
    const iterator = level.iterator.bind(level) as (options: object) => ReturnType<typeof level.iterator>
    const batch = level.batch.bind(level) as (...values: unknown[]) => Promise<void>
    const counted = (options: object) => {
      counts.iterators++
      const one = iterator(options)
      const nextv = one.nextv.bind(one) as (size: number) => ReturnType<typeof one.nextv>
      return Object.assign(one, {
        nextv: async (size: number) => {
          const found = await nextv(size)
          counts.entries += found.length
          return found
        },
      })
    }
    const write = (...values: unknown[]): Promise<void> => {
      counts.writes++
      return batch(...values)
    }
    return Object.assign(level, { iterator: counted, batch: write })
  }
  return { counts, connect }
}

test('300 batches of one lane that differ in their replica, and go one by one', async () => {
  const { counts, connect } = countingDisk()
  const queue = { ...queueDefaults, mergeWindowMs: 0 }
  const bench = await startQueueBench({ queue, store: { connect }, upstream: async () => 503 })
  const told: Promise<string>[] = []
  const put = (): void => {
    const ts = told.length + 1
    told.push(bench.put(['a'], ts, { cluster: `replica ${ts % 2}` }))
  }
  while (told.length < 200) put()
  await bench.pass(1100)
  expect(new Set(await Promise.all(told))).toEqual(new Set(['204']))
  const before = { ...counts }
  const tried = bench.sent.length
  // More comes meanwhile, behind what is stored.
  bench.upstream = async () => {
    if (told.length < 300 && bench.sent.length % 2 === 0) put()
    return 200
  }
  await bench.passUntil('all is sent', () => bench.store.batches === 0 && told.length === 300)
  expect(bench.seen().slice(tried)).toEqual(told.map((_, k) => `a m@${k + 1}`))
  // Each is read once, and few a second time.
  expect(counts.iterators - before.iterators).toBeLessThan(30)
  expect(counts.entries - before.entries).toBeLessThan(1200)
})

test('500 tenants, each with two batches that wait for longer than the grace: none is read', async () => {
  const { counts, connect } = countingDisk()
  const open: (() => void)[] = []
  const bench = await startQueueBench({
    queue: { mergeWindowMs: 0 },
    store: { connect },
    upstream: () => new Promise<number>((resolve) => open.push(() => resolve(200))),
  })
  const tenants = Array.from({ length: 500 }, (_, k) => `t${k}`)
  const put = (ts: number) => bench.put(tenants, ts, { cluster: `replica ${ts % 2}` })
  const before = { ...counts }
  const told = [put(1), put(2)]
  await bench.pass(1100)
  expect(await Promise.all(told)).toEqual(['204', '204'])
  expect([bench.store.batches, counts.writes - before.writes]).toEqual([1000, 1])
  // They are behind: what comes now is stored at once, and sent from memory all the same.
  told.push(put(3))
  await bench.passUntil('all is sent', () => {
    for (const answer of open.splice(0)) answer()
    return bench.store.batches === 0
  })
  expect(await told[2]).toMatch(/^20[04]$/)
  expect([bench.sent.length, new Set(bench.seen()).size]).toEqual([1500, 1500])
  expect(counts.iterators).toBe(before.iterators)
})
