// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Go’s templates, not JavaScript’s
import { expect, test } from 'vitest'
import { expand, parseTemplate } from './template.ts'

// Groups 1 = "a", 2 = nm = "b" of a match of "ab"; results as Go's Regexp.Expand gives them.
test('references are read as Go reads them', () => {
  const names = new Map([['nm', 2]])
  const check = (template: string, want: string) => {
    expect(expand(parseTemplate(template), ['ab', 'a', 'b'], names), template).toBe(want)
  }
  check('$1x', '')
  check('${1}x', 'ax')
  check('$$1', '$1')
  check('$nm', 'b')
  check('${nm}', 'b')
  check('$nm_', '')
  check('$9', '')
  check('$1_$2', 'b')
  check('$0', 'ab')
  for (const literal of ['${', '$', '$-', 'a$', '${}', '${1', '${-}', '']) check(literal, literal)
  check('$$$1', '$a')
  check('$$$$', '$$')
  check('$01', '')
  check('${01}', '')
  check('$1é', '')
  check('$1-$2', 'a-b')
  check('${1}${2}', 'ab')
  check('$1000000000', '')
  check('x${1', 'x${1')
})

test('a group that took no part is empty', () => {
  expect(expand(parseTemplate('<$1$2>'), ['b', undefined, 'b'], new Map())).toBe('<b>')
})
