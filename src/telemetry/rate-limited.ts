// Log lines that a stream of requests could repeat without end: at most one per key and minute, with the count
// of those left out. Memory is bounded however many keys there are.

import type { Log, LogFields, LogLevel } from './log.ts'
import type { Tally } from './meter.ts'

export interface RateLimitedLogOptions {
  /** Time in ms between two lines of one key; default 60 000. */
  readonly perMs?: number
  /** Milliseconds, never going back; default `performance.now()`. */
  readonly clock?: () => number
  /** Keys known at a time; default 1000. Further ones share one line per `perMs`. */
  readonly maxKeys?: number
  /** Counts the lines left out. */
  readonly suppressed?: Tally
}

/** Logs unless the key had its line lately. `fields` may be a function: it is called only for a line that is written. */
export type RateLimitedLog = (key: string, level: LogLevel, msg: string, fields?: LogFields | (() => LogFields)) => void

interface Turn {
  readonly until: number
  suppressed: number
}

const OVERFLOW = '\u0000overflow'

/** A line after some were left out carries `suppressed`, their number. */
export function createRateLimitedLog(log: Log, options: RateLimitedLogOptions = {}): RateLimitedLog {
  const { perMs = 60_000, clock = () => performance.now(), maxKeys = 1000 } = options
  // Every turn lasts equally long and is put at the end when it begins, so the order is that of expiry.
  const turns = new Map<string, Turn>()

  const room = (now: number): boolean => {
    for (const [key, turn] of turns) {
      if (turns.size < maxKeys || turn.until > now) break
      turns.delete(key)
    }
    return turns.size < maxKeys
  }

  return (wanted, level, msg, fields) => {
    if (!log.isEnabled(level)) return
    const now = clock()
    const key = turns.has(wanted) || room(now) ? wanted : OVERFLOW
    const turn = turns.get(key)
    if (turn !== undefined && turn.until > now) {
      turn.suppressed++
      if (options.suppressed !== undefined) options.suppressed.value++
      return
    }
    turns.delete(key)
    turns.set(key, { until: now + perMs, suppressed: 0 })
    const own = typeof fields === 'function' ? fields() : fields
    log[level](msg, turn?.suppressed ? { ...own, suppressed: turn.suppressed } : own)
  }
}
