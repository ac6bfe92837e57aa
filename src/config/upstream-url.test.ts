import { expect, test } from 'vitest'
import { maskUrl, parseUpstream, urlProblem } from './upstream-url.ts'

test('what is a URL to send to', () => {
  const check = (text: string, problem?: RegExp) =>
    problem === undefined
      ? expect(urlProblem(text), text).toBeUndefined()
      : expect(urlProblem(text), text).toMatch(problem)
  check('http://mimir/api/v1/push')
  check('https://[::1]:8080/x?y=z')
  check('127.0.0.1:9090')
  check('mimir:8080/api/v1/push')
  check('mimir')
  check('ftp://x/', /http and https/)
  check('http://', /not a URL/)
  check('http://x:99999', /not a URL/)
  check('a b', /blanks/)
  check('', /not a URL/)
})

test('user and password leave the URL as Basic auth', () => {
  expect(parseUpstream('mimir:8080/push')).toEqual({ url: 'http://mimir:8080/push' })
  expect(parseUpstream('https://u%40x:p%2Fw@h/a')).toEqual({
    url: 'https://h/a',
    basicAuth: { username: 'u@x', password: 'p/w' },
  })
  expect(parseUpstream('http://h/x#y')).toEqual({ url: 'http://h/x' })
  expect(parseUpstream('u:p@h:80')).toEqual({ url: 'http://h/', basicAuth: { username: 'u', password: 'p' } })
  expect(parseUpstream('http://u:%zz@h/').basicAuth).toEqual({ username: 'u', password: '%zz' })
})

test('passwords and secret parameters are masked, also where the URL is broken', () => {
  const check = (text: string, want: string) => expect(maskUrl(text)).toBe(want)
  check('http://h/x', 'http://h/x')
  check('http://h:80/a:b@c', 'http://h:80/a:b@c')
  check('http://u:p@h/x', 'http://u:xxxxx@h/x')
  check('u:p@h:80', 'u:xxxxx@h:80')
  check('http://u:p/w@h:80', 'http://u:xxxxx@h:80')
  check('ftp://u:p@x@h', 'ftp://u:xxxxx@h')
  check('http://user@h', 'http://user@h')
  check('http://h/x?tenant=a&access_token=abc', 'http://h/x?tenant=a&access_token=xxxxx')
  check('http://u:p@h/x?key=abc&b=c', 'http://u:xxxxx@h/x?key=xxxxx&b=c')
})
