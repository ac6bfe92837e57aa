import { expect, test } from 'vitest'
import type { HttpRequest, Send } from '../wire/message.ts'
import { chain, type Link } from './chain.ts'
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
