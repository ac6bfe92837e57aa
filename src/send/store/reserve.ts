// Room kept for the day the disk is full: a file that is given up then, so that the database can open again and what
// was delivered can be deleted. That it can be made again is the proof that there is room for new batches.

import { randomFillSync } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import { writeBufferBytes } from './database.ts'

/** What LevelDB may have to write to open: the two buffers that its logs may hold, and its list of files. */
export const usualReserve = 3 * writeBufferBytes

/** Rejects, with nothing left behind, if there is no room. */
export async function makeReserve(path: string, bytes: number): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.size === bytes) return
  const file = await open(path, 'w', 0o600)
  try {
    // Random, since a file system that packs zeros would keep no room.
    const block = randomFillSync(Buffer.allocUnsafe(Math.min(bytes, 1 << 20)))
    for (let at = 0; at < bytes; at += block.length) await file.writeFile(block.subarray(0, bytes - at))
    await file.sync()
  } catch (error) {
    await file.close()
    await giveUpReserve(path)
    throw error
  }
  await file.close()
}

/** False: there was none. */
export async function giveUpReserve(path: string): Promise<boolean> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  await rm(path, { force: true })
  return isThere
}
