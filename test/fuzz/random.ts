// A small seeded generator of random numbers: input n of a run is the same on every machine and needs no other input.

export interface Random {
  /** A whole number in [0, below). */
  below(below: number): number
  pick<T>(list: readonly T[]): T
  byte(): number
}

/** Numbers that depend on the seed and the number of the input alone (xorshift over a mixed seed). */
export function randomOf(seed: number, input: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35)
  state = (state ^ (state >>> 16)) | 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let k = 0; k < 4; k++) next()
  const below = (limit: number): number => next() % limit
  return { below, pick: (list) => list[below(list.length)]!, byte: () => next() & 0xff }
}
