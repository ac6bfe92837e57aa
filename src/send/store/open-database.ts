// Opens the database whatever state its files are in: as it is, repaired, or new beside the old one that was set aside.
// Data that may still be good is never deleted, and a database that lost something without knowing is found out.

import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { isDamage, isLocked, type Level, readSpan, rootOf } from './database.ts'
import { dataFiles, Guard } from './guard.ts'
import type { LaneId } from './key.ts'
import { decodeLaneKey, keyAfter, keyKind } from './key.ts'
import { decodeCount, type LaneCount } from './lane-count.ts'
import { damagedAt, type Layout } from './layout.ts'
import { isManifestBehind, readMark } from './mark.ts'
import { bringBack, quarantine } from './quarantine.ts'
import { recount } from './recount.ts'
import type { StoreLog } from './store-log.ts'

export interface OpenOptions {
  readonly layout: Layout
  /** Wall clock in ms since 1970. */
  readonly wallClock: () => number
  readonly log: StoreLog
  /** Makes the database that is to be opened. */
  readonly connect: (directory: string) => Level
}

export interface Opened {
  readonly level: Level
  /** What each lane has stored. */
  readonly counts: readonly (readonly [LaneId, LaneCount])[]
  /** The next sequence number, over every one ever stored. */
  readonly next: number
}

/**
 * Rejects as LevelDB does if the disk fails or another process has the database; damage is dealt with here.
 * `suspicion`: why it is to be repaired even if it opens.
 */
export async function openDatabase(options: OpenOptions, suspicion?: string): Promise<Opened> {
  const { layout, log } = options
  const isNew = (await dataFiles(layout.database)).length === 0
  const guard = new Guard(layout.database, layout.guard)
  const wasClosed = (await stat(layout.owner).catch(() => undefined)) === undefined
  const aside = await damagedAt(layout, options.wallClock())
  const scene: Scene = { ...options, guard, aside, known: 0, tables: [] }
  try {
    const mark = await readMark(layout.mark)
    scene.known = mark.sequence
    scene.tables = await quarantine(layout.database, aside, wasClosed)
    if (!(await guard.raise()))
      log.warn('no hard links in the storage directory: damage there may cost more', { path: layout.root })
    const isBehind = suspicion === undefined && (await isManifestBehind(layout, mark))
    const reason = isBehind ? 'its list of files is older than its files' : suspicion
    if (reason !== undefined) return await repair(scene, reason)
    const level = await open(options, isNew)
    const opened = await closeIfFailed(level, look(level))
    if (opened !== undefined && opened.next <= scene.known) {
      await level.close()
      return await repair(
        scene,
        `batches up to number ${scene.known} were stored, the database knows of ${opened.next - 1}`,
      )
    }
    const dropped = await droppedByLevel(layout)
    if (opened !== undefined && dropped === undefined) {
      // LevelDB does not miss them: a compaction that was cut short left them.
      for (const table of scene.tables) await rm(table)
      if (scene.tables.length > 0) await rmdir(aside)
      return opened
    }
    return await mend(scene, level, dropped ?? 'a count of what is stored fails its checksum', false)
  } catch (error) {
    if (isLocked(error) || !isDamage(error)) throw error
    return await repair(scene, rootOf(error).message)
  } finally {
    await guard.lower().catch(() => undefined)
  }
}

/** What one start knows and keeps. */
interface Scene extends OpenOptions {
  readonly guard: Guard
  /** Where damaged files go. */
  readonly aside: string
  /** Every batch up to this number was stored. */
  known: number
  /** Tables with damage in them, already set aside. */
  tables: readonly string[]
}

/** What fails leaves no open database behind: its lock would keep the next attempt out. */
export async function closeIfFailed<T>(level: Level, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    await level.close()
    throw error
  }
}

async function open({ layout, connect }: OpenOptions, createIfMissing: boolean): Promise<Level> {
  if (createIfMissing) await mkdir(layout.database, { recursive: true, mode: 0o700 })
  const level = connect(layout.database)
  await level.open({ createIfMissing })
  return level
}

