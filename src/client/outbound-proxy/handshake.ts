// A talk with a proxy before the socket is handed on: bounded in bytes, and nothing may follow its last word, which
// would be read as upstream's.

import type { Socket } from 'node:net'
import { closed, type Dial, dialOver } from '../dial.ts'

/** How long the awaited word is, in bytes, given what has come; 0: not whole yet. */
export type Measure = (received: Buffer) => number

/** Yields what it waits for, gets it, and returns when upstream can be spoken to. Throws what is wrong. */
export type Talk = (say: (bytes: Buffer) => void) => Generator<Measure, void, Buffer>

/** Said where another protocol was expected; the text says which. */
export class ProxyMisspoke extends Error {
  override readonly name = 'ProxyMisspoke'
}

/** No word of a proxy is longer. */
const maxWordBytes = 16 * 1024

/** Talks on the socket that `under` connects. */
export function dialTalking(under: Dial, talk: Talk): Dial {
  return dialOver(under, (socket, done) => converse(socket, talk, done))
}

function converse(socket: Socket, talk: Talk, done: Parameters<Dial>[0]): () => void {
  const turn = talk((bytes) => socket.write(bytes))
  let received: Buffer = Buffer.alloc(0)
  let awaited = turn.next()
  let isOver = false
  const settle = (error?: unknown): void => {
    if (isOver) return
    isOver = true
    socket.off('data', take).off('end', ended).off('close', ended)
    if (error === undefined) {
      socket.pause()
      done(undefined, socket)
    } else {
      socket.destroy()
      done(error)
    }
  }
  const take = (bytes: Buffer): void => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
    try {
      while (awaited.done !== true) {
        const length = awaited.value(received)
        if (length === 0) break
        awaited = turn.next(received.subarray(0, length))
        received = received.subarray(length)
      }
      if (received.length > maxWordBytes) throw new ProxyMisspoke('its answer is too long')
      if (awaited.done !== true) return
      if (received.length > 0) throw new ProxyMisspoke('it went on after its answer')
      settle()
    } catch (error) {
      settle(error)
    }
  }
  const ended = (): void => settle(closed())
  socket.on('data', take).on('end', ended).on('close', ended).on('error', settle)
  return () => {
    isOver = true
    socket.destroy()
  }
}
