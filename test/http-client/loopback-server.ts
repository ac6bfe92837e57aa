// An HTTP or HTTPS server on 127.0.0.1 that reads each request whole before it answers, and ends with the test.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Received {
  readonly method: string
  /** As on the request line. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly socket: Socket
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Resolves to the port. What `answer` throws is answered 500, with its text. */
export async function loopbackServer(
  answer: (received: Received) => Reply | Promise<Reply>,
  tls?: ServerOptions,
): Promise<{ readonly port: number; readonly server: ReturnType<typeof createServer> }> {
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: target = '', headers, socket } = request
    const received = { method, target, headers, body: Buffer.concat(chunks), socket }
    const reply = await Promise.resolve(received)
      .then(answer)
      .catch((error): Reply => ({ status: 500, body: String(error) }))
    response.writeHead(reply.status, { ...reply.headers }).end(reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, server }
}
