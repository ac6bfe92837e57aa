// How much is remembered, and for how long.

import { expect, test } from 'vitest'
import { answer, keyOf, startMemory } from '../../test/support/retry-memory.ts'

test('what is kept for ten minutes without a repeat goes', async () => {
  const { memory, push, clock, sent, entries, tally } = startMemory()
  const again = () => push(keyOf('body'), { a: 200, b: 500 })
  await again()
  clock.now = 9 * 60_000
  await again()
  clock.now = 18 * 60_000
  await again()
  expect(sent).toEqual(['a', 'b', 'b', 'b'])
  clock.now = 28 * 60_000 - 1
  memory.expire()
  expect(entries()).toBe(1)
  clock.now = 28 * 60_000
  memory.expire()
  expect([entries(), tally('sluice_retry_memory_bytes')]).toEqual([0, 0])
  sent.length = 0
  await again()
  expect(sent).toEqual(['a', 'b'])
})

test('an old entry is not used though nothing swept it', async () => {
  const { push, clock, sent } = startMemory()
  await push(keyOf('body'), { a: 200, b: 500 })
  clock.now = 10 * 60_000
  await push(keyOf('body'), { a: 200, b: 200 })
  expect(sent).toEqual(['a', 'b', 'a', 'b'])
})

test('the memory is bounded in bytes: the oldest goes', async () => {
  const { push, sent, entries, tally } = startMemory({ maxBytes: 20_000 })
  const failed = answer(500, { text: 'x'.repeat(1000) })
  for (let k = 0; k < 50; k++) await push(keyOf(`body ${k}`), { a: failed, b: 200 })
  expect(tally('sluice_retry_memory_bytes')).toBeLessThanOrEqual(20_000)
  expect(entries()).toBeGreaterThan(5)
  sent.length = 0
  await push(keyOf('body 49'), { a: 500, b: 1 })
  expect(sent).toEqual(['a'])
  await push(keyOf('body 0'), { a: 500, b: 200 })
  expect(sent).toEqual(['a', 'a', 'b'])
})

test('an entry that is larger than the whole memory is not kept, nor anything of it', async () => {
  const { memory, push, sent, entries } = startMemory({ maxBytes: 2000 })
  const failed = answer(500, { text: 'x'.repeat(1000) })
  await push(keyOf('body'), { a: failed, b: failed, c: 200 })
  expect(entries()).toBe(0)
  const attempt = memory.begin(keyOf('body'))
  expect(attempt.parts.size).toBe(0)
  memory.end(attempt, 200)
  expect(sent).toHaveLength(3)
})

test('an entry evicted while a repeat of it is under way still serves that repeat', async () => {
  const { memory, push, hang, pending, sent } = startMemory({ maxBytes: 4000 })
  await push(keyOf('body'), { a: 200, b: 500 })
  const repeat = memory.begin(keyOf('body'))
  const b = hang(repeat, 'b')
  for (let k = 0; k < 20; k++) await push(keyOf(`other ${k}`), { x: answer(500, { text: 'x'.repeat(900) }) })
  sent.length = 0
  const third = memory.begin(keyOf('body'))
  expect(third).toBe(repeat)
  pending[0]!.resolve(answer(500))
  await b
  memory.end(third, 500)
  memory.end(repeat, 500)
  await push(keyOf('body'), { a: 1, b: 200 })
  expect(sent).toEqual(['b'])
})

test('a remembered body is a copy; a long one is left out rather than cut', async () => {
  const { memory, push } = startMemory()
  const pool = Buffer.alloc(100_000, 'x')
  await push(keyOf('body'), {
    short: answer(200, { body: pool.subarray(10, 15) }),
    long: answer(200, { body: pool.subarray(0, 2000) }),
    b: 500,
  })
  const attempt = memory.begin(keyOf('body'))
  const short = await memory.part(attempt, 'short', () => Promise.reject(new Error('not sent')))
  const long = await memory.part(attempt, 'long', () => Promise.reject(new Error('not sent')))
  expect([Buffer.from(short.body).toString(), short.body.buffer.byteLength]).toEqual(['xxxxx', 5])
  expect(long.body).toHaveLength(0)
})

test('whole answers and errors are not kept between pushes', async () => {
  const { push } = startMemory()
  const key = keyOf('body')
  const response = { status: 200, headers: { 'x-long': 'x' }, body: Buffer.alloc(4000) }
  await push(key, {
    a: answer(200, { response, body: response.body }),
    b: answer(400, { text: 'no', response }),
    c: answer(503, { error: new Error('x') }),
  })
  const [a, b] = await push(key, { a: 1, b: 1, c: 503 })
  expect([a, b]).toEqual([answer(200, { tenant: 'a' }), answer(400, { tenant: 'b', text: 'no' })])
})
