import { expect, test } from 'vitest'
import { NoToken, readTokenAnswer } from './token-answer.ts'

const now = 1_000_000
const read = (status: number, body: string | object, type = 'application/json') =>
  readTokenAnswer(
    {
      status,
      headers: { 'content-type': type },
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
    now,
    (text) => text.replaceAll('hunter2', '<secret>'),
  )

test('tokens: type, life in seconds as a number or a text, JSON or a form', () => {
  const check = (body: string | object, value: string, seconds: number | undefined, type?: string) =>
    expect(read(200, body, type)).toEqual({
      value,
      expiresAt: seconds === undefined ? undefined : now + seconds * 1000,
    })
  check({ access_token: 't', token_type: 'Bearer', expires_in: 3600 }, 'Bearer t', 3600)
  check({ access_token: 't', token_type: 'bearer', expires_in: '3600' }, 'Bearer t', 3600)
  check({ access_token: 't', token_type: 'BASIC' }, 'Basic t', undefined)
  check({ access_token: 't', token_type: 'mac', expires_in: null }, 'MAC t', undefined)
  check({ access_token: 't', token_type: 'GoogleLogin', expires_in: 0 }, 'GoogleLogin t', undefined)
  check({ access_token: 't', expires_in: '' }, 'Bearer t', undefined)
  check({ access_token: 't', expires_in: 59.9 }, 'Bearer t', 59)
  check({ access_token: 't', expires_in: 1e300 }, 'Bearer t', 2 ** 31 - 1)
  check({ access_token: 't', expires_in: -5 }, 'Bearer t', -5)
  const form = 'access_token=a%2Bb&token_type=bearer&expires_in=60'
  check(form, 'Bearer a+b', 60, 'application/x-www-form-urlencoded')
  check(form, 'Bearer a+b', 60, 'text/plain; charset=utf-8')
  check('{"access_token":"t"}', 'Bearer t', undefined, 'text/plain')
  check('{"access_token":"t"}', 'Bearer t', undefined, 'text/html')
  expect(read(201, { access_token: 't' }).value).toBe('Bearer t')
})

test('everything else is no token, and says why without showing a token', () => {
  const check = (status: number, body: string | object, want: string, type?: string) => {
    const attempt = () => read(status, body, type)
    expect(attempt).toThrow(NoToken)
    expect(attempt).toThrow(new NoToken(want))
  }
  check(401, { error: 'invalid_client' }, '401 "invalid_client"')
  check(
    400,
    { error: 'e', error_description: 'hunter2 is\nwrong', error_uri: 'http://x/' },
    '400 "e" "<secret> is wrong" "http://x/"',
  )
  check(200, { error: 'invalid_scope', access_token: 'T0P' }, '200 "invalid_scope"')
  check(400, 'error=e&error_description=d+d', '400 "e" "d d"', 'application/x-www-form-urlencoded')
  check(503, '', '503')
  check(502, '<html>no hunter2</html>', '502 "<html>no <secret></html>"', 'text/html')
  check(400, { error: { code: 7 } }, '400 "{\\"error\\":{\\"code\\":7}}"')
  check(500, 'x'.repeat(5000), `500 "${'x'.repeat(300)}…"`)
  check(302, '', '302')
  check(200, '{"access_token":"T0P"', '200, but its answer is neither JSON nor a form')
  check(200, 'null', '200, but its answer is neither JSON nor a form')
  check(200, '', '200, but its answer is neither JSON nor a form')
  check(200, {}, '200, but its answer is missing access_token')
  check(200, { access_token: 7 }, '200, but its answer is missing access_token')
  check(200, 'T0P', '200, but its answer is missing access_token', 'text/plain')
  check(200, { access_token: 'a\r\nx: 1' }, '200, but its answer holds a token that no header may hold')
  check(200, { access_token: 't', token_type: 'a\nb' }, '200, but its answer holds a token that no header may hold')
  check(200, { access_token: 't', expires_in: 'soon' }, '200, but its answer has an expires_in that is no number')
  check(200, { access_token: 't', expires_in: [] }, '200, but its answer has an expires_in that is no number')
  check(200, `{"access_token":"${'t'.repeat(1 << 20)}"}`, '200, but its answer is 1 MiB or longer')
})
