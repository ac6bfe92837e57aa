// What one tenant is owed of one source: which samples were sent, and which came, how often and in which order.

import type { Taken } from './book.ts'

/** One series' samples, numbered 1, 2, 3 … as they are sent. */
export class SeriesAccount {
  /** The newest that came. */
  highest = 0
  /** Below it, those that did not come yet. */
  readonly missing = new Set<number>()
  /** Samples that came first after a newer one of their series. */
  late = 0
  repeats = 0
  /** Number → the request it came in first; kept only where a book keeps requests. */
  readonly firsts: Taken[] = []

  /** True: it came before. */
  arrived(n: number): boolean {
    if (n > this.highest) {
      for (let k = this.highest + 1; k < n; k++) this.missing.add(k)
      this.highest = n
      return false
    }
    if (this.missing.delete(n)) {
      this.late++
      return false
    }
    this.repeats++
    return true
  }

  has(n: number): boolean {
    return n <= this.highest && !this.missing.has(n)
  }
}

export class Account {
  readonly tenant: string
  readonly source: string
  readonly series: SeriesAccount[]
  /** Number of a push → when it arrived, of the first series, by `performance.now()`. */
  readonly arrivedAt: number[] = []

  constructor(tenant: string, source: string, series: number) {
    this.tenant = tenant
    this.source = source
    this.series = Array.from({ length: series }, () => new SeriesAccount())
  }
}
