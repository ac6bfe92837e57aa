import { expect, test } from 'vitest'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { chain, type Link } from './chain.ts'
import { headersLink } from './headers-link.ts'
import { isForeign, markForeign } from './redirect-hop.ts'
import { type RedirectOptions, redirects } from './redirects.ts'

const answer = (status: number, location?: string): HttpResponse => ({
  status,
  headers: location === undefined ? {} : { location },
  body: new Uint8Array(0),
})

const push: HttpRequest = {
  method: 'POST',
  url: 'http://a.test/push?x=1',
  headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': 'team-a' },
  body: Buffer.from('body'),
}
const get: HttpRequest = { ...push, method: 'GET', body: new Uint8Array(0) }

/** Sends through a redirect link; each request is answered by the next of `answers`, the last one by 200. */
async function send(request: HttpRequest, answers: readonly HttpResponse[], options?: RedirectOptions) {
  const sent: HttpRequest[] = []
  const transport: Send = async (one) => {
    sent.push(one)
    return answers[sent.length - 1] ?? answer(200)
  }
  const outcome: HttpResponse | Error = await redirects(options)(transport)(request).catch((error) => error)
  return { outcome, sent, last: sent.at(-1)! }
}

test('where a redirect leads, and who it makes a stranger', async () => {
  const check = async (from: string, location: string, want: string, foreign: boolean) => {
    const { sent, last } = await send({ ...push, url: from }, [answer(307, location)])
    expect([sent.length, last.url, isForeign(last)]).toEqual([2, want, foreign])
  }
  await check('http://a.test/push?x=1', '/other', 'http://a.test/other', false)
  await check('http://a.test/push?x=1', 'other?y=2', 'http://a.test/other?y=2', false)
  await check('http://a.test/push?x=1', '?y=2', 'http://a.test/push?y=2', false)
  await check('http://a.test/push', 'http://A.TEST/', 'http://a.test/', false)
  await check('http://a.test/push', 'http://a.test:81/', 'http://a.test:81/', false)
  await check('http://a.test/push', 'https://a.test/', 'https://a.test/', false)
  await check('http://a.test/push', '//sub.a.test/', 'http://sub.a.test/', false)
  await check('http://a.test/push', 'http://x.sub.a.test/', 'http://x.sub.a.test/', false)
  await check('http://sub.a.test/push', 'http://a.test/', 'http://a.test/', true)
  await check('http://a.test/push', 'http://b.test/', 'http://b.test/', true)
  await check('http://a.test/push', 'http://evila.test/', 'http://evila.test/', true)
  await check('http://a.test/push', 'http://a.test.b.test/', 'http://a.test.b.test/', true)
  await check('http://a.test/push', '\\\\b.test\\x', 'http://b.test/x', true)
  await check('http://a.test/push', 'http://a.test./', 'http://a.test./', true)
  await check('http://127.0.0.1/', 'http://localhost/', 'http://localhost/', true)
  await check('http://[::1]/', 'http://[::1]:81/', 'http://[::1]:81/', false)
  await check('http://[::1]/', 'http://[::2]/', 'http://[::2]/', true)
  await check('https://a.test/', 'https://sub.a.test/', 'https://sub.a.test/', false)
  await check('https://a.test/', 'http://a.test/', 'http://a.test/', true)
})

test('a POST never becomes a GET: 301, 302 and 303 are its answer', async () => {
  const check = async (method: string, status: number, want: readonly string[], body: string) => {
    const { outcome, sent, last } = await send({ ...push, method }, [answer(status, '/other')])
    expect(sent.map((one) => one.method)).toEqual(want)
    expect(outcome).toMatchObject({ status: want.length === 2 ? 200 : status })
    expect(Buffer.from(last.body).toString()).toBe(body)
    expect('content-type' in last.headers).toBe(body !== '')
    expect(last.headers).toMatchObject({ 'x-scope-orgid': 'team-a' })
  }
  for (const status of [301, 302, 303]) {
    await check('POST', status, ['POST'], 'body')
    await check('PUT', status, ['PUT'], 'body')
    await check('GET', status, ['GET', 'GET'], '')
    await check('HEAD', status, ['HEAD', 'HEAD'], '')
  }
  for (const status of [307, 308])
    for (const method of ['POST', 'GET']) await check(method, status, [method, method], 'body')
  for (const status of [200, 300, 304, 305, 306, 404, 500]) await check('GET', status, ['GET'], 'body')
})

test('a redirect without a Location is the answer, one to nowhere is an error that tells no secret', async () => {
  const check = async (location: string | undefined, want: object) => {
    const { outcome, sent } = await send(get, [answer(302, location)])
    expect(sent).toHaveLength(1)
    expect(outcome).toMatchObject(want)
  }
  const refused = (why: string) => ({ code: 'REDIRECT_REFUSED', status: 502, message: `a.test:80: ${why}` })
  await check(undefined, { status: 302 })
  await check('', { status: 302 })
  await check('http://[s3cret/', refused('redirects to what is no URL'))
  await check(
    'ftp://b.test/s3cret',
    refused('redirects to a URL that begins with ftp:; only http: and https: are followed'),
  )
  await check(
    'mailto:s3cret',
    refused('redirects to a URL that begins with mailto:; only http: and https: are followed'),
  )
  await check(
    'http://u:s3cret@b.test/',
    refused('redirects to a URL of b.test that carries a user or password; only settings may name one'),
  )
})

