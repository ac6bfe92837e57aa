import { expect, test } from 'vitest'
import { quantile, spread } from './stats.ts'

test('the median is the middle, or the mean of the two in the middle', () => {
  const check = (values: number[], median: number, min: number, max: number) =>
    expect(spread(values)).toEqual({ median, min, max })
  check([3], 3, 3, 3)
  check([10, 9, 1], 9, 1, 10)
  check([4, 1, 3, 2], 2.5, 1, 4)
  check([], Number.NaN, Number.NaN, Number.NaN)
})

test('quantiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n)
  const check = (values: number[], p: number, want: number) => expect(quantile(values, p)).toBe(want)
  check(hundred, 0.5, 50)
  check(hundred, 0.99, 99)
  check(hundred, 1, 100)
  check(hundred, 0, 1)
  check([7], 0.99, 7)
  check([], 0.5, Number.NaN)
})
