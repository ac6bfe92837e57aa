// Why are my metrics missing: what was refused or dropped lately, folded by reason, tenant, metric, job and
// sender. Bounded in entries and in the length of every text, so that hostile senders only displace each other.

import { isIP } from 'node:net'
import { LRUCache } from 'lru-cache'
import { truncate } from './redact.ts'

/** Items of one request that were refused or dropped alike. Callers fold before they call: once a request and kind. */
export interface RejectedItems {
  readonly reason: string
  /** The tenant, or the id that was refused; undefined where none was found. */
  readonly tenant: string | undefined
  /** Metric name; '' where there is none. */
  readonly metric: string
  /** Value of the label `job`; '' where there is none. */
  readonly job: string
  /** `ip:port`, or a host. Only the host is kept. */
  readonly sender: string
  /** Labels of one of them, in wire order. */
  readonly example: readonly (readonly [name: string, value: string])[]
  /** Number of items; at least 1. */
  readonly count: number
}

export interface Rejection extends RejectedItems {
  /** Milliseconds since 1970. */
  readonly firstMs: number
  readonly lastMs: number
}

export interface RejectionLog {
  add(items: RejectedItems): void
  /** Latest first. */
  list(): Rejection[]
  readonly size: number
}

export interface RejectionLogOptions {
  /** Entries held; default 1000. The one not seen for the longest time goes first. */
  readonly max?: number
  /** Milliseconds since 1970; default `Date.now()`. */
  readonly clock?: () => number
}

const MAX_TEXT = 256
const MAX_LABELS = 64

export function createRejectionLog(options: RejectionLogOptions = {}): RejectionLog {
  const { max = 1000, clock = Date.now } = options
  const entries = new LRUCache<string, Rejection>({ max })

  return {
    add(items) {
      const now = clock()
      const about = {
        reason: cut(items.reason),
        tenant: items.tenant === undefined ? undefined : cut(items.tenant),
        metric: cut(items.metric),
        job: cut(items.job),
        sender: hostOf(items.sender),
      }
      const key = JSON.stringify(Object.values(about).map((part) => part ?? null))
      const known = entries.get(key)
      if (known !== undefined) {
        entries.set(key, { ...known, count: known.count + items.count, lastMs: now })
        return
      }
      const example = items.example.slice(0, MAX_LABELS).map(([name, value]) => [cut(name), cut(value)] as const)
      entries.set(key, { ...about, example, count: items.count, firstMs: now, lastMs: now })
    },
    list: () => [...entries.values()],
    get size() {
      return entries.size
    },
  }
}

// A sender's port changes with every connection and would make an entry each.
function hostOf(sender: string): string {
  if (isIP(sender) !== 0) return sender
  const host = /^\[?(.*?)\]?(?::\d+)?$/s.exec(sender)?.[1] ?? sender
  return cut(host)
}

function cut(text: string): string {
  return truncate(text, MAX_TEXT)
}
