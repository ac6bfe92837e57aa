// One connection of our own to a plain http: upstream: head and body leave in one write where they fit, the answer
// is parsed where it lands. An exchange that did not end exactly where it should takes the connection with it.

import { connect, type Socket } from 'node:net'
import type { HttpRequest, HttpResponse } from '../../wire/message.ts'
import type { Connection, ConnectionOwner } from '../connection.ts'
import { type Address, closed, type DialOptions, tcpOptions } from '../dial.ts'
import type { Target } from '../target.ts'
import { requestHead, requestTail } from './request-head.ts'
import { type ParserLimits, ResponseParser } from './response-parser.ts'

export type Http1Options = ParserLimits & DialOptions

/** Requests up to this many bytes, head included, are copied together; longer ones go out as two buffers. */
const joinedBytes = 32 * 1024

// One of each for all connections: what came is parsed before anything else happens, and what is written is mostly with
// the kernel when `write` returns. There may be hundreds of connections.
const received = Buffer.allocUnsafeSlow(16 * 1024)
let joined = Buffer.allocUnsafeSlow(joinedBytes)

export class Http1Connection implements Connection {
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #parser: ResponseParser
  #isBusy = false
  #isOver = false
  #error: Error | undefined
  isConnected = false
  idleLimitMs = Number.POSITIVE_INFINITY

  /** Starts to connect: to upstream, or to the proxy that forwards the requests. */
  constructor(address: Address, options: Http1Options, owner: ConnectionOwner) {
    this.#owner = owner
    this.#parser = new ResponseParser(options)
    this.#socket = connect({
      ...tcpOptions(address, options),
      onread: { buffer: received, callback: (length, bytes) => this.#read(length, bytes) },
    })
    this.#socket.on('connect', () => {
      this.isConnected = true
    })
    this.#socket.on('error', (error) => {
      this.#error = error
    })
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('close', () => this.#ended())
  }

  get isUsable(): boolean {
    return !this.#isOver
  }

  send(target: Target, request: HttpRequest): void {
    this.#isBusy = true
    this.#parser.begin(request.method)
    const head = requestHead(target, request)
    const tail = requestTail(request)
    const { body } = request
    const bodyAt = head.length + tail.length
    const length = bodyAt + body.length
    if (bodyAt > joinedBytes) {
      this.#socket.write(Buffer.concat([head, Buffer.from(tail, 'latin1'), body]))
      return
    }
    const room = this.isConnected ? joined : Buffer.allocUnsafeSlow(Math.min(length, joinedBytes))
    room.set(head)
    room.write(tail, head.length, 'latin1')
    if (length <= joinedBytes) {
      room.set(body, bodyAt)
      this.#socket.write(room.subarray(0, length))
    } else {
      this.#socket.cork()
      this.#socket.write(room.subarray(0, bodyAt))
      this.#socket.write(body)
      this.#socket.uncork()
    }
    // The socket still reads from it.
    if (room === joined && this.#socket.writableLength > 0) joined = Buffer.allocUnsafeSlow(joinedBytes)
  }

  cut(): HttpResponse | undefined {
    const answer = this.#isBusy ? this.#answer() : undefined
    this.#isOver = true
    this.#socket.destroy()
    return answer
  }

  #read(length: number, bytes: Uint8Array): boolean {
    if (this.#isOver) return false
    if (!this.#isBusy) {
      this.#over()
      return false
    }
    try {
      this.#parser.feed((bytes as Buffer).subarray(0, length))
    } catch (error) {
      this.#broken(error)
      return false
    }
    if (this.#parser.isComplete) this.#complete()
    return !this.#isOver
  }

  #complete(): void {
    const { head, isClean } = this.#parser
    const mayStay = isClean && head?.keepAlive === true && this.#socket.writableLength === 0
    const answer = this.#answer()!
    this.#isBusy = false
    this.idleLimitMs = head!.idleLimitMs
    if (!mayStay) {
      this.#isOver = true
      this.#socket.destroy()
    }
    this.#owner.answered(this, answer)
  }

  #answer(): HttpResponse | undefined {
    const { head } = this.#parser
    return head && { status: head.status, headers: head.headers, body: this.#parser.takeBody() }
  }

  /** The socket has ended, or half of it: no more bytes will come. */
  #ended(): void {
    if (this.#isOver) return
    if (!this.#isBusy) {
      this.#over()
      return
    }
    this.#parser.end()
    this.#broken(this.#error ?? closed())
  }

  /** No more of the answer can be had: it is what came, if its head is whole. */
  #broken(error: unknown): void {
    const answer = this.#answer()
    this.#isOver = true
    this.#isBusy = false
    this.#socket.destroy()
    if (answer === undefined) this.#owner.failed(this, error)
    else this.#owner.answered(this, answer)
  }

  #over(): void {
    this.#isOver = true
    this.#socket.destroy()
    this.#owner.closed(this)
  }
}
