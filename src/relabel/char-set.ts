// Sets of characters, as sorted ranges of code points that neither touch nor overlap.

export type CharSet = readonly (readonly [first: number, last: number])[]

const mostCode = 0x10ffff

export const anyChar: CharSet = [[0, mostCode]]
export const noChar: CharSet = []

export function charSet(ranges: CharSet): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** All other characters. */
export function complement(set: CharSet): CharSet {
  const others: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) others.push([next, first - 1])
    next = last + 1
  }
  if (next <= mostCode) others.push([next, mostCode])
  return others
}

/** Whether some character is in both. */
export const meet = (a: CharSet, b: CharSet): boolean =>
  a.some(([first, last]) => b.some(([other, otherLast]) => first <= otherLast && other <= last))
