import { expect, test } from 'vitest'
import { faultyDisk } from '../../../test/support/queue.ts'
import { batchOf, laneOf, openTestStore, readAll, textOf } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import { levelAt } from './database.ts'
import type { Dropped } from './step.ts'

const text = (k: number) => `${k} ${'x'.repeat(1000)}`
const numbersOf = async (...[store, lane]: Parameters<typeof readAll>) =>
  (await readAll(store, lane)).map((batch) => Number.parseInt(textOf(batch), 10))

test('the tenant with most loses its oldest, counted; who is within the share loses nothing', async () => {
  const dropped: Dropped[] = []
  const path = temporaryFolder()
  const { store } = await openTestStore(path, { maxBytes: 100_000, onDropped: (loss) => dropped.push(loss) })
  for (let k = 0; k < 5; k++) {
    await store.append(laneOf('small'), batchOf(text(k)))
    await store.append({ ...laneOf('small'), signal: 'logs' }, batchOf(text(k)))
  }
  for (let k = 0; k < 500; k++) await store.append(laneOf('flood', k % 2), batchOf(text(k)))
  expect(await numbersOf(store, laneOf('small'))).toEqual([0, 1, 2, 3, 4])
  const kept = [...(await numbersOf(store, laneOf('flood', 0))), ...(await numbersOf(store, laneOf('flood', 1)))]
  kept.sort((a, b) => a - b)
  expect(kept).toEqual([...Array(500).keys()].slice(-kept.length))
  expect(kept.length).toBeGreaterThan(75)
  expect(store.bytes).toBeLessThanOrEqual(100_000)
  expect(new Set(dropped.map(({ queue, reason }) => `${queue.tenant} ${reason}`))).toEqual(
    new Set(['flood storage_full']),
  )
  const sum = (field: 'batches' | 'samples') => dropped.reduce((total, loss) => total + loss[field], 0)
  expect([sum('batches'), sum('samples')]).toEqual([500 - kept.length, 2 * (500 - kept.length)])
  await store.close()
  const { store: again, logged } = await openTestStore(path, { maxBytes: 100_000 })
  expect(again.stats(laneOf('flood'))).toMatchObject({ batches: kept.length })
  expect(logged).toEqual([])
})

test('a batch that is out is not given up while others can be; its removal counts once', async () => {
  const dropped: Dropped[] = []
  const { store } = await openTestStore(temporaryFolder(), {
    maxBytes: 20_000,
    onDropped: (loss) => dropped.push(loss),
  })
  for (let k = 0; k < 10; k++) await store.append(laneOf('a'), batchOf(text(k)))
  const out = await store.read(laneOf('a'), { maxBatches: 2 })
  for (let k = 10; k < 30; k++) await store.append(laneOf('a'), batchOf(text(k)))
  const left = await numbersOf(store, laneOf('a'))
  expect(left.slice(0, 2)).toEqual([0, 1])
  store.remove(out)
  expect(await numbersOf(store, laneOf('a'))).toEqual(left.slice(2))
  await store.append(laneOf('b'), batchOf('x'))
  const total = dropped.reduce((sum, { batches }) => sum + batches, 0)
  expect(store.stats(laneOf('a')).batches).toBe(30 - total - 2)
})

test('where all batches are out, the oldest goes all the same, and removing it later does nothing', async () => {
  const { store } = await openTestStore(temporaryFolder(), { maxBytes: 10_000 })
  for (let k = 0; k < 8; k++) await store.append(laneOf('a'), batchOf(text(k)))
  const out = await readAll(store, laneOf('a'))
  for (let k = 8; k < 12; k++) await store.append(laneOf('a'), batchOf(text(k)))
  const left = await numbersOf(store, laneOf('a'))
  expect(left.at(-1)).toBe(11)
  store.remove(out)
  await store.append(laneOf('b'), batchOf('x'))
  expect(store.stats(laneOf('a')).batches).toBe((await numbersOf(store, laneOf('a'))).length)
  expect(store.bytes).toBeLessThanOrEqual(10_000)
})

test('reading, removing and appending at once, with a store that is always full: figures and records agree', async () => {
  const path = temporaryFolder()
  const { store, logged: before } = await openTestStore(path, { maxBytes: 60_000 })
  const lanes = ['a', 'b', 'c'].map((tenant) => laneOf(tenant))
  const append = async (lane: (typeof lanes)[0]) => {
    for (let k = 0; k < 150; k++) await store.append(lane, batchOf(text(k)))
  }
  let isDone = false
  const deliver = async (lane: (typeof lanes)[0]) => {
    while (!isDone) {
      store.remove(await store.read(lane, { maxBatches: 3 }))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const delivering = lanes.slice(1).map(deliver)
  await Promise.all(lanes.flatMap((lane) => [append(lane), append(lane)]))
  isDone = true
  await Promise.all(delivering)
  await store.close()
  const { store: again, logged } = await openTestStore(path)
  for (const lane of lanes) {
    expect(again.stats(lane).batches).toBe((await numbersOf(again, lane)).length)
  }
  expect([...before, ...logged]).toEqual([])
})

test('batches that are out, and can’t be given up since the write fails, are still out: removed, they are gone', async () => {
  const { state, connect } = faultyDisk()
  const { store } = await openTestStore(temporaryFolder(), { maxBytes: 10_000, connect })
  for (let k = 0; k < 8; k++) await store.append(laneOf('a'), batchOf(text(k)))
  const out = await readAll(store, laneOf('a'))
  state.fail = 'full'
  await expect(store.append(laneOf('b'), batchOf(text(1).repeat(4)))).rejects.toThrow('full')
  expect(out.filter((batch) => store.has(batch))).toEqual(out)
  store.remove(out.slice(2))
  state.fail = ''
  await until(() => store.isWritable, { what: 'the store can be written again', timeoutMs: 5000 })
  expect(await numbersOf(store, laneOf('a'))).toEqual([0, 1])
  store.remove(out)
  await store.append(laneOf('a'), batchOf(text(9)))
  expect([await numbersOf(store, laneOf('a')), store.batches]).toEqual([[9], 1])
})

test('where the search for what can go fails, nothing of what it found is lost', async () => {
  let left = Number.POSITIVE_INFINITY
  const connect = (directory: string) => {
    const level = levelAt(directory)
    const iterator = level.iterator.bind(level) as (options: object) => ReturnType<typeof level.iterator>
    const failing = (options: object) => {
      if (left-- <= 0) throw new Error('the disk can’t be read')
      return iterator(options)
    }
    return Object.assign(level, { iterator: failing })
  }
  const { store } = await openTestStore(temporaryFolder(), { maxBytes: 10_000, connect })
  for (let k = 0; k < 4; k++) for (const tenant of ['a', 'b']) await store.append(laneOf(tenant), batchOf(text(k)))
  left = 1
  await expect(store.append(laneOf('c'), batchOf(text(1).repeat(4)))).rejects.toThrow('can’t be read')
  left = Number.POSITIVE_INFINITY
  await until(() => store.isWritable, { what: 'the store can be written again', timeoutMs: 5000 })
  expect([await numbersOf(store, laneOf('a')), await numbersOf(store, laneOf('b'))]).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ])
})
