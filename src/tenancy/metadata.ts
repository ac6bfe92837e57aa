// Metadata of remote write 1 names a metric family, not a tenant: it follows the series of that family.
// Learns which tenants sent which series lately, holds what nobody has sent yet, and says where each record goes.

import type { Batch } from '../wire/batch.ts'
import { NOWHERE, type Split } from './split.ts'

/** Series names that belong to a family: itself, and with one of these behind it. */
const suffixes = ['', '_total', '_bucket', '_sum', '_count', '_created', '_info', '_gsum', '_gcount']

const learnedForMs = 60 * 60_000
/** A pair is written down again at most this often: what is known for up to an hour need not be exact to the minute. */
const refreshMs = 5 * 60_000
const maxPairs = 100_000
const filterSize = 1 << 17

/** One record that waits for a series of its family. */
export interface Held {
  readonly family: string
  /** The record as it came, tag and length included. */
  readonly bytes: Uint8Array
  /** Tenant that gets it if no series comes; '' for none. */
  readonly fallback: string
  readonly since: number
}

export interface FamiliesOptions {
  /** Bounds of what is held; defaults 10,000 records, 4 MiB, 2 min. */
  readonly maxHeld?: number
  readonly maxHeldBytes?: number
  readonly holdMs?: number
}

const decoder = new TextDecoder()

export class Families {
  /** Series name → tenant → when it was last written down. */
  readonly #names = new Map<string, Map<string, number>>()
  #pairs = 0
  readonly #filter = new Int32Array(filterSize)
  readonly #tenantMarks = new Map<string, number>()
  #held: Held[] = []
  #heldBytes = 0
  readonly #options: Required<FamiliesOptions>

  constructor(options: FamiliesOptions = {}) {
    this.#options = { maxHeld: 10_000, maxHeldBytes: 4 << 20, holdMs: 120_000, ...options }
  }

  get pairs(): number {
    return this.#pairs
  }

  get held(): number {
    return this.#held.length
  }

  /** Notes which tenants sent series of which names. `now` in ms. Costs a hash of the name where the last one differs. */
  learn(batch: Batch, split: Split, now: number): void {
    const { bytes, nameStart, nameEnd, count } = batch
    const marks = split.parts.map((part) => this.#markOf(part.tenant))
    const age = Math.floor(now / refreshMs) + 1
    let lastStart = 0
    let lastSize = -1
    let lastPart = NOWHERE
    for (let i = 0; i < count; i++) {
      const part = split.partOf[i]!
      const start = nameStart[i]!
      const size = nameEnd[i]! - start
      if (part === NOWHERE || size === 0) continue
      if (part === lastPart && size === lastSize && sameName(bytes, lastStart, start, size)) continue
      lastStart = start
      lastSize = size
      lastPart = part
      let hash = Math.imul(marks[part]! ^ age, 0x01000193)
      for (let p = start; p < start + size; p++) hash = Math.imul(hash ^ bytes[p]!, 0x01000193)
      hash ^= hash >>> 15
      const at = hash & (filterSize - 1)
      if (this.#filter[at] === hash) continue
      this.#filter[at] = hash
      this.#write(decoder.decode(bytes.subarray(start, start + size)), split.parts[part]!.tenant, now)
    }
  }

  /** The tenants that sent series of this family within the hour. */
  tenantsOf(family: string, now: number): Set<string> {
    const found = new Set<string>()
    for (const suffix of suffixes) {
      for (const [tenant, at] of this.#names.get(family + suffix) ?? []) if (now - at <= learnedForMs) found.add(tenant)
    }
    return found
  }

  /** Keeps a record until a series of its family comes; false if there is no room. */
  hold(family: string, record: Uint8Array, fallback: string, now: number): boolean {
    if (this.#held.length >= this.#options.maxHeld) return false
    if (this.#heldBytes + record.length > this.#options.maxHeldBytes) return false
    this.#held.push({ family, bytes: record.slice(), fallback, since: now })
    this.#heldBytes += record.length
    return true
  }

  /** Takes out the held records whose family is known by now (`ready`), and those that waited too long (`overdue`). */
  release(now: number): { ready: { record: Held; tenants: Set<string> }[]; overdue: Held[] } {
    const ready: { record: Held; tenants: Set<string> }[] = []
    const overdue: Held[] = []
    const waiting: Held[] = []
    for (const record of this.#held) {
      const tenants = this.tenantsOf(record.family, now)
      if (tenants.size > 0) ready.push({ record, tenants })
      else if (now - record.since >= this.#options.holdMs) overdue.push(record)
      else waiting.push(record)
    }
    this.#held = waiting
    this.#heldBytes = waiting.reduce((sum, record) => sum + record.bytes.length, 0)
    return { ready, overdue }
  }

  #markOf(tenant: string): number {
    let mark = this.#tenantMarks.get(tenant)
    if (mark === undefined) {
      if (this.#tenantMarks.size >= maxPairs) this.#tenantMarks.clear()
      mark = Math.imul(this.#tenantMarks.size + 1, 0x9e3779b1)
      this.#tenantMarks.set(tenant, mark)
    }
    return mark
  }

  #write(name: string, tenant: string, now: number): void {
    let tenants = this.#names.get(name)
    if (tenants === undefined) {
      tenants = new Map()
    } else {
      // Last in the order of the map: the first is the one to go.
      this.#names.delete(name)
      this.#pairs -= tenants.delete(tenant) ? 1 : 0
    }
    this.#names.set(name, tenants)
    tenants.set(tenant, now)
    this.#pairs++
    while (this.#pairs > maxPairs) {
      const [oldest, gone] = this.#names.entries().next().value as [string, Map<string, number>]
      const first = gone.keys().next().value as string
      gone.delete(first)
      this.#pairs--
      if (gone.size === 0) this.#names.delete(oldest)
    }
  }
}

function sameName(bytes: Uint8Array, a: number, b: number, size: number): boolean {
  for (let k = 0; k < size; k++) if (bytes[a + k] !== bytes[b + k]) return false
  return true
}
