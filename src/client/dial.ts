// How a socket comes to be: straight, through a proxy, with TLS around it. Each way is a Dial, and they nest.

import { connect, type LookupFunction, type Socket } from 'node:net'

/**
 * Starts to connect. `done` gets a connected socket or an error, once, and never before the call has returned. The
 * function that is returned ends what is under way, the socket too; `done` hears nothing of it.
 */
export type Dial = (done: (error: unknown, socket?: Socket) => void) => () => void

export interface Address {
  /** Without the brackets of IPv6. */
  readonly hostname: string
  readonly port: number
}

export interface DialOptions {
  /** false: IPv4 addresses only. */
  readonly dualStack: boolean
  /** Instead of the system's resolver. */
  readonly lookup: LookupFunction | undefined
}

/** Options of `net.connect` that every connection has, through a proxy or not. */
export const tcpOptions = ({ hostname, port }: Address, { dualStack, lookup }: DialOptions) => ({
  host: hostname,
  port,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  ...(lookup && { lookup }),
  ...(dualStack ? { autoSelectFamily: true } : { family: 4, autoSelectFamily: false }),
})

export function dialTcp(address: Address, options: DialOptions): Dial {
  return (done) => whenReady(connect(tcpOptions(address, options)), 'connect', done)
}

/** A dial on top of another one: `next` goes on with the socket that `under` has connected. */
export function dialOver(under: Dial, next: (socket: Socket, done: Parameters<Dial>[0]) => () => void): Dial {
  return (done) => {
    let end = under((error, socket) => {
      if (socket === undefined) {
        done(error)
        return
      }
      end = () => socket.destroy()
      try {
        end = next(socket, done)
      } catch (reason) {
        socket.destroy()
        done(reason)
      }
    })
    return () => end()
  }
}

/** Calls back at the event `ready`, or at the first error or end. */
export function whenReady(
  socket: Socket,
  ready: 'connect' | 'secureConnect',
  done: Parameters<Dial>[0],
): ReturnType<Dial> {
  let isOver = false
  const settle = (error?: unknown): void => {
    if (isOver) return
    isOver = true
    if (error === undefined) {
      done(undefined, socket)
      return
    }
    socket.destroy()
    done(error)
  }
  socket.once(ready, () => settle())
  // Stays: whoever takes the socket over listens too, but after it was destroyed nobody may.
  socket.on('error', settle)
  socket.once('close', () => settle(closed()))
  return () => {
    isOver = true
    socket.destroy()
  }
}

/** The other side ended the connection and gave no reason. */
export const closed = (): Error => Object.assign(new Error('closed'), { code: 'ECONNRESET' })
