import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, interceptors } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import type { HttpRequest } from '../../wire/message.ts'
import type { Dispatch, DispatchOptions } from './dispatch.ts'
import { sendPart } from './send-part.ts'

async function serve(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => answer(request, response, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Compose = Parameters<Agent['compose']>[0]

function via(...links: readonly (Compose & {})[]): Dispatch {
  const agent = new Agent().compose(...(links as never[]))
  onTestFinished(() => agent.destroy())
  return agent.dispatch.bind(agent) as Dispatch
}

const send = (dispatch: Dispatch, origin: string, more: Partial<HttpRequest & DispatchOptions> = {}) => {
  const { timeoutMs, signal, ...options } = more
  const part = { method: 'POST', url: `${origin}/push`, headers: { a: 'b' }, body: Buffer.from('part') }
  const limits = { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal !== undefined && { signal }) }
  const { method, headers, body } = part
  return sendPart(dispatch, { origin, path: '/push', method, headers, body, ...options }, { ...part, ...limits })
}

test('the answer, its headers joined', async () => {
  const origin = await serve((request, response, body) => {
    response.writeHead(400, { 'Retry-After': '3', B: ['1', '2'] }).end(`${request.headers.a} ${request.url} ${body}`)
  })
  const answer = await send(via(), origin)
  expect(answer).toMatchObject({ status: 400, headers: { 'retry-after': '3', b: '1, 2' } })
  expect(Buffer.from(answer.body).toString()).toBe('b /push part')
})

test('an interim answer is not the answer', async () => {
  const origin = await serve((_request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.writeHead(204).end()
  })
  expect(await send(via(), origin)).toMatchObject({ status: 204 })
})

test('a long answer is kept in part, an endless one is not awaited', async () => {
  const check = async (length: number) => {
    const origin = await serve((_request, response) => {
      response.writeHead(400)
      if (Number.isFinite(length)) response.end(Buffer.alloc(length))
      else response.on('close', () => clearInterval(timer))
      const timer = setInterval(() => Number.isFinite(length) || response.write(Buffer.alloc(1 << 16)), 1)
      response.on('finish', () => clearInterval(timer))
    })
    const { status, body } = await send(via(), origin)
    expect([status, body.length]).toEqual([400, 64 << 10])
  }
  await check(100 << 10)
  await check(Number.POSITIVE_INFINITY)
})

test('a head without the rest of its body is an answer', async () => {
  const origin = await serve((_request, response) => {
    response.writeHead(429, { 'content-length': 100 }).write('slow down', () => response.destroy())
  })
  const answer = await send(via(), origin)
  expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([429, 'slow down'])
})

test('why there is no answer', async () => {
  const silent = await serve(() => undefined)
  const closing = await serve((request) => request.socket.destroy())
  const host = (origin: string) => origin.slice('http://'.length)
  const check = async (sent: Promise<unknown>, code: string, message: string) =>
    expect(await sent.catch((error: unknown) => error)).toMatchObject({ code, message })

  await check(
    send(via(), 'http://127.0.0.1:1'),
    'UPSTREAM_UNREACHABLE',
    '127.0.0.1:1: nothing listens there (connection refused)',
  )
  await check(
    send(via(), closing),
    'UPSTREAM_UNREACHABLE',
    `${host(closing)}: it closed the connection before it answered`,
  )
  await check(send(via(), silent, { timeoutMs: 1000 }), 'UPSTREAM_TIMEOUT', `${host(silent)}: no answer within 1000 ms`)
  await check(
    send(via(), silent, { headersTimeout: 20 } as object),
    'UPSTREAM_TIMEOUT',
    `${host(silent)}: Headers Timeout Error`,
  )
})

test('abort: before, and while it waits', async () => {
  let closed = 0
  const origin = await serve((request) => {
    request.socket.on('close', () => closed++)
    abort.abort(new Error('enough'))
  })
  const abort = new AbortController()
  await expect(send(via(), origin, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  expect(closed).toBe(0)
  await expect(send(via(), origin, { signal: abort.signal })).rejects.toThrow('enough')
  await expect.poll(() => closed).toBe(1)
})

test('an interceptor that makes errors of answers does not change their status', async () => {
  const origin = await serve((_request, response) => response.writeHead(429, { 'retry-after': '7' }).end('slow down'))
  expect(await send(via(interceptors.responseError()), origin)).toMatchObject({
    status: 429,
    headers: { 'retry-after': '7' },
  })
})

test('a dispatcher that throws', async () => {
  const dispatch = () => {
    throw new TypeError('no')
  }
  await expect(send(dispatch, 'http://a')).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
})
