// A TCP or TLS server that says exactly the bytes a test wants, when it wants, for tests of clients and listeners.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Certified } from './certificate.ts'

export interface RawServer {
  readonly port: number
  /** Connections made so far. */
  readonly connections: readonly Socket[]
  close(): void
}

/** Listens on 127.0.0.1 until the test is over. `serve` gets each connection and its number, from 0. */
export async function rawServer(serve: (socket: Socket, nth: number) => void, tls?: Certified): Promise<RawServer> {
  const connections: Socket[] = []
  const accept = (socket: Socket | TLSSocket): void => {
    connections.push(socket)
    socket.on('error', () => undefined)
    serve(socket, connections.length - 1)
  }
  const server: Server =
    tls === undefined ? createServer(accept) : createTlsServer({ cert: tls.certificate, key: tls.key }, accept)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    for (const socket of connections) socket.destroy()
  }
  onTestFinished(close)
  return { port: (server.address() as AddressInfo).port, connections, close }
}

/** Collects whole HTTP/1.1 requests (Content-Length bodies) of a socket; calls back with each head and body. */
export function onRequests(socket: Socket, handle: (head: string, body: Buffer) => void): void {
  let pending = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      const end = pending.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = pending.toString('latin1', 0, end)
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (pending.length < end + 4 + length) return
      const body = pending.subarray(end + 4, end + 4 + length)
      pending = pending.subarray(end + 4 + length)
      handle(head, body)
    }
  })
}
