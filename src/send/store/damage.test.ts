import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { beforeAll, expect, test } from 'vitest'
import { batchOf, laneOf, openTestStore, readAll, textOf } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import type { Level } from './database.ts'
import { readMark } from './mark.ts'
import { openStore } from './open-store.ts'
import type { Store } from './store.ts'

const tenants = ['a', 'b', 'c']
const perTenant = 40

/** LevelDB that makes a table of little, so that a small store has several. */
const connect = (directory: string): Level =>
  new ClassicLevel(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    createIfMissing: false,
    writeBufferSize: 64 << 10,
  })

/** Every text that was stored, tenant by tenant. */
const contents = new Map(tenants.map((tenant) => [tenant, [...Array(perTenant).keys()].map((k) => textFor(tenant, k))]))

function textFor(tenant: string, k: number): string {
  return `${tenant} ${k} ${String.fromCharCode(65 + (k % 26)).repeat(3000)}`
}

/** Copies to `path` a store as a process leaves it that is killed. */
async function killedStore(folder: string, path: string): Promise<void> {
  const live = join(folder, 'live')
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const store = await openStore({
    path: live,
    maxBytes: 64 << 20,
    reserveBytes: 4096,
    wallClock: () => 5000,
    log,
    connect,
  })
  for (let k = 0; k < perTenant; k++) {
    await Promise.all(tenants.map((tenant) => store.append(laneOf(tenant), batchOf(contents.get(tenant)![k]!))))
  }
  const all = tenants.length * perTenant
  await until(async () => (await readMark(join(live, 'mark'))).sequence === all, { what: 'the mark is written' })
  cpSync(live, path, { recursive: true, filter: (file) => !file.endsWith('/LOCK') })
  await store.close()
}

async function everything(store: Store): Promise<string[]> {
  const lanes = await Promise.all(tenants.map((tenant) => readAll(store, laneOf(tenant))))
  return lanes.flat().map(textOf)
}

type Harm = (file: string) => void
const flipAt =
  (where: (size: number) => number): Harm =>
  (file) => {
    const bytes = readFileSync(file)
    const at = Math.max(0, Math.min(bytes.length - 1, where(bytes.length)))
    if (bytes.length > 0) bytes[at]! ^= 0x55
    writeFileSync(file, bytes)
  }
const harms: Record<string, Harm> = {
  emptied: (file) => truncateSync(file, 0),
  'cut in half': (file) => truncateSync(file, readFileSync(file).length >> 1),
  'cut by a byte': (file) => truncateSync(file, Math.max(0, readFileSync(file).length - 1)),
  zeros: (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length)),
  garbage: (file) => writeFileSync(file, Buffer.from(readFileSync(file).map((_, k) => (k * 7919 + 13) % 251))),
  removed: (file) => rmSync(file),
  'flipped first byte': flipAt(() => 0),
  'flipped fifth byte': flipAt(() => 5),
  'flipped in the middle': flipAt((size) => size >> 1),
  'flipped at three quarters': flipAt((size) => Math.floor(size * 0.75)),
  'flipped in the index': flipAt((size) => size - 100),
  'flipped last byte': flipAt((size) => size - 1),
}

const kinds: Record<string, (names: readonly string[]) => string | undefined> = {
  CURRENT: () => 'db/CURRENT',
  MANIFEST: (names) => names.find((name) => name.startsWith('db/MANIFEST')),
  LOG: () => 'db/LOG',
  'first table': (names) => names.find((name) => name.endsWith('.ldb')),
  'last table': (names) => names.findLast((name) => name.endsWith('.ldb')),
  log: (names) => names.find((name) => name.endsWith('.log')),
  'owner file': () => 'owner.json',
  'version record': () => 'version',
  mark: () => 'mark',
  reserve: () => 'reserve',
  'the lock’s CURRENT': () => 'lock/CURRENT',
  'the lock’s MANIFEST': (names) => names.find((name) => name.startsWith('lock/MANIFEST')),
}

/** Enough for files of a few bytes, and for those that hold nothing. */
const few = ['emptied', 'garbage', 'removed', 'flipped first byte', 'flipped last byte']

let template = ''
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  template = join(folder, 'template')
  await killedStore(folder, template)
  return () => rmSync(folder, { recursive: true, force: true })
})

test.each(Object.keys(kinds))('damage to %s: nothing is lost in silence, and the store goes on', async (kind) => {
  for (const [name, harm] of Object.entries(harms)) {
    if (!kind.includes('table') && !kind.startsWith('log') && !kind.startsWith('MANIFEST') && !few.includes(name))
      continue
    const path = join(temporaryFolder(), 'store')
    cpSync(template, path, { recursive: true })
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
    harm(join(path, kinds[kind]!(names)!))
    const { store, logged } = await openTestStore(path, { connect }).catch((error: unknown) => {
      throw new Error(`${kind} ${name}: ${String(error)}`, { cause: error })
    })
    await everything(store).catch(() => undefined)
    await until(() => store.isWritable, { what: `${kind} ${name}: writable`, seen: () => logged })
    const found = await everything(store)
    const whole = [...contents.values()].flat()
    // What is there is as it was stored, in its order, once.
    for (const tenant of tenants) {
      const mine = found.filter((text) => text.startsWith(`${tenant} `))
      expect([name, mine]).toEqual([name, contents.get(tenant)!.filter((text) => mine.includes(text))])
    }
    if (found.length < whole.length) expect([name, logged.length > 0]).toEqual([name, true])
    expect(store.list().reduce((sum, { batches }) => sum + batches, 0)).toBe(found.length)
    await store.append(laneOf('a'), batchOf('new'))
    await store.close()
    const { store: again, logged: later } = await openTestStore(path, { connect })
    expect([name, (await everything(again)).length, later]).toEqual([name, found.length + 1, []])
    await again.close()
  }
})
