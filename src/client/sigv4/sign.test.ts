// The signatures are AWS's own: its Signature Version 4 test suite, as awslabs/aws-c-auth publishes it (tests/
// aws-signing-test-suite/v4 at 495329c, header-signature.txt). Left out are requests that no URL can say, or that the
// suite wants signed without their path cleaned.

import { expect, test } from 'vitest'
import type { HttpRequest } from '../../wire/message.ts'
import { isForeign, markForeign } from '../redirect-hop.ts'
import { type AwsCredentials, signRequest } from './sign.ts'

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const scope = { region: 'us-east-1', service: 'service', at: Date.UTC(2015, 7, 30, 12, 36), sendsBodyHash: false }
/** post-sts-header-before/context.json */
const sessionToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA' +
  'x7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q' +
  '6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='

const requestOf = (method: string, path: string, headers: HttpRequest['headers'] = {}, body = ''): HttpRequest => ({
  method,
  url: `https://example.amazonaws.com${path}`,
  headers,
  body: Buffer.from(body),
})

const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '13' }
const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

test('AWS’s published vectors', async () => {
  const check = async (
    _name: string,
    request: HttpRequest,
    want: string,
    { credentials = keys, sendsBodyHash = false }: { credentials?: AwsCredentials; sendsBodyHash?: boolean } = {},
  ) => {
    const signed = await signRequest(request, credentials, { ...scope, sendsBodyHash })
    const start = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders='
    expect(signed.headers.authorization).toMatch(new RegExp(`^${start}[a-z0-9;-]*host;[a-z0-9;-]+, Signature=${want}$`))
  }
  const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
  await check('get-vanilla', requestOf('GET', '/'), vanilla)
  await check('get-relative-normalized', requestOf('GET', '/example/..'), vanilla)
  await check('get-relative-relative-normalized', requestOf('GET', '/example1/example2/../..'), vanilla)
  await check('get-slash-dot-slash-normalized', requestOf('GET', '/./'), vanilla)
  await check('get-slash-normalized', requestOf('GET', '//'), vanilla)
  await check(
    'get-slash-pointless-dot-normalized',
    requestOf('GET', '/./example'),
    'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
  )
  await check(
    'get-slashes-normalized',
    requestOf('GET', '//example//'),
    '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  )
  await check(
    'get-unreserved',
    requestOf('GET', `/${unreserved}`),
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  )
  await check(
    'get-vanilla-query-order-key-case',
    requestOf('GET', '/?Param2=value2&Param1=value1'),
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  )
  await check(
    'get-vanilla-query-order-encoded',
    requestOf('GET', '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1'),
    '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
  )
  await check(
    'get-vanilla-query-unreserved',
    requestOf('GET', `/?${unreserved}=${unreserved}`),
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  )
  await check(
    'get-vanilla-utf8-query',
    requestOf('GET', '/?ሴ=bar'),
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  )
  await check(
    'get-header-value-trim',
    requestOf('GET', '/', { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' }),
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  )
  await check(
    'get-header-key-duplicate',
    requestOf('GET', '/', { 'my-header1': 'value2,value2,value1' }),
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  )
  await check(
    'post-vanilla',
    requestOf('POST', '/'),
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  )
  await check(
    'post-header-value-case',
    requestOf('POST', '/', { 'my-header1': 'VALUE1' }),
    'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  )
  await check(
    'post-vanilla-query',
    requestOf('POST', '/?Param1=value1'),
    '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  )
  await check(
    'post-x-www-form-urlencoded',
    requestOf('POST', '/', form, 'Param1=value1'),
    'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
    { sendsBodyHash: true },
  )
  await check(
    'post-x-www-form-urlencoded-parameters',
    requestOf('POST', '/', { ...form, 'content-type': `${form['content-type']}; charset=utf-8` }, 'Param1=value1'),
    '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
    { sendsBodyHash: true },
  )
  await check(
    'post-sts-header-before',
    requestOf('POST', '/'),
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    { credentials: { ...keys, sessionToken } },
  )
})

test('what is signed is what is sent', async () => {
  const sign = (request: HttpRequest, credentials: AwsCredentials = keys) => signRequest(request, credentials, scope)
  const { url } = await sign(requestOf('POST', '//workspaces///ws-1/../ws-2/api/?b=1+2&a=%2B'))
  expect(url).toBe('https://example.amazonaws.com/workspaces/ws-2/api/?b=1%202&a=%2B')
  // No header of the request speaks for the signer.
  const claims = {
    authorization: 'Basic eDp5',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': '20000101T000000Z',
    'x-amz-security-token': 'other',
  }
  const { headers } = await sign(requestOf('POST', '/', claims))
  expect(headers).toEqual((await sign(requestOf('POST', '/'))).headers)
  expect(headers).toEqual({ authorization: headers.authorization, 'x-amz-date': '20150830T123600Z' })
})

test('headers that change on the way are sent, not signed', async () => {
  const fleeting = { 'uber-trace-id': '1:2:3:1', 'user-agent': 'Sluice/1', 'x-amzn-trace-id': 'Root=1' }
  const { headers } = await signRequest(requestOf('POST', '/', { ...fleeting, 'x-scope-orgid': 'a' }), keys, scope)
  expect(headers).toMatchObject({ ...fleeting, 'x-scope-orgid': 'a' })
  expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date;x-scope-orgid,')
})

test('a Host of its own is signed and kept; body, limits and mark stay', async () => {
  const signal = new AbortController().signal
  const request = markForeign({ ...requestOf('POST', '/', { host: 'aps' }, 'x'), timeoutMs: 5, signal })
  const signed = await signRequest(request, keys, scope)
  expect(signed.headers.host).toBe('aps')
  const other = await signRequest(requestOf('POST', '/', {}, 'x'), keys, scope)
  expect(signed.headers.authorization).not.toBe(other.headers.authorization)
  expect(signed).toMatchObject({ timeoutMs: 5, signal, method: 'POST' })
  expect(signed.body).toBe(request.body)
  expect(isForeign(signed)).toBe(true)
})
