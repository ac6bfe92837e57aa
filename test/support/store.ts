// What the store's tests share: batches, and a store whose log is kept.

import { onTestFinished } from 'vitest'
import type { LaneId } from '../../src/send/store/key.ts'
import { openStore, type StoreOptions } from '../../src/send/store/open-store.ts'
import type { Store, StoredBatch } from '../../src/send/store/store.ts'

export { batchOf, laneOf, textOf } from './store-batches.ts'

/** Opens a store with a small reserve and a log that is kept in `logged`. It is closed when the test ends. */
export async function openTestStore(path: string, more: Partial<StoreOptions> = {}) {
  const logged: string[] = []
  const note = (message: string, fields: object = {}) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log = { info: () => undefined, warn: note, error: note }
  const store = await openStore({
    path,
    maxBytes: 64 << 20,
    reserveBytes: 4096,
    retryMs: 10,
    wallClock: () => 5000,
    log,
    ...more,
  })
  onTestFinished(() => store.close())
  return { store, logged }
}

/** Everything a lane has stored, read from its start. */
export async function readAll(store: Store, lane: LaneId): Promise<StoredBatch[]> {
  const all: StoredBatch[] = []
  for (;;) {
    const batches = await store.read(lane, { after: all.at(-1)?.sequence ?? 0 })
    if (batches.length === 0) return all
    all.push(...batches)
  }
}
