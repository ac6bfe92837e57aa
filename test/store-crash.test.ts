import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { laneOf, openTestStore, readAll, textOf } from './support/store.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { until } from './support/until.ts'

const kills = 20
const tenants = ['a', 'b', 'c', 'd']

/** Starts a process that appends; `lines` is what it has said so far. */
function startChild(
  path: string,
  first: number,
): { readonly child: ChildProcess; readonly lines: string[]; readonly ended: Promise<unknown> } {
  const script = join(import.meta.dirname, 'support/store-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  return { child, lines, ended: Promise.all([once(child, 'exit'), once(reader, 'close')]) }
}

test(`a process killed ${kills} times: every acknowledged batch is there, in its order`, async () => {
  const path = join(temporaryFolder(), 'store')
  const owed = new Map(tenants.map((tenant) => [tenant, new Set<number>()]))
  let seed = Number(process.env.SLUICE_SEED ?? Date.now() % 1e6)
  console.log(`seed ${seed}`)
  let first = 0
  let acknowledged = 0
  for (let round = 0; round < kills; round++) {
    const { child, lines, ended } = startChild(path, first)
    await until(() => lines.some((line) => line.startsWith('stored')), {
      what: 'a first batch is stored',
      seen: () => lines,
    })
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    await new Promise((resolve) => setTimeout(resolve, seed % 400))
    child.kill('SIGKILL')
    await ended
    for (const line of lines) {
      const [what, tenant = '', number = ''] = line.split(' ')
      expect(what).not.toBe('log')
      if (what === 'stored') owed.get(tenant)!.add(Number(number))
      if (what === 'removed') owed.get(tenant)!.delete(Number(number))
      if (what === 'stored') acknowledged++
      if (what === 'stored') first = Math.max(first, Number(number) + 2)
    }
    const { store, logged } = await openTestStore(path)
    for (const tenant of tenants) {
      const found = (await readAll(store, laneOf(tenant))).map((batch) => Number.parseInt(textOf(batch), 10))
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
      expect([...owed.get(tenant)!].filter((number) => !found.includes(number))).toEqual([])
      expect(store.stats(laneOf(tenant)).batches).toBe(found.length)
    }
    expect(logged).toEqual([])
    await store.close()
  }
  expect(acknowledged).toBeGreaterThan(kills * tenants.length)
  console.log(`${acknowledged} batches acknowledged`)
})

test('a second process is refused, and told who has the store', async () => {
  const path = join(temporaryFolder(), 'store')
  const { child, lines } = startChild(path, 0)
  await until(() => lines.length > 10, { what: 'the first stores', seen: () => lines })
  await expect(openTestStore(path)).rejects.toMatchObject({
    code: 'STORE_IN_USE',
    message: expect.stringContaining(`is in use by process ${child.pid} on `),
  })
  const before = lines.length
  await until(() => lines.length > before + 10, { what: 'the first goes on', seen: () => lines })
  expect(lines.filter((line) => line.startsWith('log'))).toEqual([])
})
