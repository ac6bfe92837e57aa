// The ledger of a test: what senders sent and were answered, beside what the receiver took. Both write into it; the test
// reads what is owed, what came twice, and what came out of order.

import { Account } from './account.ts'

/** A push of a source that was answered so. */
interface SourceRecord {
  /** Number of a push → when it was sent first, by `performance.now()`. */
  readonly sentAt: number[]
  /** Number of a push → its last status; 0: none yet. */
  readonly statuses: number[]
  /** Number of a push → how often it was sent. */
  readonly attempts: number[]
  readonly accounts: Map<string, Account>
}

/** A request that the receiver took. */
export interface Taken {
  readonly tenant: string
  /** Counts all requests of the tenant that were taken. */
  readonly index: number
  /** By `performance.now()`. */
  readonly at: number
  readonly samples: number
}

/** A sample that came again. */
export interface Repeat {
  readonly source: string
  readonly n: number
  readonly first: Taken
  readonly again: Taken
}

export interface Balance {
  /** Samples that were acknowledged by a 2xx. */
  readonly acknowledged: number
  /** Of these, samples that never came: how many, and the first few in words. */
  readonly lost: number
  readonly lostWhere: readonly string[]
  /** Samples that came, repeats left out. */
  readonly arrived: number
  readonly repeats: number
  /** Samples that came first after a newer one of their series. */
  readonly late: number
}

export class Book {
  /** Time of a source's sample n: `baseMs + n`. */
  readonly baseMs: number
  /** What is wrong with what came: another tenant's series, series never sent, other bytes. */
  readonly faults: string[] = []
  readonly repeats: Repeat[] = []
  readonly taken: Taken[] = []
  readonly #keepsRequests: boolean
  readonly #sources = new Map<string, SourceRecord>()
  readonly #requests = new Map<string, number>()

  constructor({ baseMs = 1_000_000, keepsRequests = false }: { baseMs?: number; keepsRequests?: boolean } = {}) {
    this.baseMs = baseMs
    this.#keepsRequests = keepsRequests
  }

  /** A source begins: so many series for each of these tenants. */
  open(source: string, tenants: readonly string[], series: number): SourceRecord {
    const accounts = new Map(tenants.map((tenant) => [tenant, new Account(tenant, source, series)]))
    const record = { sentAt: [], statuses: [], attempts: [], accounts }
    this.#sources.set(source, record)
    return record
  }

  /** The receiver takes a request. */
  take(
    tenant: string,
    readings: readonly { owner: string; source: string; series: number; times: readonly number[] }[],
  ) {
    const at = performance.now()
    const index = this.#requests.get(tenant) ?? 0
    this.#requests.set(tenant, index + 1)
    const taken: Taken = { tenant, index, at, samples: readings.reduce((sum, { times }) => sum + times.length, 0) }
    if (this.#keepsRequests) this.taken.push(taken)
    for (const { owner, source, series, times } of readings) {
      const account = this.#sources.get(source)?.accounts.get(tenant)
      const record = account?.series[series]
      if (owner !== tenant || account === undefined || record === undefined) {
        this.faults.push(`tenant ${tenant} was sent series ${series} of ${source} for ${owner}`)
        continue
      }
      for (const time of times) {
        const n = time - this.baseMs
        const isRepeat = record.arrived(n)
        if (series === 0 && !isRepeat) account.arrivedAt[n] = at
        if (!this.#keepsRequests) continue
        if (isRepeat) this.repeats.push({ source, n, first: record.firsts[n]!, again: taken })
        else record.firsts[n] = taken
      }
    }
  }

  sourceOf(source: string): SourceRecord {
    return this.#sources.get(source)!
  }

  /** Accounts of these tenants, or of all. */
  *accounts(tenants?: ReadonlySet<string>): Generator<[Account, SourceRecord]> {
    for (const record of this.#sources.values()) {
      for (const account of record.accounts.values()) {
        if (tenants === undefined || tenants.has(account.tenant)) yield [account, record]
      }
    }
  }

  /** Of these tenants, or of all. `isOwed`: which answers make a push owed; default 2xx. */
  balance(
    tenants?: readonly string[],
    isOwed: (status: number) => boolean = (status) => status >= 200 && status < 300,
  ): Balance {
    const balance = { acknowledged: 0, lost: 0, arrived: 0, repeats: 0, late: 0 }
    const lostWhere: string[] = []
    for (const [account, { statuses }] of this.accounts(tenants && new Set(tenants))) {
      for (const [i, series] of account.series.entries()) {
        balance.arrived += series.highest - series.missing.size
        balance.repeats += series.repeats
        balance.late += series.late
        for (let n = 1; n < statuses.length; n++) {
          if (!isOwed(statuses[n]!)) continue
          balance.acknowledged++
          if (series.has(n)) continue
          balance.lost++
          if (lostWhere.length < 10) lostWhere.push(`${account.tenant} ${account.source} ${i} n=${n}`)
        }
      }
    }
    return { ...balance, lostWhere }
  }

  /**
   * Milliseconds from the first attempt to send to the receiver, of each push that was sent within a time, sorted;
   * Infinity for what has not come.
   */
  delays(tenants: readonly string[], fromAt: number, toAt: number): number[] {
    const delays: number[] = []
    for (const [account, { sentAt }] of this.accounts(new Set(tenants))) {
      for (let n = 1; n < sentAt.length; n++) {
        const at = sentAt[n]!
        if (at >= fromAt && at < toAt) delays.push((account.arrivedAt[n] ?? Number.POSITIVE_INFINITY) - at)
      }
    }
    return delays.sort((a, b) => a - b)
  }
}

/** The smallest of the sorted values that a share of them does not exceed; NaN of none. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
