// One owner for a directory. Node can't lock files, LevelDB can: an empty database is kept open for its lock alone, so
// that the store's own may be closed, repaired and opened anew with nobody else coming in between.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { isDamage, isLocked } from './database.ts'

export interface Lock {
  release(): Promise<void>
}

/** Rejects as LevelDB does; `isLocked` tells whether another process, or this one, has the lock. */
export async function takeLock(directory: string): Promise<Lock> {
  try {
    return await open(directory)
  } catch (error) {
    if (isLocked(error) || !isDamage(error)) throw error
  }
  // Whoever has the lock would have kept us out before the damage was seen, and nothing in here is worth keeping.
  await rm(join(directory, 'CURRENT'), { force: true })
  return open(directory)
}

async function open(directory: string): Promise<Lock> {
  const level = new ClassicLevel(directory, { writeBufferSize: 64 << 10, cacheSize: 0 })
  await level.open()
  return { release: () => level.close() }
}
