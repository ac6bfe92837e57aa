import { expect, test } from 'vitest'
import { redactHeaders, redactText, truncate } from './redact.ts'

test('texts', () => {
  const check = (input: string, want: string) => expect(redactText(input)).toBe(want)
  check('http://mimir:9009/api/v1/push', 'http://mimir:9009/api/v1/push')
  check('https://user:p%40ss@mimir/push failed', 'https://***@mimir/push failed')
  check('https://user:p@ss@mimir/push', 'https://***@mimir/push')
  check('https://token@mimir/a@b', 'https://***@mimir/a@b')
  check('http://a:b@x, then http://c:d@y', 'http://***@x, then http://***@y')
  check('http://x/?a=1&token=abc&b=2', 'http://x/?a=1&token=***&b=2')
  check('http://x/?api_key=abc#f', 'http://x/?api_key=***#f')
  check('http://x/?X-Amz-Signature=abc&monkey=b', 'http://x/?X-Amz-Signature=***&monkey=b')
  check('http://x/?amz-signature=abc&access_token=d', 'http://x/?amz-signature=***&access_token=***')
  check('upstream said: Bearer eyJhbGciOi.x_y-z is bad', 'upstream said: Bearer *** is bad')
  check('authorization: Basic dXNlcjpwYXNz', 'authorization: Basic ***')
  check('the basic rule: no mail@example.org', 'the basic rule: no mail@example.org')
})

test('headers, by name', () => {
  const headers = {
    Authorization: 'Basic dXNlcjpwYXNz',
    'proxy-authorization': 'x',
    cookie: 'a=b',
    'Set-Cookie': ['a=b', 'c=d'],
    'X-Api-Key': 'k',
    'x-auth-token': 't',
    'X-Scope-OrgID': 'team-a',
    via: ['1.1 a', '1.1 b'],
    absent: undefined,
    referer: 'http://u:p@x/',
  }
  expect(redactHeaders(headers)).toEqual({
    Authorization: '***',
    'proxy-authorization': '***',
    cookie: '***',
    'Set-Cookie': '***',
    'X-Api-Key': '***',
    'x-auth-token': '***',
    'X-Scope-OrgID': 'team-a',
    via: '1.1 a, 1.1 b',
    referer: 'http://***@x/',
  })
})

test('hostile text takes no time', () => {
  const check = (text: string) => {
    const start = process.cpuUsage()
    expect(redactText(text.repeat(2_000_000 / text.length)).length).toBeLessThan(20_000)
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1e6).toBeLessThan(3)
  }
  check('a.')
  check('://')
  check('?a_')
  check('basic ')
})

test('cuts are marked and keep surrogate pairs whole', () => {
  expect(truncate('abc', 3)).toBe('abc')
  expect(truncate('abcd', 3)).toBe('abc…')
  expect(truncate('ab😀d', 3)).toBe('ab…')
  expect(truncate('ab😀d', 4)).toBe('ab😀…')
})
