// The upstream of every program: answers 200 at once and counts exactly. One listener per program, so that what one
// delivers late is never taken for another's. A process of its own; `receiverApi` is what the runner may call.

import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { crc32 } from 'node:zlib'
import { HttpReader, header } from './http-reader.ts'
import { messageOf } from './message.ts'
import { type Addressed, type Arrivals, Received } from './received.ts'
import { serveCalls } from './worker.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')

/** Whoever takes remote write 2 says how much of it is written. */
const answer2 = (samples: number): string =>
  `HTTP/1.1 200 OK\r\nX-Prometheus-Remote-Write-Samples-Written: ${samples}\r\n` +
  'X-Prometheus-Remote-Write-Histograms-Written: 0\r\nX-Prometheus-Remote-Write-Exemplars-Written: 0\r\n' +
  'Content-Length: 0\r\n\r\n'

/** Takes pushes on one connection until it closes. What is not HTTP closes it. */
export function receiveOn(socket: Socket, received: Received): void {
  let addressed: Addressed
  let pieces: Buffer[] = []
  let length = 0
  let crc = 0
  const reader = new HttpReader({
    head: (head) => {
      addressed = { tenant: header(head, 'x-scope-orgid'), message: messageOf(header(head, 'content-type')) }
      pieces = []
      length = 0
      crc = 0
    },
    body: (piece) => {
      pieces.push(piece)
      length += piece.length
      crc = crc32(piece, crc)
    },
    end: () => {
      const samples = received.add(addressed, length, crc, () => Buffer.concat(pieces))
      if (addressed.message === 1) socket.write(answer)
      else socket.write(answer2(samples), 'latin1')
    },
  })
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk)
    } catch {
      socket.destroy()
    }
  })
}

/** What a listener is opened as. */
export interface Upstream {
  /** The tenant label to look for in bodies. */
  readonly label: string
  /** PEM; with it the listener speaks TLS. */
  readonly certified?: { readonly certificate: string; readonly key: string } | undefined
}

const listeners = new Map<number, { server: Server; received: Received; sockets: Set<Socket> }>()

export const receiverApi = {
  /** Opens a listener on 127.0.0.1 and returns its port. */
  open: ({ label, certified }: Upstream): Promise<number> =>
    new Promise((resolve, reject) => {
      const received = new Received(label)
      const sockets = new Set<Socket>()
      const take = (socket: Socket): void => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
        receiveOn(socket, received)
      }
      const server =
        certified === undefined
          ? createServer(take)
          : createTlsServer({ cert: certified.certificate, key: certified.key }, take)
      server.once('error', reject)
      server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
        const address = server.address()
        if (address === null || typeof address === 'string') return reject(new Error('no port'))
        listeners.set(address.port, { server, received, sockets })
        resolve(address.port)
      })
    }),
  clear: (port: number): void => listeners.get(port)?.received.clear(),
  report: (port: number): Arrivals => {
    const listener = listeners.get(port)
    if (listener === undefined) throw new Error(`no listener on port ${port}`)
    return listener.received.report()
  },
  close: (port: number): void => {
    const listener = listeners.get(port)
    listeners.delete(port)
    listener?.server.close()
    for (const socket of listener?.sockets ?? []) socket.destroy()
  },
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) serveCalls(receiverApi)
