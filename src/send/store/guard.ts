// LevelDB repairs a little while it opens and deletes what it thinks it needs no more: after damage to its list of
// files that may be all it has. So what is there before is held by hard links, until the open store has proved complete.

import { link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const dataFile = /^\d+\.(ldb|sst|log)$/
const logFile = /^\d+\.log$/

export class Guard {
  readonly #database: string
  readonly #directory: string

  constructor(database: string, directory: string) {
    this.#database = database
    this.#directory = directory
  }

  /**
   * Links every table and log of the database. What an earlier guard still holds stays: its start never came to an
   * end. A file system without hard links, or one that is full, has no guard: false.
   */
  async raise(): Promise<boolean> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      const held = await readdir(this.#directory)
      if (held.length > 0) return true
      for (const name of await dataFiles(this.#database))
        await link(join(this.#database, name), join(this.#directory, name))
      return true
    } catch {
      await this.lower().catch(() => undefined)
      return false
    }
  }

  /** Puts every file that is gone since back into the closed database, under a new number if its own is taken. */
  async putBack(): Promise<void> {
    const there = await dataFiles(this.#database)
    const inodes = new Set(await Promise.all(there.map(async (name) => (await stat(join(this.#database, name))).ino)))
    let free = Math.max(0, ...there.map((name) => Number.parseInt(name, 10)))
    for (const name of await this.#held()) {
      if (inodes.has((await stat(join(this.#directory, name))).ino)) continue
      const isTaken = there.includes(name)
      const number = isTaken ? ++free : Number.parseInt(name, 10)
      await link(
        join(this.#directory, name),
        join(this.#database, `${String(number).padStart(6, '0')}${name.slice(name.indexOf('.'))}`),
      )
      free = Math.max(free, number)
    }
  }

  /** Keeps the logs, in which damage was found, in the directory `aside`. */
  async keepLogs(aside: string): Promise<void> {
    const logs = (await this.#held()).filter((name) => logFile.test(name))
    if (logs.length > 0) await mkdir(aside, { recursive: true, mode: 0o700 })
    for (const name of logs) await rename(join(this.#directory, name), join(aside, name))
  }

  /** Lets go of everything. */
  async lower(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #held(): Promise<string[]> {
    return dataFiles(this.#directory)
  }
}

/** Tables and logs in a directory of LevelDB's; none if there is no such directory. */
export async function dataFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => dataFile.test(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
