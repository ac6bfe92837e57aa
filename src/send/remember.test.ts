// Who is contacted again, and what the repeat is told.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, expect, test, vi } from 'vitest'
import { answer, keyOf, startMemory } from '../../test/support/retry-memory.ts'
import { effectiveStatus, type PartAnswer } from '../tenancy/merge-answers.ts'
import type { PushKey } from './remember.ts'

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  return { ...real, createHash: vi.fn(real.createHash) }
})
beforeEach(() => {
  vi.mocked(createHash).mockClear()
})

const statuses = (answers: readonly PartAnswer[]) => answers.map(({ status }) => status)

test('what upstream counted of a part is remembered with it', async () => {
  const { push, sent } = startMemory()
  const written = { samples: 3, histograms: 2, exemplars: 1 }
  const parts = {
    a: answer(200, { written, body: new Uint8Array(5000) }),
    b: answer(400, { written: { ...written, samples: 1 } }),
    c: 503,
  }
  await push(keyOf('body'), parts)
  const again = await push(keyOf('body'), { a: 1, b: 1, c: 200 })
  expect(again.map(({ status, written }) => [status, written?.samples])).toEqual([
    [200, 3],
    [400, 1],
    [200, undefined],
  ])
  expect(sent).toEqual(['a', 'b', 'c', 'c'])
})

test('a repeat contacts only tenants that are unfinished, and answers for all', async () => {
  const { push, sent, tally, entries } = startMemory()
  const key = keyOf('body')
  expect(statuses(await push(key, { a: 200, b: 500, c: 400, d: 503 }))).toEqual([200, 500, 400, 503])
  expect(entries()).toBe(1)
  sent.length = 0
  expect(statuses(await push(key, { a: 1, b: 200, c: 1, d: 500 }))).toEqual([200, 200, 400, 500])
  expect(sent).toEqual(['b', 'd'])
  sent.length = 0
  expect(statuses(await push(key, { a: 1, b: 1, c: 1, d: 204 }))).toEqual([200, 200, 400, 204])
  expect(sent).toEqual(['d'])
  expect(tally('sluice_retry_parts_skipped_total')).toBe(2 + 3)
})

test('after an answer that asks for no retry the entry goes: the same bytes are sent again', async () => {
  const { push, sent, entries } = startMemory()
  const key = keyOf('body')
  await push(key, { a: 200, b: 500 })
  await push(key, { a: 1, b: 200 })
  expect(entries()).toBe(0)
  await push(key, { a: 200, b: 200 })
  expect(sent).toEqual(['a', 'b', 'b', 'a', 'b'])
})

test('what was a time-out or a redirect is tried again; what is final is not', async () => {
  const { push, sent } = startMemory()
  const key = keyOf('body')
  const parts = { t408: 408, t301: 301, t429: 429, t503: 503, t404: 404, t413: 413, t202: 202 }
  await push(key, parts)
  sent.length = 0
  await push(key, { ...parts, t503: 500 })
  expect(sent).toEqual(['t408', 't301', 't429', 't503'])
})

test('a repeat during the first attempt joins it: one upstream copy, one answer for both', async () => {
  const { memory, hang, pending, sent, tally, entries } = startMemory()
  const key = keyOf('body')
  const [first, second] = [memory.begin(key), memory.begin(keyOf('body'))]
  const both = [hang(first, 'a'), hang(second, 'a')]
  expect(sent).toEqual(['a'])
  pending[0]!.resolve(answer(200, { text: 'once' }))
  expect((await Promise.all(both)).map(({ text }) => text)).toEqual(['once', 'once'])
  expect(tally('sluice_retry_joined_total')).toBe(1)
  memory.end(first, 200)
  // The second is not answered yet: what is known stays with it.
  const third = memory.begin(key)
  await hang(third, 'a')
  expect(sent).toEqual(['a'])
  memory.end(second, 200)
  memory.end(third, 200)
  expect(entries()).toBe(0)
})

test('after a failure, pushes of the same bytes at the same time share one new attempt', async () => {
  const { memory, push, hang, pending, sent } = startMemory()
  await push(keyOf('body'), { a: 200, b: 500 })
  const [first, second] = [memory.begin(keyOf('body')), memory.begin(keyOf('body'))]
  const both = [hang(first, 'b'), hang(second, 'b')]
  expect(sent).toEqual(['a', 'b', 'b'])
  pending[0]!.resolve(answer(503))
  await Promise.all(both)
  memory.end(first, 503)
  memory.end(second, 503)
  await push(keyOf('body'), { a: 1, b: 200 })
  expect(sent).toEqual(['a', 'b', 'b', 'b'])
})

