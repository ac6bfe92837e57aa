// What becomes of a push that is given up before it is answered.

import { expect, test } from 'vitest'
import { answer, keyOf, startMemory } from '../../test/support/retry-memory.ts'

test('abandoned: what was delivered is kept, what is out is aborted and sent anew', async () => {
  const { memory, hang, pending, sent } = startMemory()
  const key = keyOf('body')
  const first = memory.begin(key)
  const signal = memory.signalOf(first)
  const both = [hang(first, 'a'), hang(first, 'b')]
  pending[0]!.resolve(answer(200))
  await both[0]
  memory.abandon(first, 'enough')
  expect(signal.reason).toBe('enough')
  const again = memory.begin(key)
  expect(again).toBe(first)
  expect(memory.signalOf(again).aborted).toBe(false)
  await hang(again, 'a')
  void hang(again, 'b')
  expect(sent).toEqual(['a', 'b', 'b'])
})

test('abandoned by one of two: nothing is aborted until the other goes too, nor if it can’t be', async () => {
  const { memory, hang, sent } = startMemory()
  const [first, second] = [memory.begin(keyOf('body')), memory.begin(keyOf('body'))]
  const signal = memory.signalOf(first)
  void hang(first, 'a')
  memory.abandon(first, 'one')
  expect(signal.aborted).toBe(false)
  void hang(second, 'a')
  expect(sent).toEqual(['a'])
  memory.abandon(second, 'two')
  expect(signal.reason).toBe('two')
})

test('a part that was given up and is delivered after all is not sent again; one that fails is', async () => {
  const { memory, hang, pending, sent } = startMemory()
  const key = keyOf('body')
  const first = memory.begin(key)
  const out = [hang(first, 'a'), hang(first, 'b')]
  memory.abandon(first, 'enough')
  pending[0]!.resolve(answer(200, { response: { status: 200, headers: {}, body: new Uint8Array(0) } }))
  pending[1]!.resolve(answer(400))
  await Promise.all(out)
  const again = memory.begin(key)
  expect((await hang(again, 'a')).response).toBeUndefined()
  void hang(again, 'b')
  expect(sent).toEqual(['a', 'b', 'b'])
})
