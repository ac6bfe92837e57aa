import { expect, test } from 'vitest'
import { furthestOverShare } from './over-share.ts'

test('the one who has most gives up what it has more than the next, and no more than is needed', () => {
  const check = (bytes: Record<string, number>, needed: number, want: unknown, ...spent: string[]) =>
    expect(furthestOverShare(new Map(Object.entries(bytes)), needed, new Set(spent))).toEqual(want)
  check({ a: 10, b: 100, c: 60 }, 1000, { tenant: 'b', bytes: 40 })
  check({ a: 10, b: 100, c: 60 }, 15, { tenant: 'b', bytes: 15 })
  check({ a: 10, b: 100, c: 60 }, 1000, { tenant: 'c', bytes: 50 }, 'b')
  check({ a: 60, b: 60 }, 10, { tenant: 'a', bytes: 1 })
  check({ a: 60 }, 10, { tenant: 'a', bytes: 10 })
  check({ a: 60 }, 10, undefined, 'a')
  check({}, 10, undefined)
})
