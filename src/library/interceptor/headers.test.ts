import { expect, test } from 'vitest'
import { readHeaders } from './headers.ts'

test('all forms that undici takes', () => {
  const check = (headers: unknown, want: Record<string, string> | undefined) =>
    expect(readHeaders(headers)).toEqual(want)
  check(undefined, {})
  check(null, {})
  check(
    { 'Content-Type': 'a', X: ['1', '2'], n: 3, gone: undefined, none: null },
    {
      'content-type': 'a',
      x: '1, 2',
      n: '3',
      none: '',
    },
  )
  check(['A', '1', 'b', ['2', '3'], 'a', '4'], { a: '1, 4', b: '2, 3' })
  check(new Headers({ A: '1' }), { a: '1' })
  check(new Map([['A', '1']]), { a: '1' })
  check([], {})
  check({ constructor: 'x', __proto__: null }, { constructor: 'x' })
})

test('what are no headers', () => {
  const check = (headers: unknown) => expect(readHeaders(headers)).toBe(undefined)
  check('a: 1')
  check(['a'])
  check(new Set(['a']))
  check(new Set([['a', 'b', 'c']]))
})
