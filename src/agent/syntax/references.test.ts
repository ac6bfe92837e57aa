import { expect, test } from 'vitest'
import type { Expression } from './ast.ts'
import { parseExpression } from './parse.ts'
import { referencesOf } from './references.ts'

const check = (text: string, want: readonly string[]) => {
  const found = referencesOf(parseExpression(text).expression!)
  expect(found.map(({ path }) => path.join('.'))).toEqual(want)
  for (const { start, end, path } of found) expect(text.slice(start, end).replaceAll(/\s/g, '')).toBe(path.join('.'))
}

test('references are unbroken chains of names', () => {
  check('1', [])
  check('a', ['a'])
  check('a.b.c', ['a.b.c'])
  check('component.field_a.field_b.field_c[0].inner_field', ['component.field_a.field_b.field_c'])
  check('[prometheus.relabel.x.receiver, y.z]', ['prometheus.relabel.x.receiver', 'y.z'])
  check('{a = b.c, "d" = e}', ['b.c', 'e'])
  check('string.join(a.b, c[d.e]) + !f || (g.h)', ['string.join', 'a.b', 'c', 'd.e', 'f', 'g.h'])
  check('a().foo', ['a'])
  check('{a = b}.a', ['b'])
})

test('any depth will do', () => {
  let expression: Expression = { kind: 'reference', name: 'a', start: 0, end: 1 }
  for (let i = 0; i < 100_000; i++) expression = { kind: 'parentheses', inner: expression, start: 0, end: 1 }
  expect(referencesOf(expression)).toEqual([{ start: 0, end: 1, path: ['a'] }])
})
