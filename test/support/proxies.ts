// Outbound proxies for tests, which write down what they were asked for: HTTP (forwarding and CONNECT) and SOCKS 5.
// Every host name leads to 127.0.0.1.

import { connect, type Socket } from 'node:net'
import type { Certified } from './certificate.ts'
import { onRequests, rawServer } from './raw-server.ts'

export interface TestProxy {
  readonly port: number
  /** Heads of requests, or `host:port` that SOCKS was asked for. */
  readonly asked: readonly string[]
  /** Logins, as `user:password`, of SOCKS. */
  readonly logins: readonly string[]
  /** Connections made so far. */
  readonly connections: readonly Socket[]
}

/** Forwards absolute-form requests, each on a connection of its own, and tunnels CONNECT. Serves TLS if `tls` is given. */
export async function httpProxy(tls?: Certified): Promise<TestProxy> {
  const asked: string[] = []
  const server = await rawServer((socket) => {
    let isTunnel = false
    onRequests(socket, (head, body) => {
      if (isTunnel) return
      asked.push(head)
      const [method, url = ''] = head.split(' ')
      isTunnel = method === 'CONNECT'
      const port = Number(isTunnel ? url.split(':').at(-1) : new URL(url).port)
      const onward = onwards(socket, port)
      if (isTunnel) {
        socket.removeAllListeners('data')
        onward.on('connect', () => {
          socket.write('HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n')
          socket.pipe(onward).pipe(socket)
        })
        return
      }
      const { pathname, search } = new URL(url)
      const rest = head.replace(/^.*/, '').replace(/\r\nproxy-authorization:.*/i, '')
      onward.write(`${method} ${pathname}${search} HTTP/1.1${rest}\r\n\r\n`)
      onward.write(body)
      onward.on('data', (bytes) => socket.write(bytes))
    })
  }, tls)
  return { port: server.port, connections: server.connections, asked, logins: [] }
}

/** Takes connections without a login, or with `login` (`user:password`) only. */
export async function socksProxy(login?: string): Promise<TestProxy> {
  const asked: string[] = []
  const logins: string[] = []
  const server = await rawServer((socket) => {
    const steps = login === undefined ? [methods(0), request] : [methods(2), password, request]
    let pending = Buffer.alloc(0)
    const take = (bytes: Buffer): void => {
      pending = Buffer.concat([pending, bytes])
      const length = steps[0]!(pending)
      if (length === 0) return
      pending = pending.subarray(length)
      steps.shift()
    }
    function methods(wanted: number) {
      return (bytes: Buffer) => {
        if (bytes.length < 2 || bytes.length < 2 + bytes[1]!) return 0
        const isOffered = bytes.subarray(2, 2 + bytes[1]!).includes(wanted)
        socket.write(Buffer.from([5, isOffered ? wanted : 0xff]))
        return 2 + bytes[1]!
      }
    }
    function password(bytes: Buffer) {
      const userEnd = 2 + (bytes[1] ?? 0)
      const end = userEnd + 1 + (bytes[userEnd] ?? 0)
      if (bytes.length < end) return 0
      const given = `${bytes.subarray(2, userEnd)}:${bytes.subarray(userEnd + 1, end)}`
      logins.push(given)
      socket.write(Buffer.from([1, given === login ? 0 : 1]))
      return end
    }
    function request(bytes: Buffer) {
      const kind = bytes[3]
      const addressLength = kind === 1 ? 4 : kind === 4 ? 16 : 1 + (bytes[4] ?? 0)
      const end = 4 + addressLength + 2
      if (bytes.length < end) return 0
      const address = bytes.subarray(4, 4 + addressLength)
      const host = kind === 1 ? address.join('.') : kind === 4 ? address.toString('hex') : String(address.subarray(1))
      const port = bytes.readUInt16BE(end - 2)
      asked.push(`${host}:${port}`)
      socket.off('data', take)
      const onward = onwards(socket, port)
      onward.on('connect', () => {
        // Its own address as a name, which is the reply that takes most reading.
        socket.write(Buffer.from([5, 0, 0, 3, 2, 0x61, 0x62, 0, 80]))
        socket.pipe(onward).pipe(socket)
      })
      return end
    }
    socket.on('data', take)
  })
  return { port: server.port, connections: server.connections, asked, logins }
}

function onwards(socket: Socket, port: number): Socket {
  const onward = connect({ host: '127.0.0.1', port })
  onward.on('error', () => socket.destroy())
  onward.on('close', () => socket.destroy())
  socket.on('close', () => onward.destroy())
  return onward
}
