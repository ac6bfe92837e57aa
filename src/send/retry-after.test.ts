import { expect, test } from 'vitest'
import { parseRetryAfter } from './retry-after.ts'

const now = Date.UTC(2026, 7, 1, 12, 0, 0)

test('seconds, or a date, in seconds from now', () => {
  const check = (value: string | undefined, want: number | undefined) =>
    expect(parseRetryAfter(value, now), String(value)).toBe(want)
  check('0', 0)
  check('30', 30)
  check(' 5 ', 5)
  check('3600', 3600)
  check('99999999999999999999', 1e9)
  check('Sat, 01 Aug 2026 12:00:10 GMT', 10)
  check('Sat, 01 Aug 2026 11:00:00 GMT', 0)
  check(undefined, undefined)
  check('', undefined)
  check('-1', undefined)
  check('1.5', undefined)
  check('soon', undefined)
  check('Sat, no date', undefined)
  check('2026-08-01T12:00:10Z', undefined)
})
