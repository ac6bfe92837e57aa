// Time, as a value: what the sample sender and `sluice dev` wait by, so that tests can make it fast.

import { setTimeout as wait } from 'node:timers/promises'

export interface Clock {
  /** ms since 1970. */
  now(): number
  /** Resolves after `ms`, or at once when `signal` fires. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
}
