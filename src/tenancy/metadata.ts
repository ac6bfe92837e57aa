// Metadata of remote write 1 names a metric family, not a tenant: it follows the series of that family.
// Learns which tenants sent which series lately, holds what nobody has sent yet, and says where each record goes.
// Everything is bounded, in number and in bytes: names come from senders.

import type { Batch } from '../wire/batch.ts'
import { sameBytes } from '../wire/same-bytes.ts'
import { NOWHERE, type Split } from './split.ts'

/** Series names that belong to a family: itself, and with one of these behind it. */
const suffixes = ['', '_total', '_bucket', '_sum', '_count', '_created', '_info', '_gsum', '_gcount']

const learnedForMs = 60 * 60_000
/** A pair is written down again at most this often: what is known for up to an hour need not be exact to the minute. */
const refreshMs = 5 * 60_000
/** Longer names are not followed. */
const maxNameBytes = 512
const filterSize = 1 << 17
/**
 * After so many bodies in a row without a new pair, only every fourth is looked at: senders send the same series again
 * and again, and a pair is known for an hour. A new pair, or a record that has to be held, ends that.
 */
const barrenBodies = 64
const lookAtEvery = 4

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
  /** Pairs of name and tenant that are remembered; default 100,000. The name not seen for the longest time goes first. */
  readonly maxPairs?: number
  /** Bytes of the names that are remembered; default 16 MiB. */
  readonly maxNamesBytes?: number
  /** Bounds of what is held; defaults 10,000 records, 4 MiB, 2 min. */
  readonly maxHeld?: number
  readonly maxHeldBytes?: number
  readonly holdMs?: number
}

/** Whether a tenant may get metadata. */
export type TenantFilter = (tenant: string) => boolean

// As the codec decodes family names.
const decoder = new TextDecoder()

export class Families {
  /** Series name → tenant → when it was last written down. */
  readonly #names = new Map<string, Map<string, number>>()
  #pairs = 0
  #namesBytes = 0
  /** Marks of pairs written down lately, so that a series that comes again costs a look at this and no more. */
  readonly #filter = new Int32Array(filterSize)
  readonly #tenantMarks = new Map<string, number>()
  #lastMark = 0
  #held: Held[] = []
  #heldBytes = 0
  /** A pair came that `release` has not seen: new, or back after a while. */
  #hasNews = false
  /** Bodies since the last new pair. */
  #barren = 0
  readonly #options: Required<FamiliesOptions>

