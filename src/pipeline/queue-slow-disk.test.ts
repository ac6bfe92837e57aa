// A disk that is slow: whatever moment a write ends at, what was delivered while it was being written is not sent again,
// and nothing overtakes what is stored.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { soon, startQueueBench } from '../../test/support/queue.ts'

/** A promise, and what resolves it. */
function gate(): { readonly promise: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const promise = new Promise<void>((resolve) => (open = resolve))
  return { promise, open }
}

/** A queue whose writes wait, each for its own gate, and whose upstream answers when told to. */
async function startSlow() {
  const answers: ((status: number) => void)[] = []
  const bench = await startQueueBench({ upstream: () => new Promise<number>((resolve) => answers.push(resolve)) })
  const { store } = bench
  const append = store.append.bind(store)
  const writes = Array.from({ length: 4 }, gate)
  const state = { appends: 0, stored: 0 }
  store.append = async (...what) => {
    await writes[state.appends++]?.promise
    await append(...what)
    state.stored++
  }
  const told: Promise<string>[] = []
  return {
    ...{ bench, store, state, answers, writes, told },
    /** Pushes a series of this name, and waits until so many requests were made and so many batches given to the store. */
    async put(name: string, requests: number, appends: number): Promise<void> {
      told.push(bench.put([`a/${name}`], told.length + 1))
      await bench.passUntil(`${requests} requests, ${appends} appends`, () => {
        return answers.length === requests && state.appends === appends
      })
    },
    /** The first letter of what upstream got, request by request. */
    seen: () =>
      bench.seen().map((line) =>
        line
          .split(' ')
          .map((item) => item[0])
          .slice(1)
          .join(''),
      ),
  }
}

test('what was delivered while it was being written is neither read nor sent again', async () => {
  const { bench, store, state, answers, writes, told, put, seen } = await startSlow()
  const read = store.read.bind(store)
  let reads = 0
  store.read = (...what) => {
    reads++
    return read(...what)
  }
  await put('x', 1, 1)
  answers[0]!(200)
  await put('y', 2, 2)
  answers[1]!(200)
  expect(await Promise.all(told)).toEqual(['200', '200'])
  writes[0]!.open()
  await soon('the first one’s copy comes and goes', () => state.stored === 1 && store.batches === 0)
  // The third is out when the second is written, and stored itself.
  await put('z', 3, 3)
  writes[1]!.open()
  writes[2]!.open()
  await soon('the others are written', () => state.stored === 3)
  answers[2]!(200)
  await soon('nothing is stored', () => store.batches === 0 || answers.length > 3)
  await bench.pass(20)
  expect(seen()).toEqual(['x', 'y', 'z'])
  expect(await told[2]).toBe('204')
  expect(reads).toBe(0)
})

test('large batches, read one by one: copies of what was delivered hide nothing that comes behind them', async () => {
  const { bench, store, state, answers, writes, told, put, seen } = await startSlow()
  const large = (name: string): string => name + randomBytes(40_000).toString('hex')
  await put(large('w'), 1, 1)
  answers[0]!(200)
  // x is out while it is written; y is stored, and z is about to be.
  await put(large('x'), 2, 2)
  await put(large('y'), 2, 3)
  for (const write of writes.slice(0, 3)) write.open()
  await soon('three are written', () => state.stored === 3)
  await put(large('z'), 2, 4)
  answers[1]!(200)
  await bench.passUntil('the next one goes', () => answers.length === 3)
  writes[3]!.open()
  answers[2]!(200)
  await bench.passUntil('the last one goes', () => answers.length === 4)
  answers[3]!(200)
  await bench.passUntil('nothing is stored', () => store.batches === 0 || answers.length > 4)
  await bench.pass(20)
  expect(seen()).toEqual(['w', 'x', 'y', 'z'])
  expect(new Set(await Promise.all(told))).toEqual(new Set(['200', '204']))
})
