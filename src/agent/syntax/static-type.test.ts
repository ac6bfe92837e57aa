import { expect, test } from 'vitest'
import { parseExpression } from './parse.ts'
import { staticTypeOf } from './static-type.ts'

const check = (text: string, want: string | undefined) => {
  expect([text, staticTypeOf(parseExpression(text).expression!)]).toEqual([text, want])
}

test('types that are known without evaluation', () => {
  check('"test"', 'string')
  check('true', 'bool')
  check('1', 'number')
  check('1.5', 'number')
  check('null', 'null')
  check('["test", true]', 'array')
  check('{ "key" = true }', 'object')
  check('([x])', 'array')
  check('-1', 'number')
  check('1 + 1', 'number')
  check('1 < 10', 'bool')
  check('"a" + "b"', 'string')
  check('-"test"', undefined)
  check('1 + "test"', undefined)
  check('10 < "test"', undefined)
  check('x', undefined)
  check('x.y', undefined)
  check('1 + x', undefined)
  check('sys.env("X")', undefined)
})
