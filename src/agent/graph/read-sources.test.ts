import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { readSources } from './read-sources.ts'

test('a file, and the files *.alloy of a directory by name', async () => {
  const folder = temporaryFolder()
  await writeFile(join(folder, 'b.alloy'), 'b')
  await writeFile(join(folder, 'a.alloy'), 'a')
  await writeFile(join(folder, 'c.txt'), 'c')
  await mkdir(join(folder, 'd.alloy'))
  const [a, b] = ['a', 'b'].map((text) => ({ name: join(folder, `${text}.alloy`), text }))
  expect(await readSources(folder)).toEqual({ sources: [a, b], diagnostics: [] })
  expect(await readSources(join(folder, 'b.alloy'))).toEqual({ sources: [b], diagnostics: [] })
})

test('what can’t be read', async () => {
  const folder = temporaryFolder()
  const check = async (path: string, message: string) =>
    expect(await readSources(path)).toMatchObject({
      sources: [],
      diagnostics: [{ severity: 'error', file: path, message }],
    })
  await check(folder, 'there are no files *.alloy in this directory')
  await check(join(folder, 'none'), 'the file cannot be read: there is no such file')
})
