// Takes damaged tables out of the database's directory before LevelDB sees them, and brings back what can be read.

import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Level, type Op, readSpan } from './database.ts'
import { dataFiles } from './guard.ts'
import { keyAfter, keyKind } from './key.ts'
import { faultOf, salvage } from './table-file.ts'

/** Up to so many bytes of tables are read whole at every start; more only if the last owner did not close the store. */
const alwaysDeep = 1 << 30

/** Moves damaged tables to the directory `aside`; resolves to their paths there. */
export async function quarantine(database: string, aside: string, wasClosed: boolean): Promise<string[]> {
  const tables = (await dataFiles(database)).filter((name) => !name.endsWith('.log'))
  let bytes = 0
  for (const name of tables) bytes += (await stat(join(database, name))).size
  const deep = !wasClosed || bytes <= alwaysDeep
  const moved: string[] = []
  for (const name of tables) {
    if ((await faultOf(join(database, name), deep)) === undefined) continue
    await mkdir(aside, { recursive: true, mode: 0o700 })
    await rename(join(database, name), join(aside, name))
    moved.push(join(aside, name))
  }
  return moved
}

/** Puts records and pauses that these tables still hold back into the database, unless it has them. */
export async function bringBack(level: Level, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const ops: Op[] = []
    for (const [key, value] of salvage(await readFile(table))) {
      if (key[0] !== keyKind.record && key[0] !== keyKind.paused && key[0] !== keyKind.damaged) continue
      const span = { from: key, to: keyAfter(key), maxEntries: 1, maxBytes: 1 }
      if ((await readSpan(level, span)).entries.length === 0) ops.push({ type: 'put', key, value })
    }
    if (ops.length > 0) await level.batch(ops, { sync: true })
  }
}
