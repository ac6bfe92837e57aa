// A server on loopback in place of a service that only exists elsewhere (a token server, a metadata service). It keeps
// what it was asked, so that a test can judge it as the real one would.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Asked {
  readonly method: string
  /** As on the request line. */
  readonly target: string
  /** Without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body as application/x-www-form-urlencoded. */
  readonly form: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | object
}

export interface StandIn {
  /** http://127.0.0.1:port */
  readonly url: string
  readonly asked: readonly Asked[]
}

/** Listens until the test is over. */
export async function standIn(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<StandIn> {
  const seen: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { method = '', url = '', headers } = request
    const { pathname, searchParams } = new URL(url, 'http://stand-in')
    const asked: Asked = {
      method,
      target: url,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers,
      body,
      form: Object.fromEntries(new URLSearchParams(body.toString())),
    }
    seen.push(asked)
    const { status = 200, headers: extra = {}, body: said = '' } = await answer(asked)
    response.writeHead(status, extra).end(typeof said === 'string' ? said : JSON.stringify(said))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: seen }
}