test('a chain that does not end is left after ten requests, as in Go', async () => {
  const loop = Array.from({ length: 20 }, () => answer(308, '/push'))
  const check = async (answers: readonly HttpResponse[], max: number | undefined, requests: number, want: object) => {
    const { outcome, sent } = await send(push, answers, max === undefined ? {} : { max })
    expect(sent).toHaveLength(requests)
    expect(outcome).toMatchObject(want)
  }
  const stopped = (max: number) => ({
    code: 'REDIRECT_REFUSED',
    message: `a.test:80: stopped after ${max} redirects; send to the URL where they should end`,
  })
  await check(loop, undefined, 10, stopped(10))
  await check(loop.slice(0, 9), undefined, 10, { status: 200 })
  await check(loop, 2, 2, stopped(2))
})

test('once a stranger, always one; its own credentials stay behind', async () => {
  const credentials = {
    authorization: 's3cret',
    cookie: 's3cret',
    cookie2: 's3cret',
    'www-authenticate': 's3cret',
    'proxy-authorization': 's3cret',
    'proxy-authenticate': 's3cret',
  }
  const { sent } = await send({ ...push, headers: { ...push.headers, ...credentials } }, [
    answer(307, 'http://sub.a.test/'),
    answer(308, 'http://b.test/'),
    answer(307, 'http://a.test/'),
  ])
  expect(sent.map((one) => [one.url, isForeign(one), one.headers.authorization ?? ''])).toEqual([
    ['http://a.test/push?x=1', false, 's3cret'],
    ['http://sub.a.test/', false, 's3cret'],
    ['http://b.test/', true, ''],
    ['http://a.test/', true, ''],
  ])
  expect(sent[1]!.headers).toEqual({ ...push.headers, ...credentials })
  expect(sent[3]!.headers).toEqual(push.headers)
})

test('a Host of the request’s own survives only where the host does', async () => {
  const named = { ...push, headers: { ...push.headers, host: 'virtual.test' } }
  expect((await send(named, [answer(307, '/other')])).last.headers.host).toBe('virtual.test')
  expect((await send(named, [answer(307, 'http://a.test:81/')])).last.headers.host).toBeUndefined()
})

test('links inside see each hop anew, and what they remember of headers is not handed to strangers', async () => {
  let stamps = 0
  const stamp = headersLink('stamp', {
    read: () => 0,
    make: (headers) => ({ ...headers, stamp: String(++stamps) }),
    abroad: true,
  })
  const seen: string[] = []
  const transport: Send = async (one) => {
    seen.push(`${one.url} ${one.headers.stamp} ${isForeign(one)}`)
    return seen.length === 1 ? answer(307, 'http://b.test/') : answer(200)
  }
  const copying: Link = (next) => (request) => next({ ...request, headers: { ...request.headers } })
  await chain([redirects(), copying, stamp], transport)(push)
  expect(seen).toEqual(['http://a.test/push?x=1 1 false', 'http://b.test/ 2 true'])
})

test('the time allowed is that of all hops together', async () => {
  let at = 1000
  const check = async (timeoutMs: number, want: object, left: readonly number[]) => {
    const sent: (number | undefined)[] = []
    const transport: Send = async (one) => {
      sent.push(one.timeoutMs)
      at += 400
      return sent.length < 3 ? answer(307, '/x') : answer(200)
    }
    const outcome = await redirects({ now: () => at })(transport)({ ...push, timeoutMs }).catch((error) => error)
    expect(outcome).toMatchObject(want)
    expect(sent).toEqual(left)
  }
  await check(1300, { status: 200 }, [1300, 900, 500])
  await check(800, { code: 'UPSTREAM_TIMEOUT', message: 'a.test:80: no answer within 800 ms' }, [800, 400])
})

test('a signal reaches every hop and ends the chain between two', async () => {
  const abort = new AbortController()
  const signals: unknown[] = []
  const transport: Send = async (one) => {
    signals.push(one.signal)
    if (signals.length === 2) abort.abort('enough')
    return answer(307, '/x')
  }
  await expect(redirects()(transport)({ ...push, signal: abort.signal })).rejects.toBe('enough')
  expect(signals).toEqual([abort.signal, abort.signal])
})

test('what fails fails as it is', async () => {
  const failed = new Error('no')
  await expect(redirects()(() => Promise.reject(failed))(push)).rejects.toBe(failed)
})

test('the mark survives copies of any kind', () => {
  expect(isForeign(push)).toBe(false)
  const marked = markForeign(push)
  expect(isForeign(push)).toBe(false)
  for (const copy of [marked, { ...marked }, { ...marked, url: 'http://a.test/' }]) expect(isForeign(copy)).toBe(true)
})
