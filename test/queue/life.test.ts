// A store and the processes that have it: one is told to stop in the middle, another wants the same directory, a third
// finds damaged files. What was taken arrives, or it is said what does not.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { randomOf } from '../fuzz/random.ts'
import { Book } from '../support/ledger/book.ts'
import { explainRepeats } from '../support/ledger/explain.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { runSluice } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { amount, limitMs, seed } from './long.ts'

test('SIGTERM in the middle of it', { timeout: limitMs(60, 600) }, async () => {
  const rounds = amount(2, 50)
  const random = randomOf(seed, 1)
  const book = new Book({ keepsRequests: true })
  const receiver = await startReceiver(book, { roundTripMs: 30 })
  const proxy = await startQueued({
    target: receiver.url,
    flags: ['--timeout=1s', '--timeout_shutdown=100ms', '--server.shutdown_deadline=5s'],
  })
  const tenants = ['well-1', 'well-2', 'slow', 'down', 'hanging']
  const source = (name: string, everyMs: number, these: readonly string[] = tenants) =>
    startSender({ book, url: proxy.pushUrl, source: name, tenants: these, series: 2, everyMs })
  const senders = [source('a', 5), source('b', 20), source('c', 10, ['well-1', 'down']), source('d', 10, ['hanging'])]
  const ends: number[] = []
  for (let k = 0; k < rounds; k++) {
    receiver.setFault(['slow'], { delayMs: 400 })
    receiver.setFault(['down'], { status: 503 })
    receiver.setFault(['hanging'], { hang: true })
    const before = senders.map(({ settled }) => settled)
    await until(() => senders.every(({ settled }, i) => settled > before[i]! + 3), { what: 'pushes are taken' })
    await wait(random.below(1500))
    const begun = performance.now()
    proxy.program.signal('SIGTERM')
    expect(await proxy.program.ended).toEqual({ code: 0, signal: null })
    ends.push(performance.now())
    expect(performance.now() - begun).toBeLessThan(5500)
    if (k % 2 === 1) receiver.setFault(['slow', 'down', 'hanging'], undefined)
    await proxy.start()
  }
  receiver.setFault(['slow', 'down', 'hanging'], undefined)
  await Promise.all(senders.map((sender) => sender.stop()))
  await proxy.drained()
  const { lost, lostWhere, late, acknowledged, repeats } = book.balance()
  const { unexplained, requests } = explainRepeats(book, ends)
  console.log(`seed ${seed}: ${acknowledged} samples acknowledged, ${lost} lost, ${repeats} came again`)
  expect({ lost, lostWhere, late, faults: book.faults }).toEqual({ lost: 0, lostWhere: [], late: 0, faults: [] })
  // Every answer was waited for, so nothing that was acknowledged goes twice.
  expect({ unexplained, requests: [...requests] }).toEqual({ unexplained: [], requests: [] })
})

test('a second process on the directory is refused and told by whom; the first goes on', async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  receiver.setFault(['down'], { status: 503 })
  const proxy = await startQueued({ target: receiver.url })
  const sender = startSender({ book, url: proxy.pushUrl, source: 'a', tenants: ['well', 'down'], everyMs: 5 })
  await until(() => sender.settled > 5, { what: 'pushes are taken' })
  const listeners = ['--listen', '--listen_metrics_address', '--server.http.listen_addr']
  const flags = ['--queue', `--storage.path=${proxy.storage}`, `--target=${receiver.url}`]
  const free = listeners.map((name) => `${name}=127.0.0.1:0`)
  const second = await runSluice(['proxy', ...flags, ...free])
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`is in use by process ${proxy.program.pid} on `)
  const before = sender.settled
  await until(() => sender.settled > before + 5, { what: 'pushes are still taken' })
  receiver.setFault(['down'], undefined)
  await sender.stop()
  await proxy.drained()
  expect(book.balance()).toMatchObject({ lost: 0, late: 0, repeats: 0 })
})

test('a reload gives a failing tenant another address: its backlog goes there, in order', async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  const door = await receiver.addDoor()
  const configOf = (url: string): string => `sluice: { tenancy: { override: [{ tenants: [moved], url: "${url}" }] } }\n`
  const { pushUrl, program, drained } = await startQueued({ target: receiver.url, config: configOf(door.url) })
  await door.shut()
  const sender = startSender({ book, url: pushUrl, source: 'a', tenants: ['well', 'moved'], series: 3, everyMs: 5 })
  await until(() => sender.settled > 50, { what: 'pushes are taken' })
  expect(book.balance(['moved']).arrived).toBe(0)
  program.configure(configOf(receiver.url))
  program.signal('SIGHUP')
  await until(() => book.balance(['moved']).arrived > 0, { what: 'the backlog moves' })
  const before = sender.settled
  await until(() => sender.settled > before + 50, { what: 'pushes are still taken' })
  await sender.stop()
  await drained()
  expect(book.balance()).toMatchObject({ lost: 0, late: 0, repeats: 0 })
  expect([...sender.answers.keys()].filter((status) => status >= 300)).toEqual([])
})

