import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './rate-limit.ts'

const bucket = (samplesPerSecond: number, burst = 0) => new TokenBucket({ samplesPerSecond, burst }, 0)

test('a full bucket passes its burst, then what comes in', () => {
  const b = bucket(100, 200)
  expect(b.take(150, 0)).toBe(0)
  expect(b.take(51, 0)).toBe(1)
  expect(b.take(50, 0)).toBe(0)
  expect(b.take(100, 500)).toBe(1)
  expect(b.take(100, 1000)).toBe(0)
})

test('without a burst it holds one second', () => {
  expect(bucket(100).take(100, 0)).toBe(0)
  const b = bucket(100)
  b.take(100, 0)
  expect(b.take(100, 10_000)).toBe(0)
  expect(b.take(1, 10_000)).toBe(1)
})

test('a body larger than the bucket passes when it is full, and leaves it in debt', () => {
  const b = bucket(100, 100)
  expect(b.take(1000, 0)).toBe(0)
  expect(b.take(1, 0)).toBe(10)
  expect(b.take(1, 8000)).toBe(2)
  expect(b.take(1000, 9500)).toBe(1)
  expect(b.take(1000, 10_000)).toBe(0)
})

test('the wait is in whole seconds, at least one, and long enough', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.nat(10_000),
      fc.array(fc.tuple(fc.nat(20_000), fc.nat(3000)), { maxLength: 30 }),
      (rate, burst, pushes) => {
        const b = bucket(rate, burst)
        let now = 0
        for (const [samples, pause] of pushes) {
          now += pause
          const wait = b.take(samples, now)
          expect(Number.isInteger(wait)).toBe(true)
          if (wait > 0) {
            now += wait * 1000
            expect(b.take(samples, now)).toBe(0)
          }
        }
      },
    ),
  )
})

test('over any length of time no more passes than the rate, the burst and one body', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(1000)), { minLength: 1, maxLength: 60 }), (pushes) => {
      const b = bucket(100, 150)
      let now = 0
      let passed = 0
      for (const [samples, pause] of pushes) {
        now += pause
        if (b.take(samples, now) === 0) passed += samples
      }
      expect(passed).toBeLessThanOrEqual(150 + (now / 1000) * 100 + 500)
    }),
  )
})

test('a clock that stands still or goes back gives nothing', () => {
  const b = bucket(100)
  expect(b.take(100, 5000)).toBe(0)
  expect(b.take(1, 0)).toBe(1)
  expect(b.take(1, 5000)).toBe(1)
  expect(b.take(1, 5010)).toBe(0)
})
