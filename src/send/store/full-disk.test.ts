import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { batchOf, laneOf, openTestStore, readAll, textOf } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'

/** A file system of its own; undefined where this user may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const path = join(temporaryFolder(), 'disk')
  mkdirSync(path)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' })
  if (status !== 0) return undefined
  onTestFinished(() => void execFileSync('umount', ['-l', path]))
  return path
}

const big = Buffer.alloc(64 << 10, 'x').toString()
const mayMount = process.platform === 'linux' && process.getuid?.() === 0

test.runIf(mayMount)(
  'a disk that fills up: what is stored stays readable, and writing goes on once there is room',
  async ({ skip }) => {
    const disk = smallDisk(32)
    if (disk === undefined) return skip('mounting is not possible here')
    const path = join(disk, 'store')
    const changes: boolean[] = []
    const { store, logged } = await openTestStore(path, {
      maxBytes: 1 << 30,
      reserveBytes: 12 << 20,
      onWritable: (isWritable) => changes.push(isWritable),
    })
    let stored = 0
    const refused = await (async () => {
      for (;;) {
        try {
          await store.append(laneOf('a'), batchOf(`${stored} ${big}`))
          stored++
        } catch (error) {
          return error
        }
      }
    })()
    expect(refused).toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfter: 5 })
    expect(store.isWritable).toBe(false)
    const numbers = (await readAll(store, laneOf('a'))).map((batch) => Number(textOf(batch).split(' ')[0]))
    console.log(
      'stored',
      stored,
      changes,
      logged.map((l) => l.slice(0, 200)),
    )
    expect(numbers.slice(0, stored)).toEqual([...Array(stored).keys()])
    await until(() => store.stats(laneOf('a')).batches >= stored, { what: 'opened anew' })
    // Delivered while the disk is full: deletes make the room that appends wait for.
    const all = await readAll(store, laneOf('a'))
    store.remove(all.slice(0, -3))
    await until(() => store.isWritable, {
      what: 'writable again',
      seen: () => [changes, logged.at(-1), execFileSync('sh', ['-c', `du -a ${disk}; df ${disk}`]).toString()],
    })
    await store.append(laneOf('a'), batchOf('after'))
    const rest = (await readAll(store, laneOf('a'))).map((batch) => textOf(batch).split(' ')[0])
    expect(rest.slice(-1)).toEqual(['after'])
    expect(changes).toEqual([false, true])
    await store.close()
    const { store: again, logged: quiet } = await openTestStore(path, { reserveBytes: 12 << 20 })
    expect((await readAll(again, laneOf('a'))).map((batch) => textOf(batch).split(' ')[0])).toEqual(rest)
    expect(quiet.filter((line) => line.includes('damaged'))).toEqual([])
  },
)

test.runIf(mayMount)('a start on a full disk: what is stored is there, and can be deleted', async ({ skip }) => {
  const disk = smallDisk(32)
  if (disk === undefined) return skip('mounting is not possible here')
  const path = join(disk, 'store')
  const options = { maxBytes: 1 << 30, reserveBytes: 4 << 20 }
  const { store } = await openTestStore(path, options)
  for (const text of ['1', '2', '3']) await store.append(laneOf('a'), batchOf(text))
  await store.close()
  const filler = join(disk, 'filler')
  const { status } = spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { stdio: 'ignore' })
  expect(status).not.toBe(0)
  const { store: again, logged } = await openTestStore(path, options)
  const [first, ...others] = await readAll(again, laneOf('a'))
  expect([first, ...others].map((batch) => batch && textOf(batch))).toEqual(['1', '2', '3'])
  expect(again.isWritable).toBe(false)
  again.remove([first!])
  rmSync(filler)
  await until(() => again.isWritable, { what: 'writable again', seen: () => logged })
  await again.append(laneOf('a'), batchOf('4'))
  expect((await readAll(again, laneOf('a'))).map(textOf)).toEqual(['2', '3', '4'])
})
