// Who has the store open. LevelDB's lock decides; this file only says who holds it, for the one who is refused.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'

interface Owner {
  readonly pid: number
  readonly host: string
  /** ISO 8601. */
  readonly since: string
}

/** Who wrote the file, in words. Any content, or none, is an answer. */
export async function ownerInWords(path: string): Promise<string> {
  try {
    const { pid, host, since } = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>
    if (Number.isSafeInteger(pid) && typeof host === 'string' && typeof since === 'string') {
      return `process ${pid} on ${host.slice(0, 255)}, since ${since.slice(0, 40)}`
    }
  } catch {
    // Unreadable, or not the file that `writeOwner` made: said below.
  }
  return 'a process that left no name'
}

export async function writeOwner(path: string, now: number): Promise<void> {
  const owner: Owner = { pid: process.pid, host: hostname(), since: new Date(now).toISOString() }
  await writeFile(path, `${JSON.stringify(owner)}\n`, { mode: 0o600 })
}

export async function removeOwner(path: string): Promise<void> {
  await rm(path, { force: true })
}
