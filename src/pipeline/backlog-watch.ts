// Says in the log who has begun to fall behind and who has caught up again: one line each, not one for every failure.

import type { QueueStats } from '../send/store/inventory.ts'
import { type Queue, queueName } from '../send/store/key.ts'
import type { LimitedLog } from './report.ts'

/** What is stored for less time than this is no backlog. */
const behindAfterMs = 5000

interface Backlog {
  readonly queue: Queue
  readonly since: number
  isTold: boolean
}

export class BacklogWatch {
  readonly #log: LimitedLog
  readonly #why: (queue: Queue) => string | undefined
  /** Queues that have something stored, by name. */
  readonly #known = new Map<string, Backlog>()

  /** `why`: what holds a queue up, in words for people. */
  constructor(log: LimitedLog, why: (queue: Queue) => string | undefined) {
    this.#log = log
    this.#why = why
  }

  /** Call it every second or so. `stored`: what queues have stored at this moment; `now`: time in ms that never goes back. */
  look(stored: readonly QueueStats[], now: number): void {
    const gone = new Map(this.#known)
    for (const stats of stored) {
      const name = queueName(stats.queue)
      gone.delete(name)
      const backlog = this.#known.get(name)
      if (backlog === undefined) this.#known.set(name, { queue: stats.queue, since: now, isTold: false })
      else if (!backlog.isTold && now - backlog.since >= behindAfterMs) this.#tellBehind(backlog, stats)
    }
    for (const [name, { queue, since, isTold }] of gone) {
      this.#known.delete(name)
      if (!isTold) continue
      const seconds = Math.round((now - since) / 1000)
      this.#log(`caught up ${name}`, 'info', 'a tenant has caught up: nothing of it is stored', () => ({
        ...queue,
        seconds,
      }))
    }
  }

  #tellBehind(backlog: Backlog, { queue, batches, samples, bytes }: QueueStats): void {
    backlog.isTold = true
    this.#log(`behind ${queueName(queue)}`, 'warn', 'a tenant is behind: its data is stored and sent later', () => {
      const why = this.#why(queue)
      return { ...queue, batches, samples, bytes, ...(why !== undefined && { why }) }
    })
  }
}
