// Looks into the store of a process that does not run. The store is opened as its process would: nobody else has it
// meanwhile.

import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type QueueListJson, queueJson, storeJson } from '../../admin/queue-views.ts'
import { SluiceError } from '../../errors.ts'
import type { Amount, QueueChoice, QueueControl } from '../../proxy/queue-control.ts'
import type { QueueFilter } from '../../send/store/queue-filter.ts'
import { CommandFailure, exitCode } from '../exit.ts'

export const listStopped = (path: string, choice: QueueChoice): Promise<QueueListJson> =>
  withStore(path, (control) => {
    const now = Date.now()
    const queues = control.list(choice).map((queue) => queueJson(queue, now))
    return { enabled: true, store: { ...storeJson(control), max_bytes: null }, queues }
  })

export const dropStopped = (path: string, filter: QueueFilter): Promise<Amount> =>
  withStore(path, (control) => control.drop(filter))

async function withStore<T>(path: string, use: (control: QueueControl) => T | Promise<T>): Promise<T> {
  // Opening would make one.
  await access(join(path, 'db')).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(exitCode.failed, `--storage.path "${path}": there is no store (${error.code})`)
  })
  const { openStore } = await import('../../send/store/open-store.ts')
  const { createQueueControl } = await import('../../proxy/queue-control.ts')
  try {
    const store = await openStore({ path, maxBytes: unbounded, wallClock: Date.now, log: toStandardError })
    try {
      return await use(createQueueControl({ store }))
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const hint = error.code === 'STORE_IN_USE' ? '\n  hint: while it runs, ask it: --admin ADDR' : ''
    throw new CommandFailure(exitCode.failed, `${error.message}${hint}`)
  }
}

/** Its process knows the bound; nothing may be given up for one that is guessed. */
const unbounded = 2 ** 50

const say = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
  const { err, ...rest } = fields
  const why = err instanceof Error ? `: ${err.message}` : ''
  process.stderr.write(`${message}${why} ${JSON.stringify(rest)}\n`)
}
const toStandardError = { info: () => undefined, warn: say, error: say }
