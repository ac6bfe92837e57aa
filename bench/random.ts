// The only source of chance in the benchmark: the same seed makes the same bodies, on any machine.

/** Chance with a seed: `next()` is in [0, 1). */
export interface Random {
  next(): number
  /** A whole number in [0, below). */
  below(limit: number): number
  pick<T>(items: readonly T[]): T
  /** `length` characters of `alphabet`. */
  text(alphabet: string, length: number): string
  /** The same items in another order. */
  shuffle<T>(items: readonly T[]): T[]
}

/** Mulberry32: 32 bits of state, enough for test data. `seed` is taken modulo 2^32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (items) => items[below(items.length)]!,
    text: (alphabet, length) => Array.from({ length }, () => alphabet[below(alphabet.length)]).join(''),
    shuffle: (items) => {
      const shuffled = [...items]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const kept = shuffled[last]!
        shuffled[last] = shuffled[other]!
        shuffled[other] = kept
      }
      return shuffled
    },
  }
}
