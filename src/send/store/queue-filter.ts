// Which queues a command is about. Apart from the database, so that who only asks does not load it.

import type { Queue } from './key.ts'

/** A tenant's queues: all, or those of one endpoint, of one signal. */
export interface QueueFilter {
  readonly tenant: string
  readonly endpoint?: string
  readonly signal?: Queue['signal']
}

export function matchesQueue({ tenant, endpoint, signal }: QueueFilter, queue: Queue): boolean {
  return (
    queue.tenant === tenant &&
    (endpoint === undefined || queue.endpoint === endpoint) &&
    (signal === undefined || queue.signal === signal)
  )
}
