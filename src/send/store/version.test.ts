import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { batchOf, laneOf, openTestStore } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'

test('a store of a newer version is refused, and no byte of it is touched', async () => {
  const path = join(temporaryFolder(), 'store')
  const { store } = await openTestStore(path)
  await store.append(laneOf('a'), batchOf('1'))
  await store.close()
  writeFileSync(join(path, 'version'), 'sluice store 2\n')
  const copy = join(temporaryFolder(), 'copy')
  cpSync(path, copy, { recursive: true })
  await expect(openTestStore(path)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
  const filesOf = (root: string) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, name)).isFile())
      .map((name) => [name, readFileSync(join(root, name), 'base64')])
  expect(filesOf(path)).toEqual(filesOf(copy))
})
