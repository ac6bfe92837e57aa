// What arrived at one listener. While a round is measured only lengths and checksums are taken; each body that was not
// seen before is kept, and read after the round. Reading is exact: (tenant, length, CRC-32) says which body it was.

import { uncompress } from '../src/wire/snappy.ts'
import { addTally, emptyTally, type Tally, tallyBody } from './tally.ts'

/** What arrived since the last `clear`. */
export interface Arrivals {
  readonly tally: Tally
  readonly requests: number
  /** Requests without a tenant header. */
  readonly headless: number
  /** Requests whose body could not be read, and why the first could not. */
  readonly unreadable: number
  readonly fault?: string
}

interface Kind {
  readonly tenant: string | undefined
  /** Dropped once it is read. */
  compressed: Buffer | undefined
  tally: Tally | undefined
  fault: string | undefined
  times: number
}

/** Bodies wait unread up to this many bytes in all; beyond it each is read as it comes. */
const maxHeldBytes = 512 * 2 ** 20

export class Received {
  readonly #label: string
  readonly #tenants = new Map<string | undefined, Map<number, Kind>>()
  #held = 0

  constructor(label: string) {
    this.#label = label
  }

  /** Counts a body. `whole` gives its bytes, and is asked only if the body is new. */
  add(tenant: string | undefined, length: number, crc: number, whole: () => Buffer): void {
    let kinds = this.#tenants.get(tenant)
    if (kinds === undefined) this.#tenants.set(tenant, (kinds = new Map()))
    const key = crc * 2 ** 20 + (length % 2 ** 20)
    let kind = kinds.get(key)
    if (kind === undefined) {
      kind = { tenant, compressed: whole(), tally: undefined, fault: undefined, times: 0 }
      kinds.set(key, kind)
      this.#held += length
      if (this.#held > maxHeldBytes) this.#read(kind)
    }
    kind.times++
  }

  /** Forgets how often each body came. What it holds is kept for the next time, and forgotten if that was the last. */
  clear(): void {
    for (const kinds of this.#tenants.values()) {
      for (const [key, kind] of kinds) {
        if (kind.times === 0) this.#forget(kinds, key, kind)
        kind.times = 0
      }
    }
  }

  report(): Arrivals {
    const tally = emptyTally()
    let requests = 0
    let headless = 0
    let unreadable = 0
    let fault: string | undefined
    for (const kinds of this.#tenants.values()) {
      for (const kind of kinds.values()) {
        if (kind.times === 0) continue
        this.#read(kind)
        requests += kind.times
        if (kind.tenant === undefined) headless += kind.times
        if (kind.tally !== undefined) addTally(tally, kind.tally, kind.times)
        else {
          unreadable += kind.times
          fault ??= kind.fault
        }
      }
    }
    return { tally, requests, headless, unreadable, ...(fault === undefined ? {} : { fault }) }
  }

  #forget(kinds: Map<number, Kind>, key: number, kind: Kind): void {
    this.#held -= kind.compressed?.length ?? 0
    kinds.delete(key)
  }

  #read(kind: Kind): void {
    if (kind.compressed === undefined) return
    try {
      kind.tally = tallyBody(uncompress(kind.compressed, 2 ** 30), this.#label, kind.tenant)
    } catch (error) {
      kind.fault = error instanceof Error ? error.message : String(error)
    }
    this.#held -= kind.compressed.length
    kind.compressed = undefined
  }
}
