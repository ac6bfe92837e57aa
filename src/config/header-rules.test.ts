import { expect, test } from 'vitest'
import { headerBytes, headerNameProblem, headerValueProblem } from './header-rules.ts'

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
  for (const good of ['', 'a\tb é', '\x80', '€', '😀']) expect(headerValueProblem(good)).toBeUndefined()
  for (const bad of ['a\r\nb', 'a\0', '\x7f', '\x1f', '\ud83d'])
    expect(headerValueProblem(bad)).toMatch(/no header value/)
})

test('header values as bytes', () => {
  const check = (text: string, hex: string) => {
    const bytes = headerBytes(text)
    expect(Buffer.from(bytes, 'latin1').toString('hex')).toBe(hex)
  }
  check('a\tb', '610962')
  check('é', 'c3a9')
  check('€😀', 'e282acf09f9880')
})
