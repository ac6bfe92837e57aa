import { expect, test } from 'vitest'
import { partOptions } from './part-options.ts'
import { originOf, readHead } from './request-head.ts'

const options = { origin: 'http://a:1', path: '/push', method: 'POST', headers: { 'X-A': '1' }, body: null }

test('where a request goes', () => {
  const check = (more: object, url: string | undefined) => expect(readHead({ ...options, ...more })?.url).toBe(url)
  check({}, 'http://a:1/push')
  check({ origin: new URL('http://a:1/') }, 'http://a:1/push')
  check({ origin: 'http://a:1/' }, 'http://a:1/push')
  check({ origin: undefined }, 'http://upstream/push')
  check({ path: '//b/push' }, 'http://a:1//b/push')
  check({ path: 'http://b/push' }, 'http://b/push')
  check({ path: '/push?x=1' }, 'http://a:1/push?x=1')
  check({ query: { x: 1, y: ['2', '3'] } }, 'http://a:1/push?x=1&y=2&y=3')
  check({ query: null }, 'http://a:1/push')
  check({ method: 'PUT' }, undefined)
  check({ path: undefined }, undefined)
  check({ upgrade: 'x' }, undefined)
  check({ headers: ['odd'] }, undefined)
  expect(readHead(undefined as never)).toBe(undefined)
})

test('origins', () => {
  expect(originOf({ ...options, origin: new URL('https://a:443/x') })).toBe('https://a')
  expect(originOf({ ...options, origin: 'nonsense' })).toBe(undefined)
})

test('a part has the options of its request, but for what is its own', () => {
  const request = { ...options, headersTimeout: 5, query: { x: 1 }, servername: 'a' }
  const head = readHead({ ...request, headers: { ...request.headers, host: 'name' } })!
  const own = { method: 'POST', headers: { b: '2' }, body: Buffer.from('part') }
  expect(partOptions(request, head, { ...own, url: head.url })).toEqual({
    ...request,
    headers: { b: '2', host: 'name' },
    body: own.body,
  })
  expect(partOptions(request, head, { ...own, url: 'https://b/other?y=2' })).toEqual({
    ...request,
    ...own,
    origin: 'https://b',
    path: '/other?y=2',
    query: undefined,
    servername: undefined,
  })
})
