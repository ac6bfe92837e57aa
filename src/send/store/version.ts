// Which layout a store has: a line of text beside the database, read before anything is touched.

import { readFile, writeFile } from 'node:fs/promises'
import { SluiceError } from '../../errors.ts'

const current = 1
const shape = /^sluice store (\d{1,9})\n$/

/** What the file says: `same`, `none` (no file), or `damaged`. Throws SluiceError STORE_TOO_NEW. */
export async function checkVersion(path: string): Promise<'same' | 'none' | 'damaged'> {
  let text: string
  try {
    text = await readFile(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'none'
    throw error
  }
  const version = Number(shape.exec(text)?.[1] ?? 0)
  if (version > current) {
    throw new SluiceError(
      'STORE_TOO_NEW',
      `${path} says that the store has layout ${version}; this version of Sluice knows ${current}. ` +
        'It was left untouched: use the newer version again, or another storage.path',
    )
  }
  return version === current ? 'same' : 'damaged'
}

export async function writeVersion(path: string): Promise<void> {
  await writeFile(path, `sluice store ${current}\n`, { mode: 0o600 })
}
