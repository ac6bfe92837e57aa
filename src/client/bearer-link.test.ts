import { expect, test } from 'vitest'
import type { HttpRequest, Send } from '../wire/message.ts'
import { bearerLink } from './bearer-link.ts'
import { isForeign, markForeign } from './redirect-hop.ts'
import { tokenCache } from './token-cache.ts'

const request: HttpRequest = {
  method: 'POST',
  url: 'http://h/',
  headers: { 'x-scope-orgid': 'a', authorization: 'Basic eDp5' },
  body: Buffer.from('x'),
}
const answer = { status: 200, headers: {}, body: Buffer.alloc(0) }

function through(fetchToken: () => Promise<string>, more?: () => Record<string, string>) {
  const sent: HttpRequest[] = []
  const next: Send = async (request) => {
    sent.push(request)
    return answer
  }
  const cache = tokenCache({
    now: Date.now,
    earlyMs: 0,
    fetchToken: async () => ({ value: await fetchToken(), expiresAt: undefined }),
  })
  const link = bearerLink('azuread', cache, more)
  return { link, send: link(next), sent, cache }
}

test('the token replaces whatever Authorization there is, in one headers object for all that have the same', async () => {
  const { link, send, sent, cache } = through(
    async () => 't',
    () => ({ 'x-goog-user-project': 'p' }),
  )
  expect(link.name).toBe('azuread')
  await send(request)
  await send(request)
  expect(sent[0]).toEqual({
    ...request,
    headers: { 'x-scope-orgid': 'a', authorization: 'Bearer t', 'x-goog-user-project': 'p' },
  })
  expect(sent[1]!.headers).toBe(sent[0]!.headers)
  expect(request.headers.authorization).toBe('Basic eDp5')
  cache.drop()
  await send(request)
  expect(sent[2]!.headers).toEqual(sent[0]!.headers)
})

test('while there is a token, the request is on its way before anything else happens', async () => {
  const { send, sent } = through(async () => 't')
  await send(request)
  const under = send(request)
  expect(sent).toHaveLength(2)
  await under
})

test('no token, no request', async () => {
  const { send, sent } = through(async () => {
    throw new Error('down')
  })
  await expect(send(request)).rejects.toThrow('down')
  expect(sent).toEqual([])
})

test('it keeps off another host, and asks for no token there', async () => {
  let asked = 0
  const { send, sent } = through(async () => `t${++asked}`)
  const hop = markForeign({ ...request })
  await send(hop)
  expect(sent).toEqual([hop])
  expect(asked).toBe(0)
})

test('waiting uses up a request’s time, and keeps what it is', async () => {
  let release = (_: string) => {}
  const { send, sent } = through(() => new Promise((resolve) => (release = resolve)))
  const signal = new AbortController().signal
  const under = send({ ...request, timeoutMs: 60_000, signal })
  const from = performance.now()
  while (performance.now() - from < 5) await new Promise((resolve) => setImmediate(resolve))
  release('t')
  await under
  expect(sent[0]!.timeoutMs).toBeLessThan(60_000 - 4)
  expect(sent[0]!.timeoutMs).toBeGreaterThan(30_000)
  expect(sent[0]!.signal).toBe(signal)
  expect(isForeign(sent[0]!)).toBe(false)
})
