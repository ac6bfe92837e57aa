// A connection that learns from the TLS handshake whether it speaks HTTP/2 or HTTP/1.1. Its first request waits for it.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HttpRequest, HttpResponse } from '../../wire/message.ts'
import type { Connection, ConnectionOwner } from '../connection.ts'
import type { Dial } from '../dial.ts'
import type { Target } from '../target.ts'

/** Makes a connection of a socket that is ready. */
export type Speak = (socket: Socket, owner: ConnectionOwner) => Connection

export class NegotiatedConnection implements Connection {
  readonly #owner: ConnectionOwner
  readonly #endDial: () => void
  #inner: Connection | undefined
  #first: { readonly target: Target; readonly request: HttpRequest } | undefined
  #isOver = false

  /** Starts to connect; `dial` offers both protocols. */
  constructor(dial: Dial, speak: { readonly http1: Speak; readonly http2: Speak }, owner: ConnectionOwner) {
    this.#owner = owner
    this.#endDial = dial((error, socket) => {
      if (socket === undefined) this.#fail(error)
      else this.#connected(socket, (socket as TLSSocket).alpnProtocol === 'h2' ? speak.http2 : speak.http1)
    })
  }

  get isConnected(): boolean {
    return this.#inner?.isConnected ?? false
  }

  get isUsable(): boolean {
    return !this.#isOver && (this.#inner?.isUsable ?? true)
  }

  get idleLimitMs(): number {
    return this.#inner?.idleLimitMs ?? Number.POSITIVE_INFINITY
  }

  send(target: Target, request: HttpRequest): void {
    if (this.#inner === undefined) this.#first = { target, request }
    else this.#inner.send(target, request)
  }

  cut(): HttpResponse | undefined {
    this.#isOver = true
    const answer = this.#inner?.cut()
    this.#endDial()
    return answer
  }

  #connected(socket: Socket, speak: Speak): void {
    this.#inner = speak(socket, {
      answered: (_, answer) => this.#owner.answered(this, answer),
      failed: (_, error) => this.#fail(error),
      closed: () => this.#owner.closed(this),
    })
    if (this.#first !== undefined) this.#inner.send(this.#first.target, this.#first.request)
    this.#first = undefined
  }

  #fail(error: unknown): void {
    this.#isOver = true
    this.#owner.failed(this, error)
  }
}
