// Disks that fill up and directories that turn read-only, while some tenants fail: the others go on, what was taken is
// kept, what can be neither delivered nor stored is answered 503, and all is well again without a restart.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fillBut, smallFileSystem } from '../support/file-system.ts'
import { Book, quantile } from '../support/ledger/book.ts'
import { type Receiver, startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { type QueuedProxy, startQueued } from '../support/queued-proxy.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { limitMs } from './long.ts'

const boundMs = 290

/** `harm` makes the store one that can't be written sooner or later, `mend` ends that. */
async function check(
  { pushUrl, program, drained }: QueuedProxy,
  receiver: Receiver,
  book: Book,
  harm: () => void,
  mend: () => void,
): Promise<void> {
  const failing = async (): Promise<boolean> => (await program.metric('sluice_store_write_failing')) === 1
  receiver.setFault(['bad'], { status: 503 })
  const well = startSender({ book, url: pushUrl, source: 'well', tenants: ['good'], everyMs: 10 })
  const both = startSender({ book, url: pushUrl, source: 'both', tenants: ['bad', 'good'], everyMs: 20 })
  const bad = startSender({ book, url: pushUrl, source: 'bad', tenants: ['bad'], series: 1900, everyMs: 20 })
  const senders = [well, both, bad]
  await until(() => senders.every(({ settled }) => settled > 3), { what: 'all are stored or delivered' })
  harm()
  await until(failing, { what: 'the store can’t be written', seen: () => program.stderr.slice(-3) })
  await until(() => (bad.answers.get(503) ?? 0) > 0 && (both.answers.get(503) ?? 0) > 0, { what: 'some hear 503' })

  const taken = bad.settled
  // A machine that is busy with other things gets another look.
  let p99 = Number.NaN
  for (let k = 0; k < 3 && !(p99 < boundMs); k++) {
    const from = performance.now()
    await wait(1500)
    const delays = book.delays(['good'], from, performance.now() - boundMs)
    expect(delays.length).toBeGreaterThan(10)
    p99 = quantile(delays, 0.99)
  }
  expect(p99).toBeLessThan(boundMs)
  expect([...well.answers.keys()].sort()).toEqual([200])
  expect(bad.settled).toBe(taken)
  expect((await fetch(`${new URL(pushUrl).origin}/-/ready`)).status).toBe(200)

  mend()
  await until(async () => !(await failing()), {
    what: 'the store can be written again',
    seen: () => program.stderr.slice(-3),
  })
  await until(() => bad.settled > taken + 5, { what: 'the failing tenant’s pushes are taken again' })
  receiver.setFault(['bad'], undefined)
  await Promise.all(senders.map((sender) => sender.stop()))
  await drained()
  const { lostWhere, late, repeats, acknowledged, lost } = book.balance()
  console.log(
    `${acknowledged} samples acknowledged, ${lost} lost, ${repeats} came again; 503: ${bad.answers.get(503)} + ${both.answers.get(503)}`,
  )
  expect({ lost, lostWhere, late, repeats, faults: book.faults }).toEqual({
    lost: 0,
    lostWhere: [],
    late: 0,
    repeats: 0,
    faults: [],
  })
  expect(program.end).toBeUndefined()
  expect(await program.metric('sluice_queue_dropped_samples_total')).toBe(0)
}

test('the disk fills up', { timeout: limitMs(60, 60) }, async (context) => {
  const folder = smallFileSystem(64)
  if (folder === undefined) return skip(context, 'no file system can be mounted')
  const book = new Book()
  const receiver = await startReceiver(book)
  const proxy = await startQueued({
    target: receiver.url,
    storage: join(folder, 'store'),
    flags: ['--storage.max_bytes=1GiB'],
  })
  const ballast = join(folder, 'ballast')
  await check(
    proxy,
    receiver,
    book,
    () => fillBut(folder, ballast, 2 << 20),
    () => rmSync(ballast),
  )
})

test('the directory turns read-only', { timeout: limitMs(60, 60) }, async (context) => {
  const storage = join(temporaryFolder(), 'store')
  mkdirSync(storage)
  const setImmutable = (flag: '+i' | '-i'): boolean => {
    try {
      execFileSync('chattr', [flag, ...foldersIn(storage)], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  // For root a mode means nothing.
  const isRoot = process.getuid?.() === 0
  if (isRoot && !(setImmutable('+i') && setImmutable('-i'))) return skip(context, 'no directory can be made immutable')
  const lock = (): void => {
    if (isRoot) setImmutable('+i')
    else for (const folder of foldersIn(storage)) chmodSync(folder, 0o500)
  }
  const unlock = (): void => {
    if (isRoot) setImmutable('-i')
    else for (const folder of foldersIn(storage)) chmodSync(folder, 0o700)
  }
  const book = new Book()
  const receiver = await startReceiver(book)
  const proxy = await startQueued({ target: receiver.url, storage })
  try {
    await check(proxy, receiver, book, lock, unlock)
  } finally {
    unlock()
  }
})

const foldersIn = (folder: string): string[] => [
  folder,
  ...readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name)),
]

function skip({ skip: skipTest }: { skip: (note?: string) => void }, why: string): void {
  console.warn(`SKIPPED: ${why}`)
  skipTest(why)
}
