import { expect, test } from 'vitest'
import { travellingHeaders } from './travelling-headers.ts'

const pick = travellingHeaders('X-Scope-OrgID')

test('the caller’s own travel, those of the whole body or the connection do not', () => {
  const travels = {
    authorization: 'Bearer x',
    cookie: 'a=b',
    'user-agent': 'me/1',
    'retry-attempt': '1',
    'x-custom': '1',
  }
  const stays = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'content-length': '10',
    'transfer-encoding': 'chunked',
    'accept-encoding': 'gzip',
    host: 'a',
    expect: '100-continue',
    connection: 'keep-alive, X-Hop',
    'x-hop': '1',
    te: 'trailers',
    'x-scope-orgid': 'all',
  }
  expect(pick({ ...travels, ...stays }).headers).toEqual(travels)
})

test('the same headers are the same object', () => {
  const first = pick({ a: '1', b: '2' })
  expect(pick({ a: '1', b: '2', 'content-length': '5' })).toBe(first)
  expect(pick({ a: '1', b: '3' })).not.toBe(first)
})

test('whose push it is: tracing and counting make no other', () => {
  const identity = (headers: Record<string, string>) => pick(headers).identity
  const own = { authorization: 'Basic a', 'x-stack': '1' }
  expect(identity({ ...own, 'retry-attempt': '2', traceparent: '00-x', 'x-b3-spanid': '1' })).toBe(identity(own))
  expect(identity({ ...own, authorization: 'Basic b' })).not.toBe(identity(own))
  expect(identity({ ...own, 'x-stack': '2' })).not.toBe(identity(own))
  expect(identity({ ...own, cookie: 'a' })).not.toBe(identity(own))
})
