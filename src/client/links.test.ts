import { expect, test } from 'vitest'
import { inline, Secret } from '../config/secret.ts'
import type { HttpRequest, Send } from '../wire/message.ts'
import { basicAuth } from './basic-auth.ts'
import { chain, type Link } from './chain.ts'
import { headersLink } from './headers-link.ts'
import { httpHeaders } from './http-headers.ts'
import { markForeign } from './redirect-hop.ts'
import { setHeaders } from './set-headers.ts'
import { staticHeaders } from './static-headers.ts'

const request: HttpRequest = {
  method: 'POST',
  url: 'http://h/',
  headers: { 'x-scope-orgid': 'a' },
  body: Buffer.from('x'),
}

/** The headers that reach the transport. */
async function through(links: readonly Link[], headers = request.headers) {
  let seen: HttpRequest | undefined
  const transport: Send = async (sent) => {
    seen = sent
    return { status: 200, headers: {}, body: sent.body }
  }
  await chain(links, transport)({ ...request, headers })
  expect(seen).toMatchObject({ method: 'POST', url: 'http://h/', body: request.body })
  return seen!.headers
}

test('the first link sees the request first and the answer last', async () => {
  const order: string[] = []
  const note =
    (name: string): Link =>
    (next) =>
    async (sent) => {
      order.push(`${name} >`)
      const answer = await next(sent)
      order.push(`< ${name}`)
      return answer
    }
  await through([note('a'), note('b')])
  expect(order).toEqual(['a >', 'b >', '< b', '< a'])
  expect(await through([])).toEqual(request.headers)
})

test('static headers, unless the request has its own', async () => {
  const links = [staticHeaders({ 'X-A': '1', 'X-B': '2' }), staticHeaders({ 'User-Agent': 'Sluice/1' })]
  expect(await through(links)).toEqual({ 'x-scope-orgid': 'a', 'x-a': '1', 'x-b': '2', 'user-agent': 'Sluice/1' })
  expect(await through(links, { 'x-a': '9', 'user-agent': 'Prometheus/3' })).toEqual({
    'x-a': '9',
    'x-b': '2',
    'user-agent': 'Prometheus/3',
  })
  expect(request.headers).toEqual({ 'x-scope-orgid': 'a' })
})

test('neighbours that rewrite headers work on a headers object once, and again when a value changes', async () => {
  let token = 'one'
  let made = 0
  const counted = headersLink('counted', {
    read: () => token,
    make: (headers, value) => {
      made++
      return { ...headers, 'x-token': value }
    },
  })
  const seen: HttpRequest['headers'][] = []
  const send = chain([staticHeaders({ a: '1' }), counted, setHeaders({ A: new Secret('2') })], async (sent) => {
    seen.push(sent.headers)
    return { status: 200, headers: {}, body: sent.body }
  })
  await send(request)
  await send(request)
  expect(made).toBe(1)
  expect(seen[1]).toBe(seen[0])
  expect(seen[0]).toEqual({ 'x-scope-orgid': 'a', a: '2', 'x-token': 'one' })
  token = 'two'
  await send(request)
  expect(seen[2]).toEqual({ 'x-scope-orgid': 'a', a: '2', 'x-token': 'two' })
})

test('of header links only what is no secret reaches another host', async () => {
  const links = [
    staticHeaders({ 'user-agent': 'Sluice/1' }),
    setHeaders({ 'x-key': new Secret('k') }),
    httpHeaders({ 'x-more': { values: ['v'], secrets: [], files: [] } }),
    basicAuth({ username: inline('u'), password: inline('p') }),
  ]
  const seen: string[][] = []
  const send = chain(links, async (sent) => {
    seen.push(Object.keys(sent.headers).sort())
    return { status: 200, headers: {}, body: sent.body }
  })
  await send({ ...request, headers: {} })
  await send(markForeign({ ...request, headers: {} }))
  expect(seen).toEqual([['authorization', 'user-agent', 'x-key', 'x-more'], ['user-agent']])
})

test('a link that signs bodies is refused before one that splits them, and only there', () => {
  const sign: Link = Object.assign(
    function mySignature(next: Send) {
      return next
    },
    { signsBody: true as const },
  )
  const split: Link = Object.assign((next: Send) => next, { splitsBody: true as const })
  const plain: Link = (next) => next
  const transport: Send = () => Promise.reject(new Error('not sent'))
  expect(() => chain([plain, sign, plain, split], transport)).toThrowError(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /^link 2 \(mySignature\) signs the whole body and stands before a link that splits/,
      ),
    }),
  )
  for (const good of [
    [plain, split, sign],
    [sign, plain],
    [split, plain],
  ])
    chain(good, transport)
})

test('what is no link, or nothing that sends, is refused when the chain is made', () => {
  const plain: Link = (next) => next
  const transport: Send = () => Promise.reject(new Error('not sent'))
  expect(() => chain([plain, undefined as unknown as Link], transport)).toThrow('link 2 is no function')
  expect(() => chain([plain], undefined as unknown as Send)).toThrow('chain(links, transport)')
})
