// Waiting for a condition: looked at again and again until it holds, with a deadline whose error says what was missing.

import { setTimeout as wait } from 'node:timers/promises'

export interface UntilOptions {
  /** Completes "… did not happen": what is waited for. */
  readonly what: string
  /** Default 20 s. */
  readonly timeoutMs?: number
  /** Between two looks; default 25 ms. */
  readonly everyMs?: number
  /** Said when time is up: what was seen last. */
  readonly seen?: () => unknown
}

/** Resolves to the first value that is neither undefined nor false. What the look throws counts as "not yet". */
export async function until<T>(look: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<T>> {
  const { what, timeoutMs = 20_000, everyMs = 25, seen } = options
  const end = performance.now() + timeoutMs
  let trouble: unknown
  for (;;) {
    try {
      const value = await look()
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>
    } catch (error) {
      trouble = error
    }
    if (performance.now() > end) break
    await wait(everyMs)
  }
  const details = seen === undefined ? (trouble ?? '') : JSON.stringify(seen())
  throw new Error(`within ${timeoutMs} ms this did not happen: ${what} ${details}`)
}

/** Resolves once `check` throws no more, looking every 5 ms; after 20 s it rejects with what was thrown last. */
export async function eventually(check: () => unknown): Promise<void> {
  for (const end = performance.now() + 20_000; ; await wait(5)) {
    try {
      await check()
      return
    } catch (error) {
      if (performance.now() > end) throw error
    }
  }
}
