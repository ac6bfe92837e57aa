import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { Link } from '../client/chain.ts'
import { type ClientOptions, createHttpClient } from './create-http-client.ts'
import type { PlacedLink } from './placed-links.ts'

interface Seen {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server that redirects /from to /to, and notes what it is asked. */
async function server(): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url: path, headers } = request
    seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
    if (path === '/hang') return
    if (path === '/from') response.writeHead(307, { location: '/to' })
    response.end('0123456789')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, seen }
}

function client(options: ClientOptions = {}, ...links: (Link | PlacedLink)[]) {
  const made = createHttpClient(options, ...links)
  onTestFinished(() => made.destroy())
  return made
}

test('a client with nothing set: GET, or POST with a body; redirects are followed', async () => {
  const { url, seen } = await server()
  const { send } = client()
  expect((await send({ url })).status).toBe(200)
  const answer = await send({ url: `${url}/from`, body: 'text', headers: { 'X-Any': '1' } })
  expect(Buffer.from(answer.body).toString()).toBe('0123456789')
  expect(seen.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
    'GET / ',
    'POST /from text',
    'POST /to text',
  ])
  expect(seen[2]?.headers).toMatchObject({ 'x-any': '1', 'user-agent': expect.stringMatching(/^Sluice\/\d/) })
})

test('settings become links, in order, and one client shows its secrets to nobody', async () => {
  const { url, seen } = await server()
  const made = client({
    basicAuth: { username: 'user', password: 'hunter2' },
    headers: { 'X-Set': 'hunter3' },
    httpHeaders: { 'X-Set': { values: ['added'] }, 'X-More': { secrets: ['hunter4'] } },
    userAgent: 'mine/1',
  })
  await made.send({ url, headers: { 'x-set': 'replaced' } })
  expect(seen[0]?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('user:hunter2').toString('base64')}`,
    'x-set': 'hunter3, added',
    'x-more': 'hunter4',
    'user-agent': 'mine/1',
  })
  for (const text of [inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made)])
    expect(text).not.toContain('hunter')
})

test('limits: time, kept bytes; after close there is no sending', async () => {
  const { url } = await server()
  const made = client({ remoteTimeout: '50ms', maxAnswerSize: 4, followRedirects: false })
  await expect(made.send({ url: `${url}/hang` })).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(Buffer.from((await made.send({ url, timeoutMs: 15_000 })).body).toString()).toBe('0123')
  expect((await made.send({ url: `${url}/from`, timeoutMs: 15_000 })).status).toBe(307)
  const reason = new Error('enough')
  const given = made.send({ url: `${url}/hang`, timeoutMs: 15_000, signal: AbortSignal.abort(reason) })
  await expect(given).rejects.toBe(reason)
  await made.close()
  await expect(made.send({ url })).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
})

test('wrong options are refused at once, by name', () => {
  const check = (options: object, want: RegExp) => expect(() => createHttpClient(options)).toThrow(want)
  check({ remoteTimeout: -1 }, /remoteTimeout: /)
  check({ maxConnections: 0, idleTimeout: 'soon' }, /maxConnections: .*\n.*idleTimeout: "soon"/)
  check({ userAgent: 'a\r\nb' }, /userAgent: /)
  check({ basic_auth: {} }, /unknown option "basic_auth" \(did you mean `basicAuth`\?\)/)
  check({ tlsConfig: { minVersion: 'TLS13', maxVersion: 'TLS12' } }, /max_version must be greater than or equal to/)
  check({ tlsConfig: { caFile: '/nowhere/ca.pem' } }, /unable to read CA cert/)
})

test('a caller’s links stand where they are put', async () => {
  const { url } = await server()
  const order: string[] = []
  const note =
    (name: string): Link =>
    (next) =>
    (request) => {
      order.push(
        `${name} ${new URL(request.url).pathname}${request.headers.authorization === undefined ? '' : ' auth'}`,
      )
      return next(request)
    }
  const { send } = client(
    { authorization: { credentials: 't' } },
    note('outer'),
    { before: 'authorization', link: note('inside redirects') },
    { before: 'transport', link: note('innermost') },
    { before: 'redirects', link: note('before redirects') },
  )
  await send({ url: `${url}/from`, body: 'x' })
  expect(order).toEqual([
    'outer /from',
    'before redirects /from',
    'inside redirects /from',
    'innermost /from auth',
    'inside redirects /to',
    'innermost /to auth',
  ])
  const misplaced = { before: 'tls', link: note('x') } as unknown as PlacedLink
  expect(() => client({}, misplaced)).toThrow(/before "tls"; it can be before redirects, /)
  for (const none of [undefined, {}, { before: 'sigv4' }]) {
    expect(() => client({}, none as PlacedLink)).toThrow('a link is a function, or { before, link }')
  }
})

test('a body that is neither bytes nor text is refused, not left out', async () => {
  const body = new ArrayBuffer(3) as unknown as string
  await expect(client({}).send({ url: 'http://127.0.0.1:1', body })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('what a link throws is a rejection', async () => {
  const broken: Link = () => () => {
    throw new Error('broken link')
  }
  await expect(client({}, broken).send({ url: 'http://127.0.0.1:1' })).rejects.toThrow('broken link')
})

test('a signing link of the caller’s sees the body that goes out', async () => {
  const { url, seen } = await server()
  const sign: Link = Object.assign(
    function sign(next: Parameters<Link>[0]): ReturnType<Link> {
      return (request) => {
        const mac = createHmac('sha256', 'key').update(request.body).digest('hex')
        return next({ ...request, headers: { ...request.headers, 'x-mac': mac } })
      }
    },
    { signsBody: true as const },
  )
  await client({}, sign).send({ url, body: 'payload' })
  expect(seen[0]?.headers['x-mac']).toBe(createHmac('sha256', 'key').update(seen[0]!.body).digest('hex'))
})
