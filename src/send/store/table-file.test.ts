import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { faultOf, salvage } from './table-file.ts'

const entries = [...Array(300).keys()].map(
  (k) => [`key ${String(k).padStart(3, '0')}`, `${k} ${String.fromCharCode(65 + (k % 26)).repeat(2000)}`] as const,
)

/** The path of a table as LevelDB writes it, with `entries` in it. */
async function tableOf(write: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(temporaryFolder(), 'db')
  await write(directory)
  const [table, ...others] = readdirSync(directory).filter((name) => name.endsWith('.ldb'))
  expect(others).toEqual([])
  return join(directory, table!)
}

const filled = (compression: boolean) => async (directory: string) => {
  const level = new ClassicLevel(directory, { compression })
  await level.batch(entries.map(([key, value]) => ({ type: 'put', key, value }) as const))
  await level.compactRange('', 'z')
  await level.close()
}

const repaired = async (directory: string) => {
  const level = new ClassicLevel(directory, { compression: false })
  await level.batch(entries.map(([key, value]) => ({ type: 'put', key, value }) as const))
  await level.close()
  await ClassicLevel.repair(directory)
}

test.each([
  ['plain', filled(false)],
  ['packed', filled(true)],
  ['as a repair writes it', repaired],
])('a table that is %s has no fault; of a damaged one every good block is read', async (_, write) => {
  const path = await tableOf(write)
  expect([await faultOf(path, false), await faultOf(path, true)]).toEqual([undefined, undefined])
  const table = readFileSync(path)
  const read = (bytes: Buffer) => salvage(bytes).map(([key, value]) => [key.toString(), value.toString()])
  expect(read(table)).toEqual(entries)
  const withoutEnd = table.subarray(0, -1)
  expect(read(withoutEnd)).toEqual(entries)
  const flipped = Buffer.from(table)
  flipped[50]! ^= 0x55
  const left = read(flipped)
  expect(left.length).toBeGreaterThan(250)
  expect(left).toEqual(entries.slice(-left.length))
})