/** What LevelDB wrote in its own log about the records it could not read while it opened. */
async function droppedByLevel({ database }: Layout): Promise<string | undefined> {
  const text = await readFile(join(database, 'LOG'), 'latin1').catch(() => '')
  return /\S*: dropping \d+ bytes; .*/.exec(text)?.[0]
}

/** Reads what was counted; undefined if a count is damaged. */
async function look(level: Level): Promise<Opened | undefined> {
  const counts: [LaneId, LaneCount][] = []
  let next = 1
  let from: Buffer = Buffer.of(keyKind.counts)
  for (;;) {
    const span = { from, to: Buffer.of(keyKind.next + 1), maxEntries: 1000, maxBytes: 1 << 20 }
    const { entries, damaged } = await readSpan(level, span)
    if (damaged) return undefined
    for (const [key, value] of entries) {
      if (key[0] === keyKind.next) {
        next = value.length === 8 ? value.readDoubleLE() : Number.NaN
      } else {
        const id = decodeLaneKey(key)
        const count = decodeCount(key, value)
        if (id === undefined || count === undefined) return undefined
        counts.push([id, count])
      }
    }
    const end = entries.at(-1)?.[0]
    if (end === undefined) break
    from = keyAfter(end)
  }
  if (!Number.isSafeInteger(next) || counts.some(([, { last }]) => last >= next)) return undefined
  return { level, counts, next }
}

/** Has LevelDB make a new list of its files from all that the files themselves, and those it deleted, say. */
async function repair(scene: Scene, why: string): Promise<Opened> {
  const { layout, log, guard, tables } = scene
  log.error('the store is damaged; repairing it', { path: layout.root, why })
  try {
    await guard.putBack()
    await ClassicLevel.repair(layout.database)
    const level = await open(scene, false)
    await closeIfFailed(level, bringBack(level, tables))
    return await mend(scene, level, why, true)
  } catch (error) {
    if (isLocked(error) || !isDamage(error)) throw error
    return await setAside(scene, rootOf(error).message)
  }
}

/** Counts anew what an open database holds. */
async function mend(scene: Scene, level: Level, why: string, isRepaired: boolean): Promise<Opened> {
  const { layout, log, guard, aside, known } = scene
  const { last, unreadable, ...found } = await closeIfFailed(level, recount(level))
  await closeIfFailed(level, level.batch([nextOp(Math.max(last, known) + 1)], { sync: true }))
  const opened = unreadable ? undefined : await closeIfFailed(level, look(level))
  if (opened === undefined) {
    await level.close()
    if (!isRepaired) return await repair(scene, why)
    return await setAside(scene, 'it can’t be read after the repair either')
  }
  await keepAside(layout, guard, aside)
  const missing = last < known ? `those after number ${last}, up to ${known}, unless they were sent` : undefined
  const fields = { path: layout.root, why, ...found, missing, aside }
  log.error(
    'the store was damaged; what can be read was counted anew, and some of it may be sent a second time',
    fields,
  )
  return opened
}

/** Starts empty, with the old files where a person can find them. */
async function setAside(scene: Scene, why: string): Promise<Opened> {
  const { layout, log, aside, known } = scene
  await mkdir(aside, { recursive: true, mode: 0o700 })
  await rename(layout.database, join(aside, 'db')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  const fields = { path: layout.root, setAside: aside, why }
  log.error('the store could not be repaired; it was set aside, and an empty one takes its place', fields)
  const level = await open(scene, true)
  await closeIfFailed(level, level.batch([nextOp(known + 1)], { sync: true }))
  return { level, counts: [], next: known + 1 }
}

/** What LevelDB could not use, and the logs it read. */
async function keepAside(layout: Layout, guard: Guard, aside: string): Promise<void> {
  await guard.keepLogs(aside)
  const lost = join(layout.database, 'lost')
  const files = await readdir(lost).catch(() => [])
  if (files.length > 0) await mkdir(aside, { recursive: true, mode: 0o700 })
  for (const name of files) await rename(join(lost, name), join(aside, name))
}

/** Remembers the next sequence number beside what is stored under those before. */
export function nextOp(next: number) {
  const value = Buffer.allocUnsafe(8)
  value.writeDoubleLE(next)
  return { type: 'put', key: Buffer.of(keyKind.next), value } as const
}
