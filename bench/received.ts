// What arrived at one listener. While a round is measured only lengths and checksums are taken; each body that was not
// seen before is kept, and read after the round; one of 2.0 at once, for the answer has to say what it holds. Reading is
// exact: (tenant, form, length, CRC-32) says which body it was.

import { uncompress } from '../src/wire/snappy.ts'
import type { Message } from './message.ts'
import { addTally, emptyTally, type Tally, tallyBody, totalSamples } from './tally.ts'
import { tallyBody2 } from './tally-2.ts'

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

/** Who a request is for, and the form of its body. */
export interface Addressed {
  readonly tenant: string | undefined
  readonly message: Message
}

interface Kind extends Addressed {
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
  readonly #tenants: Readonly<Record<Message, Map<string | undefined, Map<number, Kind>>>> = {
    1: new Map(),
    2: new Map(),
  }
  #held = 0

  constructor(label: string) {
    this.#label = label
  }

  /**
   * Counts a body. `whole` gives its bytes, and is asked only if the body is new. Returns how many samples one of 2.0
   * holds, 0 where it can't be read.
   */
  add({ tenant, message }: Addressed, length: number, crc: number, whole: () => Buffer): number {
    const tenants = this.#tenants[message]
    let kinds = tenants.get(tenant)
    if (kinds === undefined) tenants.set(tenant, (kinds = new Map()))
    const key = crc * 2 ** 20 + (length % 2 ** 20)
    let kind = kinds.get(key)
    if (kind === undefined) {
      kind = { tenant, message, compressed: whole(), tally: undefined, fault: undefined, times: 0 }
      kinds.set(key, kind)
      this.#held += length
      if (message === 2 || this.#held > maxHeldBytes) this.#read(kind)
    }
    kind.times++
    return message === 1 || kind.tally === undefined ? 0 : totalSamples(kind.tally)
  }

  /** Forgets how often each body came. What it holds is kept for the next time, and forgotten if that was the last. */
  clear(): void {
    for (const kinds of this.#maps()) {
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
    for (const kind of this.#kinds()) {
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
    return { tally, requests, headless, unreadable, ...(fault === undefined ? {} : { fault }) }
  }

  *#maps(): Iterable<Map<number, Kind>> {
    for (const tenants of Object.values(this.#tenants)) yield* tenants.values()
  }

  *#kinds(): Iterable<Kind> {
    for (const kinds of this.#maps()) yield* kinds.values()
  }

  #forget(kinds: Map<number, Kind>, key: number, kind: Kind): void {
    this.#held -= kind.compressed?.length ?? 0
    kinds.delete(key)
  }

  #read(kind: Kind): void {
    if (kind.compressed === undefined) return
    try {
      const tallied = kind.message === 1 ? tallyBody : tallyBody2
      kind.tally = tallied(uncompress(kind.compressed, 2 ** 30), this.#label, kind.tenant)
    } catch (error) {
      kind.fault = error instanceof Error ? error.message : String(error)
    }
    this.#held -= kind.compressed.length
    kind.compressed = undefined
  }
}
