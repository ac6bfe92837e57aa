import { ClassicLevel } from 'classic-level'
import { expect, test } from 'vitest'
import { batchOf, laneOf, openTestStore, readAll, textOf } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import type { Level } from './database.ts'
import { afterPrefix, keyKind, lanePrefix, queueName } from './key.ts'
import type { Dropped } from './step.ts'

/** LevelDB whose synced writes wait for the test, or fail as it says. */
function faulty() {
  const state = { fail: '', failOpen: '', hold: undefined as Promise<void> | undefined, opened: 0 }
  const levels: Level[] = []
  const connect = (directory: string): Level => {
    const level = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
      createIfMissing: false,
    })
    const batch = level.batch.bind(level) as (...values: unknown[]) => Promise<void>
    const write = async (...values: unknown[]): Promise<void> => {
      if (state.fail !== '') throw Object.assign(new Error(`IO error: ${state.fail}`), { code: 'LEVEL_IO_ERROR' })
      await batch(...values)
      await state.hold
    }
    const open = level.open.bind(level)
    const openOrFail = async (options: object): Promise<void> => {
      state.opened++
      if (state.failOpen !== '')
        throw Object.assign(new Error(`IO error: ${state.failOpen}`), { code: 'LEVEL_IO_ERROR' })
      await open(options)
    }
    levels.push(level)
    return Object.assign(level, { batch: write, open: openOrFail })
  }
  return { state, connect, levels }
}

test('nothing is acknowledged before the synced write has returned', async () => {
  const { state, connect } = faulty()
  const { store } = await openTestStore(temporaryFolder(), { connect })
  let release: () => void = () => undefined
  state.hold = new Promise((resolve) => (release = resolve))
  const settled: string[] = []
  const appends = ['1', '2', '3'].map((text) =>
    store.append(laneOf('a'), batchOf(text)).then(() => void settled.push(text)),
  )
  // Written by now, to judge by what a read finds, but the write has not returned.
  for (let k = 0; k < 20; k++) await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toEqual([])
  expect(store.batches).toBe(0)
  release()
  await Promise.all(appends)
  expect(settled).toEqual(['1', '2', '3'])
})

test.each(['No space left on device', 'Read-only file system', 'Input/output error'])(
  '%s: refused, still readable, and writable again without a restart',
  async (text) => {
    const { state, connect } = faulty()
    const changes: boolean[] = []
    const onWritable = (isWritable: boolean) => void changes.push(isWritable)
    const { store, logged } = await openTestStore(temporaryFolder(), { connect, onWritable })
    for (const body of ['1', '2', '3']) await store.append(laneOf('a'), batchOf(body))
    const [first] = await store.read(laneOf('a'), { maxBatches: 1 })
    state.fail = text
    const refusal = { code: 'STORE_UNAVAILABLE', status: 503, message: `the store can’t be written: IO error: ${text}` }
    const both = ['4', '5'].map((body) => store.append(laneOf('b'), batchOf(body)))
    for (const append of both) await expect(append).rejects.toMatchObject(refusal)
    await expect(store.append(laneOf('b'), batchOf('6'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['1', '2', '3'])
    store.remove([first!])
    expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['2', '3'])
    expect(store.isWritable).toBe(false)
    state.failOpen = text
    const before = state.opened
    await until(() => state.opened > before + 1, { what: 'it tries again and again', everyMs: 5 })
    state.fail = state.failOpen = ''
    await until(() => store.isWritable, { what: 'writable again', everyMs: 5, seen: () => logged })
    await store.append(laneOf('b'), batchOf('7'))
    expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['2', '3'])
    expect((await readAll(store, laneOf('b'))).map(textOf)).toEqual(['7'])
    expect(store.stats(laneOf('a')).batches).toBe(2)
    expect(changes).toEqual([false, true])
  },
)

/** A store whose next write is carried out, then reported as failed. */
async function withFalseFailure(path = temporaryFolder()) {
  const { state, connect } = faulty()
  const lost: string[] = []
  const onDropped = ({ reason, batches }: Dropped) => void lost.push(`${batches} ${reason}`)
  const { store } = await openTestStore(path, { connect, onDropped })
  const failIt = async (work: () => void): Promise<void> => {
    let fail: (error: Error) => void = () => undefined
    state.hold = new Promise((_, reject) => (fail = reject))
    state.hold.catch(() => undefined)
    work()
    for (let k = 0; k < 20; k++) await new Promise((resolve) => setImmediate(resolve))
    fail(Object.assign(new Error('IO error: Input/output error'), { code: 'LEVEL_IO_ERROR' }))
    await until(() => !store.isWritable, { what: 'the failure is noticed', everyMs: 2 })
    state.hold = undefined
    await until(() => store.isWritable, { what: 'writable again', everyMs: 2 })
  }
  return { store, lost, failIt }
}

test('what a write deleted before its sync failed is not counted out twice: the rest stays, over a restart too', async () => {
  const path = temporaryFolder()
  const { store, failIt, lost } = await withFalseFailure(path)
  for (const body of ['1', '2', '3', '4']) await store.append(laneOf('a'), batchOf(body))
  const read = await store.read(laneOf('a'))
  let refused: unknown
  await failIt(() => {
    void store.append(laneOf('b'), batchOf('5')).catch((error: unknown) => (refused = error))
    store.remove(read.slice(0, 2))
  })
  expect(refused).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['3', '4'])
  expect([store.stats(laneOf('a')).batches, lost]).toEqual([2, []])
  await store.close()
  const { store: again } = await openTestStore(path)
  expect((await readAll(again, laneOf('a'))).map(textOf)).toEqual(['3', '4'])
  expect(again.batches).toBe(2)
})

test('a batch that was written before its sync failed does not stay: its sender was told that it is not stored', async () => {
  const { store, failIt } = await withFalseFailure()
  await failIt(() => void store.append(laneOf('a'), batchOf('1')).catch(() => undefined))
  await until(() => store.batches === 0, { what: 'it is removed', everyMs: 2 })
  expect(await readAll(store, laneOf('a'))).toEqual([])
  await store.append(laneOf('a'), batchOf('2'))
  expect((await readAll(store, laneOf('a'))).map(textOf)).toEqual(['2'])
})

test('a lane whose batches are missing is not empty, whatever is being written and deleted at that moment', async () => {
  const { state, connect, levels } = faulty()
  const { store, logged } = await openTestStore(temporaryFolder(), { connect })
  for (const text of ['1', '2', '3']) await store.append(laneOf('a'), batchOf(text))
  const [first] = await store.read(laneOf('a'), { maxBatches: 1 })
  let release: () => void = () => undefined
  state.hold = new Promise((resolve) => (release = resolve))
  const held = store.append(laneOf('b'), batchOf('b'))
  store.remove([first!])
  const all = lanePrefix(keyKind.record, queueName(laneOf('a')), 0)
  await levels[0]!.clear({ gte: all, lt: afterPrefix(all) })
  const refusal = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('2 batches') }
  await expect(store.read(laneOf('a'))).rejects.toMatchObject(refusal)
  await expect(store.read(laneOf('a'))).rejects.toMatchObject(refusal)
  state.hold = undefined
  release()
  await held
  await until(() => store.isWritable, { what: 'repaired', everyMs: 2, seen: () => logged })
  expect(await readAll(store, laneOf('a'))).toEqual([])
  expect((await readAll(store, laneOf('b'))).map(textOf)).toEqual(['b'])
})
