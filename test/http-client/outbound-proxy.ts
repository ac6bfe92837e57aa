// A forwarding proxy (RFC 9110, sections 7.6 and 9.3.6) that finds every host on 127.0.0.1.

import { request as forward } from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { loopbackServer, type Received, type Reply } from './loopback-server.ts'

export interface OutboundProxy {
  readonly port: number
  /** The CONNECT, names in lower case and its target as `target`, whose tunnel ends at this socket of a server. */
  tunnelOf(socket: Socket): Readonly<Record<string, string>> | undefined
}

/**
 * Forwards requests with an absolute URL, adding `via`, and opens tunnels for CONNECT. Refuses both with 407 unless
 * Proxy-Authorization is `credentials`. Ends with the test.
 */
export async function outboundProxy(credentials: string): Promise<OutboundProxy> {
  const tunnels = new Map<string, Readonly<Record<string, string>>>()
  const sockets = new Set<Socket>()
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  const { port, server } = await loopbackServer((received) =>
    received.headers['proxy-authorization'] === credentials ? forwarded(received) : { status: 407 },
  )
  server.on('connect', ({ headers, url: target = '' }, socket: Socket) => {
    sockets.add(socket)
    if (headers['proxy-authorization'] !== credentials) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const onward = connect({ host: '127.0.0.1', port: Number(target.split(':').at(-1)) }, () => {
      const from = `${onward.localPort} ${onward.remotePort}`
      tunnels.set(from, { ...(headers as Record<string, string>), target })
      // The next connection between these ports is another.
      onward.on('close', () => tunnels.delete(from))
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.on('close', () => onward.destroy())
  })
  return { port, tunnelOf: (socket) => tunnels.get(`${socket.remotePort} ${socket.localPort}`) }
}

/** What is meant for the proxy alone goes no further. */
const forProxy = ['proxy-authorization', 'proxy-connection', 'connection']

function forwarded({ method, target, headers, body }: Received): Promise<Reply> {
  const { port, pathname, search } = new URL(target)
  const onwards = Object.fromEntries(Object.entries(headers).filter(([name]) => !forProxy.includes(name)))
  const options = {
    host: '127.0.0.1',
    port,
    path: pathname + search,
    method,
    headers: { ...onwards, via: '1.1 proxy' },
  }
  return new Promise((resolve, reject) => {
    const onward = forward(options, ({ statusCode: status = 502, headers: { location } }) =>
      resolve({ status, headers: location === undefined ? {} : { location } }),
    )
    onward.on('error', reject)
    onward.end(body)
  })
}
