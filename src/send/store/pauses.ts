// Which tenants are paused: rules that may name an endpoint and a signal, kept over restarts.

import { type Level, type Op, readSpan } from './database.ts'
import { keyKind, type Queue } from './key.ts'
import type { QueueFilter } from './queue-filter.ts'

export { matchesQueue, type QueueFilter } from './queue-filter.ts'

export class Pauses {
  readonly #rules = new Set<string>()

  /** Reads the rules of a database. */
  async load(level: Level): Promise<void> {
    const span = {
      from: Buffer.of(keyKind.paused),
      to: Buffer.of(keyKind.paused + 1),
      maxEntries: 1e6,
      maxBytes: 64 << 20,
    }
    const { entries } = await readSpan(level, span)
    this.#rules.clear()
    for (const [key] of entries) this.#rules.add(key.toString('utf8', 1))
  }

  has({ endpoint, signal, tenant }: Queue): boolean {
    if (this.#rules.size === 0) return false
    return [endpoint, ''].some((e) => [signal, ''].some((s) => this.#rules.has(`${e}\0${s}\0${tenant}`)))
  }

  /** All rules. */
  list(): QueueFilter[] {
    return [...this.#rules].map(filterOf)
  }

  /** What to write for a rule more; `set` it once that is written. */
  adding(filter: QueueFilter): Op {
    return { type: 'put', key: keyOf(ruleOf(filter)), value: Buffer.alloc(0) }
  }

  add(filter: QueueFilter): void {
    this.#rules.add(ruleOf(filter))
  }

  /** The rules that `filter` covers: those go when it is resumed. */
  coveredBy(filter: QueueFilter): string[] {
    return [...this.#rules].filter((rule) => {
      const { tenant, endpoint, signal } = filterOf(rule)
      if (tenant !== filter.tenant) return false
      return [
        [filter.endpoint, endpoint],
        [filter.signal, signal],
      ].every(([asked, has]) => asked === undefined || asked === has)
    })
  }

  removing(rules: readonly string[]): Op[] {
    return rules.map((rule) => ({ type: 'del', key: keyOf(rule) }))
  }

  remove(rules: readonly string[]): void {
    for (const rule of rules) this.#rules.delete(rule)
  }
}

function ruleOf({ endpoint, signal, tenant }: QueueFilter): string {
  return `${endpoint ?? ''}\0${signal ?? ''}\0${tenant}`
}

function filterOf(rule: string): QueueFilter {
  const [endpoint, signal, tenant = ''] = rule.split('\0')
  const isSignal = signal === 'metrics' || signal === 'logs'
  return { tenant, ...(endpoint ? { endpoint } : {}), ...(isSignal ? { signal } : {}) }
}

function keyOf(rule: string): Buffer {
  return Buffer.concat([Buffer.of(keyKind.paused), Buffer.from(rule)])
}
