// What is said about many measurements: their middle and their ends, never a mean that one bad round could move.

/** Median and range of some values. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The p-quantile (0 … 1) by nearest rank of values in any order; NaN of none. */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))]!
}

/** Median (of an even number: the mean of the two in the middle), least and greatest; NaN of none. */
export function spread(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort()
  const { length } = sorted
  if (length === 0) return { median: Number.NaN, min: Number.NaN, max: Number.NaN }
  const median = (sorted[(length - 1) >> 1]! + sorted[length >> 1]!) / 2
  return { median, min: sorted[0]!, max: sorted[length - 1]! }
}
