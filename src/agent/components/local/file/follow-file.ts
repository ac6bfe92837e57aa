// Finds out that a file may have changed: told by the system, and by looking. The folder is watched, not the file: a
// file that is replaced by another is another one, and Kubernetes swaps a link beside it.

import { dirname } from 'node:path'
import { watch } from 'chokidar'
import type { ReceiveLog } from '../../../../receive/log.ts'

export interface FollowOptions {
  readonly filename: string
  readonly detector: 'fsnotify' | 'poll'
  readonly pollMs: number
  readonly log: ReceiveLog
  /** Called when it may have changed, never twice at a time. Must not reject. */
  readonly look: () => Promise<void>
}

/** Alloy's: a file is not read in the middle of being written, if that is quick. */
const settleMs = 30

/** Resolves, of what it returns: no look is under way any more, and none comes. */
export function followFile({ filename, detector, pollMs, log, look }: FollowOptions): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let looking = Promise.resolve()
  let isStopped = false
  const soon = (): void => {
    if (isStopped) return
    timer ??= setTimeout(() => {
      timer = undefined
      looking = looking.then(() => (isStopped ? undefined : look()))
    }, settleMs)
  }
  const poll = setInterval(soon, pollMs).unref()
  const watcher = detector === 'fsnotify' ? watch(dirname(filename), { depth: 0, ignoreInitial: true }) : undefined
  // Raw: a link put in another's place is no change to chokidar.
  watcher?.on('raw', soon)
  watcher?.on('all', soon)
  // What changed before the watch began was seen by nobody.
  watcher?.on('ready', soon)
  watcher?.on('error', (err) => log.warn(`the file is only looked at every ${pollMs} ms`, { path: filename, err }))
  return async () => {
    isStopped = true
    clearInterval(poll)
    clearTimeout(timer)
    await watcher?.close()
    await looking
  }
}
