import { expect, test } from 'vitest'
import { setsOf } from './lane-set.ts'

const number = (epoch: number, size: number, place: number) => (epoch << 12) | ((size - 1) << 6) | place

test('the sets are found again from the numbers of their lanes, the older one first', () => {
  const check = (numbers: readonly number[], want: readonly string[]) =>
    expect(setsOf(numbers).map(({ shape, stored }) => `${shape.epoch}/${shape.size}: ${stored}`)).toEqual(want)
  check([], [])
  check([0], ['0/1: 0'])
  check([number(0, 4, 1), number(0, 4, 3)], ['0/4: 1,3'])
  check([number(3, 2, 0), number(2, 1, 0), number(3, 2, 1)], ['2/1: 0', '3/2: 0,1'])
  check([number(15, 64, 63)], ['15/64: 63'])
  // The numbers go round.
  check([number(0, 2, 1), number(15, 4, 2)], ['15/4: 2', '0/2: 1'])
  // After a crash, what was delivered of a set before those may be back.
  check([number(0, 2, 1), number(1, 1, 0), number(15, 4, 2)], ['15/4: 2', '0/2: 1', '1/1: 0'])
  check([number(0, 2, 1), number(14, 1, 0), number(15, 4, 2)], ['14/1: 0', '15/4: 2', '0/2: 1'])
  check([number(7, 2, 1), number(8, 1, 0), number(9, 4, 2)], ['7/2: 1', '8/1: 0', '9/4: 2'])
})
