import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { batchOf, laneOf } from '../../../test/support/store-batches.ts'
import type { StoredBatch } from '../store/store.ts'
import { ReadAhead, readLimits } from './read-ahead.ts'

const stored = (sequence: number, more: Partial<StoredBatch> = {}): StoredBatch => {
  return { ...batchOf('x', { samples: 4, haKey: 'a' }), lane: laneOf('t'), sequence, bytes: 100, ...more }
}

function newAhead(): ReadAhead {
  const ahead = new ReadAhead()
  onTestFinished(() => ahead.forget())
  return ahead
}

const numbers = (batches: readonly StoredBatch[]) => batches.map(({ sequence }) => sequence)

test('what may go together is taken together, in order, also where more was added behind', () => {
  const ahead = newAhead()
  ahead.fill([stored(1), stored(2), stored(3, { haKey: 'b' })])
  const check = (maxSamples: number, want: number[]) => expect(numbers(ahead.take(maxSamples))).toEqual(want)
  check(4, [1])
  expect([ahead.push(stored(4, { haKey: 'b' })), ahead.push(stored(5))]).toEqual([true, true])
  check(100, [2])
  check(100, [3, 4])
  check(100, [5])
  check(100, [])
  expect(ahead.size).toBe(0)
})

test('one lane adds no more than is read at once', () => {
  const ahead = newAhead()
  let count = 0
  while (count < 1000 && ahead.push(stored(count))) count++
  expect(count).toBe(64)
  ahead.take(4)
  expect(ahead.push(stored(64))).toBe(true)
})

test('all lanes together keep a bounded amount; what does not fit is forgotten from the end, and less is read', () => {
  const large = newAhead()
  expect(readLimits().maxBatches).toBe(64)
  large.fill([stored(1, { bytes: 11 << 20 }), stored(2, { bytes: 2 << 20 })])
  expect([large.trim(), large.size, readLimits().maxBatches]).toEqual([true, 1, 8])
  const other = newAhead()
  other.fill([stored(3, { bytes: 2 << 20 }), stored(4)])
  expect([numbers(other.take(4)), other.trim(), other.size, other.push(stored(5))]).toEqual([[3], false, 1, false])
  large.forget()
  expect([other.push(stored(5)), readLimits().maxBatches]).toEqual([true, 64])
})

test('what was taken is let go, also where there is always one more', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const ahead = newAhead()
  const taken: WeakRef<StoredBatch>[] = []
  ahead.push(stored(0))
  for (let k = 1; k <= 1000; k++) {
    ahead.push(stored(k))
    taken.push(new WeakRef(ahead.take(4)[0]!))
  }
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(ahead.size).toBe(1)
  expect(taken.filter((batch) => batch.deref() !== undefined).length).toBeLessThan(10)
})
