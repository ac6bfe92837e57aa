import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, test } from 'vitest'
import { batchOf, laneOf, openTestStore, readAll, textOf } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import type { Level } from './database.ts'
import type { StoredBatch } from './store.ts'

async function startStore() {
  const { store, logged } = await openTestStore(temporaryFolder())
  const kept: StoredBatch[] = []
  const append = (text: string, lane = 0) =>
    store.append(laneOf('a', lane), batchOf(text), (batch) => void (store.keep(batch) && kept.push(batch)))
  return { store, logged, kept, append }
}

test('who stored a batch keeps it, of one write or several, and removes it unread', async () => {
  const { store, logged, kept, append } = await startStore()
  await Promise.all([append('1'), append('2'), append('other', 1)])
  await append('3')
  expect(kept.map(textOf).sort()).toEqual(['1', '2', '3', 'other'])
  expect(kept.map((batch) => store.has(batch))).toEqual([true, true, true, true])
  store.remove(kept.filter((batch) => textOf(batch) !== '3'))
  expect(kept.filter((batch) => store.has(batch)).map(textOf)).toEqual(['3'])
  expect([store.left(laneOf('a')), store.left(laneOf('a', 1)), store.left(laneOf('b'))]).toEqual([1, 0, 0])
  expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['3'])
  expect(await readAll(store, laneOf('a', 1))).toEqual([])
  expect(logged).toEqual([])
})

test('it is not kept behind one that nobody has read', async () => {
  const { store, kept, append } = await startStore()
  await append('1')
  await Promise.all([store.append(laneOf('a'), batchOf('2')), append('3')])
  expect(kept.map(textOf)).toEqual(['1'])
  store.remove(kept)
  store.remove(await store.read(laneOf('a'), { maxBatches: 1 }))
  expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['3'])
  await append('4')
  expect(kept.map(textOf)).toEqual(['1', '4'])
})

test('what was dropped is not there for who kept it', async () => {
  const { store, kept, append } = await startStore()
  await append('1')
  await store.drop({ tenant: 'a' })
  expect(store.has(kept[0]!)).toBe(false)
  store.remove(kept)
  await append('2')
  expect([store.stats(laneOf('a')).batches, store.left(laneOf('a'))]).toEqual([1, 1])
})

test('what a repair lost of what was kept is not counted when it is removed', async () => {
  const path = temporaryFolder()
  const options = {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    createIfMissing: false,
  } as const
  const connect = (directory: string): Level => new ClassicLevel(directory, { ...options, writeBufferSize: 64 << 10 })
  const { store } = await openTestStore(path, { connect })
  const kept: StoredBatch[] = []
  for (let k = 0; k < 60; k++) {
    const batch = batchOf(`${k} ${'x'.repeat(3000)}`)
    await store.append(laneOf('a'), batch, (stored) => void (store.keep(stored) && kept.push(stored)))
    await store.append(laneOf('b'), batch)
  }
  const tables = readdirSync(join(path, 'db')).filter((name) => name.endsWith('.ldb'))
  const table = join(path, 'db', tables.sort()[0]!)
  const file = openSync(table, 'r+')
  writeSync(file, Buffer.alloc(30_000, 0xff), 0, 30_000, (statSync(table).size >> 1) - 15_000)
  closeSync(file)
  await expect(readAll(store, laneOf('b'))).rejects.toThrow('missing')
  await until(() => store.isWritable, { what: 'the store is repaired', timeoutMs: 5000 })
  const left = store.left(laneOf('a'))
  expect(left).toBeLessThan(60)
  expect(kept.filter((batch) => store.has(batch)).length).toBe(left)
  store.remove(kept.slice(0, 50))
  await store.append(laneOf('a'), batchOf('new'))
  expect((await readAll(store, laneOf('a'))).map((batch) => Number.parseInt(textOf(batch), 10))).toEqual([
    ...[50, 51, 52, 53, 54, 55, 56, 57, 58, 59, Number.NaN],
  ])
  expect([store.stats(laneOf('a')).batches, store.left(laneOf('a'))]).toEqual([11, 11])
})
