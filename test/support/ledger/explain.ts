// Why samples came again: their sender repeated a push that was not answered; or a request was out when the process
// ended. Anything else is a defect.

import type { Book } from './book.ts'

export interface Explained {
  /** Tenant and end → how many of its requests came again after that, in parts or whole, though acknowledged at once. */
  readonly requests: ReadonlyMap<string, number>
  /** The first few samples that came again for neither reason, in words. */
  readonly unexplained: readonly string[]
}

/** A request that was written before the end may be taken so much later. */
const onTheWayMs = 400

/** `ends`: when the process ended, by `performance.now()`. The book must keep requests. */
export function explainRepeats(book: Book, ends: readonly number[]): Explained {
  const unexplained: string[] = []
  const out = new Map<string, Set<number>>()
  for (const { source, n, first, again } of book.repeats) {
    if (book.sourceOf(source).attempts[n]! > 1) continue
    const end = ends.find((at) => at + onTheWayMs > first.at && at < again.at)
    if (end === undefined) {
      unexplained.push(
        `${first.tenant} ${source} n=${n}: nothing ended between requests ${first.index} and ${again.index}`,
      )
      continue
    }
    const key = `${first.tenant} ${end}`
    out.set(key, (out.get(key) ?? new Set()).add(first.index))
  }
  return { unexplained: unexplained.slice(0, 10), requests: new Map([...out].map(([key, { size }]) => [key, size])) }
}
