import { expect, test } from 'vitest'
import { type LaneBounds, Pace } from './pace.ts'

interface Window {
  readonly busyMs: number
  readonly failed?: boolean
  readonly strained?: boolean
}

/** The lanes wanted after each window of 5 s, of which so many ms were busy, over all lanes. */
function follow(bounds: LaneBounds, windows: readonly Window[]) {
  const pace = new Pace()
  let lanes = pace.lanes(10_000, 1, bounds)
  return windows.map(({ busyMs, failed = false, strained = true }, k) => {
    pace.note(busyMs, { failed, strained })
    expect(pace.lanes(12_500 + k * 5000, lanes, bounds)).toBe(lanes)
    lanes = pace.lanes(15_000 + k * 5000, lanes, bounds)
    return lanes
  })
}

test('lanes that are busy all the time become more, up to the bound; idle ones fewer, down to it', () => {
  const bounds = { min: 1, max: 6 }
  expect(follow(bounds, [{ busyMs: 4800 }, { busyMs: 9000 }, { busyMs: 19_000 }, { busyMs: 20_000 }])).toEqual([
    2, 4, 6, 6,
  ])
  expect(follow(bounds, [{ busyMs: 4500 }, { busyMs: 5000 }, { busyMs: 2500 }, { busyMs: 0 }])).toEqual([2, 2, 1, 1])
  expect(follow({ min: 2, max: 6 }, [{ busyMs: 0 }])).toEqual([2])
})

test('a lane that is busy keeps up as long as its requests have room, or are in time', () => {
  const bounds = { min: 1, max: 4 }
  expect(follow(bounds, [{ busyMs: 5000, strained: false }, { busyMs: 5000 }])).toEqual([1, 2])
  expect(follow(bounds, [{ busyMs: 5000 }, { busyMs: 5000, strained: false }])).toEqual([2, 2])
})

test('failures are no reason for another number', () => {
  expect(follow({ min: 1, max: 4 }, [{ busyMs: 5000, failed: true }, { busyMs: 5000 }])).toEqual([1, 2])
})

test('a change of the bounds counts at once', () => {
  const pace = new Pace()
  expect(pace.lanes(0, 1, { min: 3, max: 4 })).toBe(3)
  expect(pace.lanes(0, 4, { min: 1, max: 2 })).toBe(2)
})

test('what would be enough: bounds aside, the latest finding, or what has been since where that is old', () => {
  const pace = new Pace()
  const bounds = { min: 1, max: 2 }
  expect(pace.desired(0, 2)).toBe(2)
  pace.lanes(10_000, 2, bounds)
  pace.note(10_000, { failed: false, strained: true })
  expect(pace.lanes(15_000, 2, bounds)).toBe(2)
  expect([pace.desired(15_000, 2), pace.desired(24_000, 2)]).toEqual([4, 4])
  expect(pace.desired(25_000, 2)).toBe(1)
  pace.note(1000, { failed: true, strained: true })
  expect(pace.desired(25_000, 2)).toBe(2)
})
