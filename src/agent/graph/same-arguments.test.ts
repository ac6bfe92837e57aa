import { expect, test } from 'vitest'
import { Secret } from '../../config/secret.ts'
import type { Decoded } from './component.ts'
import { same, sameArguments } from './same-arguments.ts'

const check = (a: unknown, b: unknown, want: boolean) => {
  expect(same(a, b)).toBe(want)
  expect(same(b, a)).toBe(want)
}

test('content is compared', () => {
  check(1, 1, true)
  check(Number.NaN, Number.NaN, true)
  check(1n, 1n, true)
  check(1, 1n, false)
  check([1, [2]], [1, [2]], true)
  check([1], [1, 2], false)
  check([], {}, false)
  check({ a: 1 }, { a: 1 }, true)
  check({ a: 1 }, { b: 1 }, false)
  check({ a: undefined }, {}, false)
  check(new Map([['a', [1]]]), new Map([['a', [1]]]), true)
  check(new Map([['a', 1]]), new Map([['b', 1]]), false)
  check(null, {}, false)
})

test('secrets by their text, things by themselves', () => {
  check(new Secret('a'), new Secret('a'), true)
  check(new Secret('a'), new Secret('b'), false)
  check(new Secret('a'), 'a', false)
  const thing = { act: () => undefined }
  check(thing, thing, true)
  check(thing, { act: () => undefined }, false)
  check(new Date(0), new Date(0), false)
  const capsule = (content: object) => ({ type: 'capsule', name: 'x', content })
  check(capsule(thing), capsule(thing), true)
  check(capsule({}), capsule({}), false)
})

test('places in the file do not count', () => {
  const decoded = (start: number, value: unknown, inner: readonly Decoded[] = []): Decoded => ({
    span: { start, end: start + 1 },
    values: new Map([['a', value]]),
    spans: new Map([['a', { start, end: start }]]),
    blocks: new Map([['b', inner]]),
  })
  expect(sameArguments(decoded(0, 1), decoded(5, 1))).toBe(true)
  expect(sameArguments(decoded(0, 1, [decoded(1, 2)]), decoded(5, 1, [decoded(9, 2)]))).toBe(true)
  expect(sameArguments(decoded(0, 1, [decoded(1, 2)]), decoded(0, 1, [decoded(1, 3)]))).toBe(false)
  expect(sameArguments(decoded(0, 1, [decoded(1, 2)]), decoded(0, 1))).toBe(false)
})