const tenants = ['a', 'b', 'c', 'd']
const series = 400
const pushes = 100

/** A store with logs, tables and a list of files, all in use: what is in it, and where. */
async function makeStore(): Promise<string> {
  const book = new Book()
  const receiver = await startReceiver(book)
  receiver.setFault(tenants, { status: 503 })
  const proxy = await startQueued({ target: receiver.url })
  const sender = startSender({ book, url: proxy.pushUrl, source: 's', tenants, series, pushes })
  await until(() => sender.settled > pushes / 2, { what: 'half is stored', timeoutMs: 60_000 })
  await proxy.kill()
  await proxy.start()
  await sender.ended
  await markRests(proxy.storage)
  await proxy.kill()
  expect(book.balance()).toMatchObject({ acknowledged: tenants.length * series * pushes, arrived: 0 })
  return proxy.storage
}

/** What the store remembers of how far it had got is written a little later, and tells of logs that were cut. */
async function markRests(storage: string): Promise<void> {
  let [text, same] = ['', 0]
  const look = (): boolean => {
    const before = text
    text = readFileSync(join(storage, 'mark'), 'latin1')
    same = text === before ? same + 1 : 0
    return same === 10
  }
  await until(look, { what: 'the mark rests', everyMs: 50 })
}

const kinds = {
  version: /^version$/,
  mark: /^mark$/,
  'owner.json': /^owner\.json$/,
  CURRENT: /^db\/CURRENT$/,
  'list of files': /^db\/MANIFEST-/,
  log: /^db\/\d+\.log$/,
  table: /^db\/\d+\.ldb$/,
} as const
type Kind = keyof typeof kinds

const damages = {
  garbage: (bytes: Buffer, random: () => number) => bytes.map(() => random()),
  zeros: (bytes: Buffer) => bytes.fill(0),
  'cut in half': (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
  'flipped bytes': (bytes: Buffer, random: () => number) => {
    for (let k = 0; k < 5; k++) bytes[Math.floor((random() / 256 + k) * (bytes.length / 5))]! ^= 1 + (random() % 255)
    return bytes
  },
} as const
type Damage = keyof typeof damages

/** Starts on a damaged copy of the store, upstream well again. */
async function checkDamage(original: string, kind: Kind, damage: Damage): Promise<string> {
  const random = randomOf(seed, 2)
  const storage = join(temporaryFolder(), 'store')
  cpSync(original, storage, { recursive: true })
  const names = readdirSync(storage, { recursive: true, encoding: 'utf8' }).filter((name) => kinds[kind].test(name))
  expect(names.length, `files of the kind ${kind}`).toBeGreaterThan(0)
  for (const name of names) {
    writeFileSync(
      join(storage, name),
      damages[damage](readFileSync(join(storage, name)), () => random.byte()),
    )
  }
  const book = new Book()
  const { statuses } = book.open('s', tenants, series)
  for (let n = 1; n <= pushes; n++) statuses[n] = 204
  const receiver = await startReceiver(book)
  const { program, pushUrl, drained } = await startQueued({ target: receiver.url, storage })
  await drained()
  const { lost, late, repeats, acknowledged } = book.balance()
  // New pushes are stored and delivered as ever.
  receiver.setFault(tenants, { status: 503 })
  const sender = startSender({ book, url: pushUrl, source: 't', tenants, pushes: 5 })
  await sender.ended
  receiver.setFault(tenants, undefined)
  await drained()
  const warned = program.logged().filter(({ level }) => level === 'warn' || level === 'error')
  const aside = readdirSync(storage).filter((name) => name.startsWith('damaged-'))
  const said = `${kind}, ${damage}: ${lost} of ${acknowledged} lost, ${aside.length} set aside, ${warned.map(({ msg }) => msg).join(' | ')}`
  expect.soft({ late, repeats, faults: book.faults }, said).toEqual({ late: 0, repeats: 0, faults: [] })
  const answers = book.balance()
  expect.soft(answers.lost, said).toBe(lost)
  if (lost > 0) expect.soft(warned.length, said).toBeGreaterThan(0)
  expect.soft(program.end, said).toBeUndefined()
  return said
}

test('damaged files at the start: what can be saved arrives, and what is lost is said', {
  timeout: limitMs(100, 400),
}, async () => {
  const original = await makeStore()
  const all = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    (Object.keys(damages) as Damage[]).map((damage) => [kind, damage] as const),
  )
  const few = all.filter(([kind, damage]) =>
    ['CURRENT zeros', 'log cut in half', 'table flipped bytes'].includes(`${kind} ${damage}`),
  )
  for (const [kind, damage] of amount(few, all)) console.log(await checkDamage(original, kind, damage))
})
