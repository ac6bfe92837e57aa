// Opens the storage directory and puts the store together. One process owns a directory; nobody else may look into it.

import { chmod, mkdir } from 'node:fs/promises'
import { SluiceError } from '../../errors.ts'
import { Database, isFull, isLocked, type Level, levelAt, rootOf } from './database.ts'
import { bytesIn, freeBytes } from './disk-use.ts'
import { Inventory } from './inventory.ts'
import { type Layout, layoutOf } from './layout.ts'
import { type Lock, takeLock } from './lock.ts'
import { Mark } from './mark.ts'
import { closeIfFailed, type Opened, type OpenOptions, openDatabase } from './open-database.ts'
import { ownerInWords, removeOwner, writeOwner } from './owner.ts'
import { Pauses } from './pauses.ts'
import { every } from './periodic.ts'
import { Reclaimer } from './reclaim.ts'
import { Recovery } from './recovery.ts'
import { giveUpReserve, usualReserve } from './reserve.ts'
import type { Dropped } from './step.ts'
import { Store } from './store.ts'
import type { StoreLog } from './store-log.ts'
import { checkVersion, writeVersion } from './version.ts'
import { Writer } from './writer.ts'

export interface StoreOptions {
  /** The setting storage.path: a directory, made if need be. */
  readonly path: string
  /** Bound of what is stored, in bytes (storage.max_bytes); default: 80 % of what is free at the start, what the store has already included. */
  readonly maxBytes?: number
  /** Wall clock in ms since 1970. */
  readonly wallClock: () => number
  readonly log: StoreLog
  /** Told of what was given up, after the fact. */
  readonly onDropped?: (dropped: Dropped) => void
  /** Told when `Store.isWritable` changed. */
  readonly onWritable?: (isWritable: boolean) => void
  /** Time between two attempts to write after one failed, in ms; default 1000. */
  readonly retryMs?: number
  /** Time between two looks at what the database takes on the disk, in ms; default 5000. */
  readonly reclaimMs?: number
  /** Room kept for the day the disk is full, in bytes; default 12 MiB. */
  readonly reserveBytes?: number
  /** Makes the database that is to be opened; default LevelDB's. */
  readonly connect?: (directory: string) => Level
}

const shareOfFree = 0.8

/**
 * Opens the store. Rejects with SluiceError STORE_IN_USE (another process has it), STORE_TOO_NEW (left untouched) or
 * STORE_UNAVAILABLE (the directory can't be made, read or written). A damaged store is repaired or set aside, loudly.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, wallClock, log } = options
  const layout = layoutOf(path)
  const connect = options.connect ?? levelAt
  const openedBy = { layout, wallClock, log, connect }
  let lock: Lock | undefined
  try {
    const version = await checkVersion(layout.version)
    await makePrivate(path)
    lock = await withRoom(layout, () => takeLock(layout.lock))
    if (version === 'damaged') log.error('the store’s version record is damaged; it is written anew', { path })
    const opened = await withRoom(layout, () => openDatabase(openedBy))
    const sign = async () => {
      if (version !== 'same') await writeVersion(layout.version)
      await writeOwner(layout.owner, wallClock())
    }
    await closeIfFailed(opened.level, withRoom(layout, sign))
    return await putTogether(options, layout, lock, openedBy, opened)
  } catch (error) {
    await lock?.release()
    throw await asStoreError(error, layout)
  }
}

async function putTogether(
  options: StoreOptions,
  layout: Layout,
  lock: Lock,
  openedBy: OpenOptions,
  { level, counts, next }: Opened,
): Promise<Store> {
  const { log, onDropped = () => undefined, onWritable = () => undefined } = options
  const inventory = new Inventory()
  inventory.load(counts)
  const pauses = new Pauses()
  await pauses.load(level)
  const maxBytes = options.maxBytes ?? (await usualBound(layout))
  const database = new Database(level)
  const reclaimer = new Reclaimer(layout.database, database, maxBytes)
  const mark = new Mark(layout, next - 1)
  const writer = new Writer({
    database,
    inventory,
    maxBytes,
    onDropped,
    onWritten: (steps) => reclaimer.note(steps),
    onStored: (sequence) => mark.raise(sequence),
    onBroken: (error) => recovery.broken(error),
  })
  writer.next = next
  const recovery: Recovery = new Recovery({
    layout,
    reserveBytes: options.reserveBytes ?? usualReserve,
    retryMs: options.retryMs ?? 1000,
    log,
    onWritable,
    reopen: (suspicion) =>
      database.reopen(async () => {
        const again = await openDatabase(openedBy, suspicion)
        await closeIfFailed(again.level, writer.reconcile(again.level))
        inventory.load(again.counts)
        writer.next = Math.max(writer.next, again.next)
        return again.level
      }),
    resumed: async () => {
      writer.resume()
      await writer.flush()
      await reclaimer.run(inventory.bytes, true)
    },
  })
  await recovery.begin()
  const reclaiming = every(
    options.reclaimMs ?? 5000,
    () => reclaimer.run(inventory.bytes, false),
    (error) => log.warn('the space of deleted batches could not be given back', { err: error }),
  )
  const close = async (): Promise<void> => {
    await recovery.stop()
    await reclaiming.stop()
    await writer.flush()
    await writer.idle()
    await database.close()
    await mark.write()
    await removeOwner(layout.owner).catch(() => undefined)
    await lock.release()
  }
  return new Store({ database, inventory, pauses, writer, recovery, maxBytes, log, close })
}

/** On a full disk the reserve makes room to open: then what is delivered can be deleted. */
async function withRoom<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isFull(error) || !(await giveUpReserve(layout.reserve))) throw error
  }
  return work()
}

/** The directory 0700, and all that this process makes from now on for its owner alone: LevelDB asks for no mode. */
async function makePrivate(path: string): Promise<void> {
  try {
    process.umask(process.umask() | 0o077)
  } catch {
    // Not in a worker; there the directory's mode must do.
  }
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700).catch(() => undefined)
}

async function usualBound(layout: Layout): Promise<number> {
  return Math.floor(shareOfFree * ((await freeBytes(layout.root)) + (await bytesIn(layout.database))))
}

async function asStoreError(error: unknown, layout: Layout): Promise<SluiceError> {
  if (error instanceof SluiceError) return error
  if (isLocked(error)) {
    const text = `${layout.root} is in use by ${await ownerInWords(layout.owner)}; a store has one owner at a time`
    return new SluiceError('STORE_IN_USE', text, { cause: error })
  }
  const text = `the store in ${layout.root} can’t be opened: ${rootOf(error).message}`
  return new SluiceError('STORE_UNAVAILABLE', text, { cause: error })
}
