// LevelDB as the store needs it: nothing compressed twice, little memory, reads that say when a part can't be read,
// and a way to close and open it under its users, since after a failed write that is the only cure (what a broken
// write left in the log would hide every later record of its block).

import { ClassicLevel } from 'classic-level'

export type Level = ClassicLevel<Buffer, Buffer>

export type Op =
  | { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: Buffer }

export interface Span {
  readonly from: Uint8Array
  /** Not included. */
  readonly to: Uint8Array
  readonly maxEntries: number
  /** Reading ends with the entry that goes over this. */
  readonly maxBytes: number
}

export interface Found {
  readonly entries: readonly (readonly [key: Buffer, value: Buffer])[]
  /** A block within the span can't be read; what lies behind it may be among the entries or not. */
  readonly damaged: boolean
}

/** Up to two of these are in memory, and as much must fit on the disk for the database to open after a failure. */
export const writeBufferBytes = 4 << 20

/** A database that is not open yet. */
export function levelAt(directory: string): Level {
  return new ClassicLevel<Buffer, Buffer>(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    createIfMissing: false,
    writeBufferSize: writeBufferBytes,
    maxFileSize: 4 << 20,
    cacheSize: 1 << 20,
    maxOpenFiles: 200,
  })
}

/** LevelDB says that its files make no sense: some are missing, say nonsense, or are empty, which can’t be mapped. */
export function isDamage(error: unknown): boolean {
  const cause = rootOf(error)
  return (
    cause.code === 'LEVEL_CORRUPTION' ||
    /does not exist|No such file|not an sstable|\.(ldb|sst): Invalid argument/.test(cause.message)
  )
}

/** Another process has the database open. */
export function isLocked(error: unknown): boolean {
  return rootOf(error).code === 'LEVEL_LOCKED'
}

/** The disk has no room. */
export function isFull(error: unknown): boolean {
  const { code, message } = rootOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT' || /No space left|quota exceeded/i.test(message)
}

export function rootOf(error: unknown): { readonly code: string | undefined; readonly message: string } {
  let root = error
  while (root instanceof Error && root.cause instanceof Error) root = root.cause
  return root instanceof Error
    ? (root as Error & { code: string | undefined })
    : { code: undefined, message: String(root) }
}

export async function readSpan(level: Level, { from, to, maxEntries, maxBytes }: Span): Promise<Found> {
  const range = { gte: Buffer.from(from), lt: Buffer.from(to), fillCache: false, highWaterMarkBytes: maxBytes }
  const iterator = level.iterator(range)
  try {
    return { entries: await iterator.nextv(maxEntries), damaged: false }
  } catch (error) {
    if (!isDamage(error)) throw error
  } finally {
    await iterator.close()
  }
  return readOneByOne(level, range, maxEntries, maxBytes)
}

/** LevelDB passes over what it can't read and says so at the end: entries asked for together would be lost with it. */
async function readOneByOne(level: Level, range: object, maxEntries: number, maxBytes: number): Promise<Found> {
  const iterator = level.iterator(range)
  const entries: [Buffer, Buffer][] = []
  let bytes = 0
  try {
    while (entries.length < maxEntries && bytes <= maxBytes) {
      const [entry] = await iterator.nextv(1)
      if (entry === undefined) return { entries, damaged: false }
      entries.push(entry)
      bytes += entry[0].length + entry[1].length
    }
    return { entries, damaged: false }
  } catch (error) {
    if (!isDamage(error)) throw error
    return { entries, damaged: true }
  } finally {
    await iterator.close()
  }
}

/** The open database and those who use it. */
export class Database {
  #level: Level | undefined
  #users = 0
  #lastLeft: (() => void) | undefined
  #changing: Promise<void> | undefined

  constructor(level: Level) {
    this.#level = level
  }

  /** Runs `use` while the database is open. Rejects if it could not be opened again. */
  async with<T>(use: (level: Level) => Promise<T>): Promise<T> {
    while (this.#changing !== undefined) await this.#changing
    if (this.#level === undefined) throw new Error('the database is closed')
    this.#users++
    try {
      return await use(this.#level)
    } finally {
      if (--this.#users === 0) this.#lastLeft?.()
    }
  }

  /** Closes the database once nobody uses it, then `open`s it again; new users wait. Rejects as `open` does. */
  async reopen(open: () => Promise<Level>): Promise<void> {
    const changed = this.#change(open)
    this.#changing = changed.then(
      () => undefined,
      () => undefined,
    )
    try {
      await changed
    } finally {
      this.#changing = undefined
    }
  }

  async close(): Promise<void> {
    await this.#change(async () => undefined)
  }

  async #change(open: () => Promise<Level | undefined>): Promise<void> {
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#lastLeft = resolve))
    this.#lastLeft = undefined
    const old = this.#level
    this.#level = undefined
    await old?.close()
    this.#level = await open()
  }
}
