import { expect, test } from 'vitest'
import { headerNameProblem, headerValueProblem } from './header-rules.ts'

test('header names', () => {
  const check = (name: string, problem?: RegExp) =>
    problem === undefined
      ? expect(headerNameProblem(name)).toBeUndefined()
      : expect(headerNameProblem(name)).toMatch(problem)
  check('X-Scope-OrgID')
  check("!#$%&'*+-.^_`|~")
  check('', /not a header name/)
  check('a b', /not a header name/)
  check('a:b', /not a header name/)
  check('é', /not a header name/)
  check('Content-Encoding', /reserved/)
  check('USER-AGENT', /reserved/)
  check('x-prometheus-remote-write-version', /reserved/)
  check('authorization', /authentication settings/)
})

test('header values', () => {
  expect(headerValueProblem('a\tb é')).toBeUndefined()
  for (const bad of ['a\r\nb', 'a\0', '\x7f', '€']) expect(headerValueProblem(bad)).toMatch(/no header value/)
})
