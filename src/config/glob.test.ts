import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlobs, globProblem } from './glob.ts'

const one = (pattern: string, id: string) => compileGlobs([pattern])(id)

test('globs', () => {
  const check = (pattern: string, id: string, want: boolean) =>
    expect(one(pattern, id), `${pattern} ~ ${id}`).toBe(want)
  check('team-*', 'team-a', true)
  check('team-*', 'team-', true)
  check('team-*', 'my-team-a', false)
  check('*', '', true)
  check('*', 'x', true)
  check('?', '', false)
  check('?', 'é', true)
  check('?', '😀', true)
  check('a?c', 'abc', true)
  check('a?c', 'ac', false)
  check('a*b*c', 'a-b-b-c', true)
  check('a*b*c', 'a-c-b', false)
  check('**a**', 'bab', true)
  check('a\\*', 'a*', true)
  check('a\\*', 'ab', false)
  check('a\\*?', 'a*x', true)
  check('\\\\', '\\', true)
  check('a.c', 'abc', false)
  check('Team', 'team', false)
})

test('a list matches if one of its patterns does', () => {
  const match = compileGlobs(['acme', 'team-*', 'x?'])
  expect(['acme', 'team-1', 'x1', 'acme1', 'x', ''].map(match)).toEqual([true, true, true, false, false, false])
  expect(compileGlobs([])('a')).toBe(false)
})

test('what is no glob', () => {
  expect(globProblem('')).toMatch(/empty/)
  expect(globProblem('a\\')).toMatch(/single/)
  expect(globProblem('a\\\\')).toBeUndefined()
  expect(globProblem('a\\\\\\')).toMatch(/single/)
})

const escaped = (text: string) => text.replace(/[*?\\]/g, '\\$&')

test('laws', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\', 'é') })
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(one(escaped(a) || '*', a)).toBe(true)
      if (a !== b && a !== '') expect(one(escaped(a), b)).toBe(false)
      expect(one(`${escaped(a)}*${escaped(c)}`, a + b + c)).toBe(true)
      expect(one(`*${escaped(b)}*`, a + b + c)).toBe(true)
      if (b.length === 1) expect(one(`${escaped(a)}?${escaped(c)}`, a + b + c)).toBe(true)
    }),
  )
})

test('law: the walk agrees with a regular expression', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (glob, id) => {
      const regex = new RegExp(`^${glob.replace(/\*/g, '.*').replace(/\?/g, '.')}$`)
      expect(one(glob, id)).toBe(regex.test(id))
    }),
    { numRuns: 2000 },
  )
})

test('a hostile pattern stays within length × length steps', () => {
  const pattern = `${'*a'.repeat(2000)}*b`
  expect(one(pattern, 'a'.repeat(5000))).toBe(false)
})
