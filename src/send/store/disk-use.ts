// What the store takes on the disk, and what there is.

import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of the files in a directory, those below it left out. */
export async function bytesIn(directory: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(directory)).map(
      async (name) => (await stat(join(directory, name)).catch(() => undefined))?.size ?? 0,
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** About what LevelDB writes while it opens: its logs as tables, and its list of files. */
export async function bytesToOpen(directory: string): Promise<number> {
  const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'))
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(directory, name))).size))
  return sizes.reduce((sum, size) => sum + size, 256 << 10)
}

/** Bytes that this process may still write where `directory` is. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
