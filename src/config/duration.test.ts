import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseGoDuration, parsePrometheusDuration } from './duration.ts'

test('Go durations', () => {
  const check = (text: string, ms: number | undefined) => expect(parseGoDuration(text), text).toBe(ms)
  check('0', 0)
  check('-0', 0)
  check('1m30s', 90_000)
  check('1.5h', 5_400_000)
  check('100ms', 100)
  check('300us', 0.3)
  check('300µs', 0.3)
  check('1.s', 1000)
  check('.5s', 500)
  check('1.005s', 1005)
  check('30s1h', 3_630_000)
  check('-1s', -1000)
  check('+1s', 1000)
  check('10ns', 0.00001)
  check('', undefined)
  check('10', undefined)
  check('.s', undefined)
  check('1d', undefined)
  check('1 s', undefined)
  check('s', undefined)
  check('--1s', undefined)
  check('300000000h', undefined)
})

test('Prometheus durations', () => {
  const check = (text: string, ms: number | undefined) => expect(parsePrometheusDuration(text), text).toBe(ms)
  check('0', 0)
  check('15m', 900_000)
  check('1h30m', 5_400_000)
  check('1y2w3d4h5m6s7ms', 31_536_000_000 + 1_209_600_000 + 259_200_000 + 14_706_007)
  check('0s', 0)
  check('', undefined)
  check('30s1h', undefined)
  check('1.5h', undefined)
  check('-1s', undefined)
  check('10', undefined)
  check('10us', undefined)
  check('1000y', undefined)
})

test('law: both grammars read a formatted duration back', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 }), (ms) => {
      expect(parseGoDuration(formatDuration(ms))).toBe(ms)
      expect(parsePrometheusDuration(formatDuration(ms))).toBe(ms)
    }),
  )
  expect(formatDuration(90_000)).toBe('1m30s')
  expect(formatDuration(900_000)).toBe('15m')
  expect(parseGoDuration(formatDuration(0.3))).toBe(0.3)
})
