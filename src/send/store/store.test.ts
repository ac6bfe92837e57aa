import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { batchOf, laneOf, openTestStore, readAll, textOf } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { Dropped } from './step.ts'

test('what was appended is read oldest first, lane by lane, over a restart', async () => {
  const path = temporaryFolder()
  const { store, logged } = await openTestStore(path)
  await Promise.all([
    store.append(laneOf('b'), batchOf('b1')),
    store.append(laneOf('a'), batchOf('a1', { haKey: 'x', parts: [{ series: 1, samples: 2 }] })),
    store.append(laneOf('a', 1), batchOf('a-other-lane')),
    store.append(laneOf('a'), batchOf('a2')),
    store.append(laneOf('ab'), batchOf('ab1')),
  ])
  const check = async (from: typeof store) => {
    expect((await readAll(from, laneOf('a'))).map(textOf)).toEqual(['a1', 'a2'])
    expect((await readAll(from, laneOf('a', 1))).map(textOf)).toEqual(['a-other-lane'])
    expect((await readAll(from, laneOf('b'))).map(textOf)).toEqual(['b1'])
    expect(await readAll(from, laneOf('c'))).toEqual([])
    expect(from.list().map(({ queue, batches, samples, lanes }) => [queue.tenant, batches, samples, lanes])).toEqual(
      [
        ['a', 3, 6, [0, 1]],
        ['ab', 1, 2, [0]],
        ['b', 1, 2, [0]],
      ].sort(
        (x, y) =>
          from.list().findIndex(({ queue }) => queue.tenant === x[0]) -
          from.list().findIndex(({ queue }) => queue.tenant === y[0]),
      ),
    )
  }
  await check(store)
  await store.close()
  const again = await openTestStore(path)
  await check(again.store)
  const [first] = await again.store.read(laneOf('a'))
  expect(first).toMatchObject({
    haKey: 'x',
    parts: [{ series: 1, samples: 2 }],
    arrivedMs: 3000,
    protocol: 'remote-write-1',
  })
  expect([...logged, ...again.logged]).toEqual([])
})

test('what is removed is gone, at once and after a restart', async () => {
  const path = temporaryFolder()
  const { store } = await openTestStore(path)
  for (const text of ['1', '2', '3', '4']) await store.append(laneOf('a'), batchOf(text, { arrivedMs: Number(text) }))
  const batches = await store.read(laneOf('a'), { maxBatches: 2 })
  expect(batches.map(textOf)).toEqual(['1', '2'])
  store.remove(batches)
  store.remove(batches)
  expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['3', '4'])
  await store.close()
  const { store: again } = await openTestStore(path)
  expect(again.stats(laneOf('a'))).toMatchObject({ batches: 2, samples: 4, lanes: [0] })
  const rest = await readAll(again, laneOf('a'))
  expect(rest.map(textOf)).toEqual(['3', '4'])
  again.remove(rest)
  await again.close()
  const { store: last, logged } = await openTestStore(path)
  expect(last.list()).toEqual([])
  expect(last.bytes).toBe(0)
  await last.append(laneOf('a'), batchOf('5'))
  expect((await last.read(laneOf('a')))[0]?.sequence).toBe(5)
  expect(logged).toEqual([])
})

test('the oldest arrival is never later than true, and exact once the oldest was read', async () => {
  const { store } = await openTestStore(temporaryFolder())
  for (const arrivedMs of [10, 20, 30]) await store.append(laneOf('a'), batchOf('x', { arrivedMs }))
  expect(store.stats(laneOf('a')).oldestMs).toBe(10)
  const [first, second] = await store.read(laneOf('a'), { maxBatches: 2 })
  store.remove([first!])
  await store.append(laneOf('b'), batchOf('x'))
  expect(store.stats(laneOf('a')).oldestMs).toBe(20)
  store.remove([second!])
  await store.append(laneOf('b'), batchOf('x'))
  expect(store.stats(laneOf('a')).oldestMs).toBe(20)
})

test('a pause holds over restarts; a narrow one ends without the wide one', async () => {
  const path = temporaryFolder()
  const { store } = await openTestStore(path)
  const logs = { ...laneOf('a'), signal: 'logs' } as const
  await store.pause({ tenant: 'a' })
  await store.pause({ tenant: 'b', signal: 'logs' })
  await store.close()
  const { store: again } = await openTestStore(path)
  expect([laneOf('a'), logs, laneOf('b'), { ...logs, tenant: 'b' }].map((queue) => again.isPaused(queue))).toEqual([
    true,
    true,
    false,
    true,
  ])
  expect(await again.resume({ tenant: 'a', signal: 'logs' })).toBe(false)
  expect(again.isPaused(logs)).toBe(true)
  expect(await again.resume({ tenant: 'a' })).toBe(true)
  expect(await again.resume({ tenant: 'b' })).toBe(true)
  await again.close()
  const { store: last } = await openTestStore(path)
  expect(last.pauses()).toEqual([])
})

test('a command drops what is stored, of the signal it names, and says how much', async () => {
  const path = temporaryFolder()
  const dropped: Dropped[] = []
  const { store } = await openTestStore(path, { onDropped: (loss) => dropped.push(loss) })
  const logs = { ...laneOf('a'), signal: 'logs' } as const
  for (let k = 0; k < 40; k++) await store.append(laneOf('a', k % 3), batchOf(`m${k}`))
  await store.append(logs, batchOf('l'))
  await store.append(laneOf('b'), batchOf('b'))
  await store.drop({ tenant: 'a', signal: 'metrics' })
  expect(store.list().map(({ queue, batches }) => [queue.tenant, queue.signal, batches])).toEqual([
    ['a', 'logs', 1],
    ['b', 'metrics', 1],
  ])
  expect(dropped.reduce((sum, { samples }) => sum + samples, 0)).toBe(80)
  // One entry for each lane, not for each batch: the first one is what a log line says.
  expect(dropped.map(({ batches }) => batches)).toEqual([14, 13, 13])
  expect(new Set(dropped.map(({ reason }) => reason))).toEqual(new Set(['removed_by_command']))
  await store.close()
  const { store: again, logged } = await openTestStore(path)
  expect(await readAll(again, laneOf('a'))).toEqual([])
  expect((await readAll(again, logs)).map(textOf)).toEqual(['l'])
  expect(logged).toEqual([])
})

test('only the owner can look into the directory', async () => {
  const path = join(temporaryFolder(), 'deep', 'store')
  const { store } = await openTestStore(path)
  await store.append(laneOf('a'), batchOf('1'))
  const modeOf = (name: string) => (statSync(join(path, name)).mode & 0o777).toString(8)
  expect([modeOf('.'), modeOf('db')]).toEqual(['700', '700'])
  for (const name of [
    'version',
    'owner.json',
    'reserve',
    ...readdirSync(join(path, 'db')).map((file) => `db/${file}`),
  ]) {
    expect([name, modeOf(name)]).toEqual([name, '600'])
  }
})

test('a batch that can never fit, an id that can’t be a key, a closed store', async () => {
  const { store } = await openTestStore(temporaryFolder(), { maxBytes: 1000 })
  await expect(store.append(laneOf('a'), batchOf('x'.repeat(2000)))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  })
  await expect(store.append(laneOf('a\0b'), batchOf('x'))).rejects.toThrow(RangeError)
  await store.close()
  await expect(store.append(laneOf('a'), batchOf('x'))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: 'the store is closed',
  })
  expect(store.isWritable).toBe(false)
})