  constructor(options: FamiliesOptions = {}) {
    this.#options = {
      maxPairs: 100_000,
      maxNamesBytes: 16 << 20,
      maxHeld: 10_000,
      maxHeldBytes: 4 << 20,
      holdMs: 120_000,
      ...options,
    }
  }

  get pairs(): number {
    return this.#pairs
  }

  get held(): number {
    return this.#held.length
  }

  /**
   * Notes which tenants sent series of which names; not for tenants that `filter` refuses. `now` in ms.
   * Costs a hash of the name where it, or the tenant, differs from the item before.
   */
  learn(batch: Batch, split: Split, filter: TenantFilter, now: number): void {
    this.#barren++
    if (this.#held.length === 0 && this.#barren > barrenBodies && this.#barren % lookAtEvery !== 0) return
    const { bytes, nameStart, nameEnd, count } = batch.lean ?? batch
    const marks = split.parts.map(({ tenant }) => (filter(tenant) ? this.#markOf(tenant) : 0))
    const age = Math.floor(now / refreshMs) + 1
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let lastStart = 0
    let lastSize = -1
    let lastPart = NOWHERE
    for (let i = 0; i < count; i++) {
      const part = split.partOf[i]!
      const start = nameStart[i]!
      const size = nameEnd[i]! - start
      if (part === NOWHERE || size === 0 || size > maxNameBytes || marks[part] === 0) continue
      if (part === lastPart && size === lastSize && sameBytes(bytes, lastStart, start, size)) continue
      lastStart = start
      lastSize = size
      lastPart = part
      const hash = hashOf(bytes, view, start, start + size, marks[part]! ^ age)
      const at = hash & (filterSize - 1)
      if (this.#filter[at] === hash) continue
      this.#filter[at] = hash
      this.#write(decoder.decode(bytes.subarray(start, start + size)), split.parts[part]!.tenant, now)
    }
  }

  /** The tenants, as far as `filter` lets them, that sent series of this family within the hour. */
  tenantsOf(family: string, filter: TenantFilter, now: number): Set<string> {
    const found = new Set<string>()
    for (const suffix of suffixes) {
      for (const [tenant, at] of this.#names.get(family + suffix) ?? []) {
        if (now - at <= learnedForMs && filter(tenant)) found.add(tenant)
      }
    }
    return found
  }

  /** Forgets what these tenants, which were removed, have sent, and what is too old to be asked for. */
  forget(removed: ReadonlySet<string>, now: number): void {
    for (const tenant of removed) this.#tenantMarks.delete(tenant)
    for (const [name, tenants] of this.#names) {
      for (const [tenant, at] of tenants) {
        if (!removed.has(tenant) && now - at <= learnedForMs) continue
        tenants.delete(tenant)
        this.#pairs--
      }
      if (tenants.size > 0) continue
      this.#names.delete(name)
      this.#namesBytes -= name.length
    }
  }

  /** Keeps a copy of a record until a series of its family comes; false if there is no room. */
  hold(family: string, record: Uint8Array, fallback: string, now: number): boolean {
    if (this.#held.length >= this.#options.maxHeld) return false
    if (this.#heldBytes + record.length > this.#options.maxHeldBytes) return false
    // Not `slice`: a Buffer's is a view, and would keep the whole request alive.
    this.#held.push({ family, bytes: new Uint8Array(record), fallback, since: now })
    this.#heldBytes += record.length
    return true
  }

  /** Takes out the held records whose family is known by now (`ready`), and those that waited too long (`overdue`). */
  release(
    filter: TenantFilter,
    now: number,
  ): { ready: { record: Held; tenants: Set<string> }[]; overdue: readonly Held[] } {
    const ready: { record: Held; tenants: Set<string> }[] = []
    const overdue: Held[] = []
    const oldest = this.#held[0]
    if (oldest === undefined || !(this.#hasNews || now - oldest.since >= this.#options.holdMs)) {
      return { ready, overdue }
    }
    this.#hasNews = false
    const waiting: Held[] = []
    for (const record of this.#held) {
      const tenants = this.tenantsOf(record.family, filter, now)
      if (tenants.size > 0) ready.push({ record, tenants })
      else if (now - record.since >= this.#options.holdMs) overdue.push(record)
      else waiting.push(record)
    }
    this.#held = waiting
    this.#heldBytes = waiting.reduce((sum, record) => sum + record.bytes.length, 0)
    return { ready, overdue }
  }

  /** A number of its own for each tenant, never 0. */
  #markOf(tenant: string): number {
    let mark = this.#tenantMarks.get(tenant)
    if (mark === undefined) {
      if (this.#tenantMarks.size >= this.#options.maxPairs) this.#tenantMarks.clear()
      mark = Math.imul(++this.#lastMark, 0x9e3779b1)
      this.#tenantMarks.set(tenant, mark)
    }
    return mark
  }

  #write(name: string, tenant: string, now: number): void {
    const tenants = this.#names.get(name) ?? new Map<string, number>()
    const before = tenants.get(tenant)
    // Last in the order of the maps: the first is the one to go.
    if (!this.#names.delete(name)) this.#namesBytes += name.length
    if (!tenants.delete(tenant)) this.#pairs++
    this.#names.set(name, tenants)
    tenants.set(tenant, now)
    if (before === undefined) this.#barren = 0
    if (before === undefined || now - before > 2 * refreshMs) this.#hasNews = true
    while (this.#pairs > this.#options.maxPairs || this.#namesBytes > this.#options.maxNamesBytes) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const [name, tenants] = this.#names.entries().next().value as [string, Map<string, number>]
    tenants.delete(tenants.keys().next().value as string)
    this.#pairs--
    if (tenants.size > 0) return
    this.#names.delete(name)
    this.#namesBytes -= name.length
  }
}

/** Four bytes at a time, each mixed into all bits (the steps of MurmurHash3's finalizer). */
function hashOf(bytes: Uint8Array, view: DataView, start: number, end: number, seed: number): number {
  let hash = Math.imul(seed, 0x01000193) ^ (end - start)
  let p = start
  for (; p + 4 <= end; p += 4) {
    hash = Math.imul(hash ^ view.getInt32(p, true), 0x85ebca6b)
    hash ^= hash >>> 13
  }
  for (; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0xc2b2ae35)
  hash ^= hash >>> 16
  return hash
}