test('before Retry-After is over a repeat gets the same answer with the time that is left', async () => {
  const { push, clock, sent } = startMemory()
  const key = keyOf('body')
  const limited = answer(429, { retryAfter: 60, text: 'slow' })
  await push(key, { a: limited, b: 200 })
  const again = async (ms: number) => {
    clock.now = ms
    sent.length = 0
    const [a] = await push(key, { a: limited, b: 1 })
    return [a?.status, a?.text, a?.retryAfter, sent.join()]
  }
  expect(await again(0)).toEqual([429, 'slow', 60, ''])
  expect(await again(30_500)).toEqual([429, 'slow', 30, ''])
  expect(await again(59_999)).toEqual([429, 'slow', 1, ''])
  expect(await again(60_000)).toEqual([429, 'slow', 60, 'a'])
})

test('Retry-After binds the repeat, not another body; and no longer than five minutes', async () => {
  const { push, clock, sent } = startMemory()
  const limited = answer(503, { retryAfter: 3600 })
  await push(keyOf('body'), { a: limited })
  await push(keyOf('BODY'), { a: limited })
  expect(sent).toEqual(['a', 'a'])
  clock.now = 299_999
  await push(keyOf('body'), { a: limited })
  expect(sent).toHaveLength(2)
  clock.now = 300_000
  await push(keyOf('body'), { a: 200 })
  expect(sent).toHaveLength(3)
})

test('another context, or another body, is another push', async () => {
  const { push, sent } = startMemory()
  const parts = { a: 200, b: 500 }
  await push(keyOf('body'), parts)
  const check = async (key: PushKey) => {
    sent.length = 0
    await push(key, parts)
    expect(sent).toEqual(['a', 'b'])
  }
  await check({ ...keyOf('body'), context: ['2', '/push'] })
  await check(keyOf('body', 'tenant-header'))
  // The parts of the context are told apart, not only their concatenation.
  await check({ ...keyOf('body'), context: ['1/push'] })
  await check({ ...keyOf('body'), context: ['1', '/pus', 'h'] })
  await check(keyOf('Body'))
  // The same length, and the same bytes wherever the prefilter looks.
  const [one, other] = [new Uint8Array(4000), new Uint8Array(4000)]
  other[1] = 1
  await check(keyOf(one))
  await check(keyOf(other))
})

test('a healthy path computes no hash', async () => {
  const { push } = startMemory()
  for (let k = 0; k < 100; k++) await push(keyOf(`body ${k}`), { a: 200, b: 204, c: 400 })
  expect(createHash).not.toHaveBeenCalled()
  await push(keyOf('failed'), { a: 200, b: 500 })
  expect(createHash).toHaveBeenCalledTimes(1)
  for (let k = 0; k < 100; k++) await push(keyOf(`other body ${k}`), { a: 200 })
  expect(createHash).toHaveBeenCalledTimes(1)
})

test('a push refused before anything was sent leaves nothing; a refused repeat loses nothing', async () => {
  const { memory, push, sent, entries } = startMemory()
  memory.end(memory.begin(keyOf('corrupt')), 400)
  memory.end(memory.begin(keyOf('no room')), 503)
  expect(entries()).toBe(0)
  await push(keyOf('body'), { a: 200, b: 500 })
  memory.end(memory.begin(keyOf('body')), 503)
  sent.length = 0
  await push(keyOf('body'), { a: 1, b: 200 })
  expect(sent).toEqual(['b'])
})

test('whatever senders do, no tenant that took its part gets it again, and nothing is left behind', async () => {
  const step = fc.record({
    body: fc.constantFrom('one', 'two', 'three'),
    outcomes: fc.array(fc.constantFrom(200, 204, 400, 429, 500, 503, 408), { minLength: 3, maxLength: 3 }),
    pause: fc.integer({ min: 0, max: 60_000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { memory, clock, entries } = startMemory()
      const taken = new Map<string, Set<string>>()
      for (const { body, outcomes, pause } of steps) {
        clock.now += pause
        const had = taken.get(body) ?? new Set()
        const attempt = memory.begin(keyOf(body))
        const answers = await Promise.all(
          ['a', 'b', 'c'].map((tenant, k) =>
            memory.part(attempt, tenant, async () => {
              expect(had.has(tenant)).toBe(false)
              return answer(outcomes[k]!, { tenant, ...(outcomes[k] === 429 && { retryAfter: 20 }) })
            }),
          ),
        )
        const worst = Math.max(...answers.map(effectiveStatus))
        memory.end(attempt, worst)
        for (const got of answers) if (got.status < 300) had.add(got.tenant)
        if (worst >= 500 || worst === 429) taken.set(body, had)
        else taken.delete(body)
      }
      clock.now += 600_000
      memory.expire()
      expect(entries()).toBe(0)
      for (const body of ['one', 'two', 'three']) {
        const fresh = memory.begin(keyOf(body))
        expect(fresh.parts.size).toBe(0)
        memory.end(fresh, 200)
      }
    }),
    { numRuns: 200 },
  )
})
