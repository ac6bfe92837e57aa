import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

const limits = { minBackoffMs: 100, maxBackoffMs: 350 }

test('waits double up to the longest; a success begins anew', () => {
  const backoff = new Backoff()
  const waits = [1, 2, 3, 4].map((now) => {
    backoff.failed(now * 1000, limits, undefined, 0)
    return backoff.until - now * 1000
  })
  expect(waits).toEqual([100, 200, 350, 350])
  expect(backoff.isFailing).toBe(true)
  backoff.succeeded()
  expect([backoff.isFailing, backoff.until]).toEqual([false, 0])
  backoff.failed(0, limits, undefined, 0)
  expect(backoff.until).toBe(100)
})

test('what upstream asks for comes first, up to 5 minutes; jitter adds less than a fifth, and never past those', () => {
  const check = (retryAfter: number | undefined, random: number, want: number) => {
    const backoff = new Backoff()
    backoff.failed(0, limits, retryAfter, random)
    expect(backoff.until).toBeCloseTo(want)
  }
  check(undefined, 0.999, 119.98)
  check(0, 0.5, 110)
  check(10, 0, 10_000)
  check(10, 0.5, 11_000)
  check(299, 0.9, 300_000)
  check(3600, 0, 300_000)
})

test('a change of the limits holds from the next wait on', () => {
  const backoff = new Backoff()
  backoff.failed(0, { minBackoffMs: 5000, maxBackoffMs: 5000 }, undefined, 0)
  backoff.failed(0, limits, undefined, 0)
  expect(backoff.until).toBe(350)
})

test('hurried, the next attempt may be made at once', () => {
  const backoff = new Backoff()
  backoff.failed(0, limits, 100, 0)
  backoff.hurry()
  expect([backoff.until, backoff.isFailing]).toEqual([0, true])
})
