// One connection in HTTP/1.1 over TLS or a proxy's tunnel, by way of undici's Client, held to a single socket: were it
// to connect again by itself, nobody could tell a connection that was let go from one that broke under a request.

import type { Socket } from 'node:net'
import { type buildConnector, Client, type Dispatcher } from 'undici'
import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import { AnswerBody, maxDroppedBytes } from './answer-body.ts'
import { joinedHeaders } from './answer-headers.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { closed, type Dial } from './dial.ts'
import { onTheWay } from './http1/request-head.ts'
import type { Target } from './target.ts'

export interface UndiciOptions {
  readonly dial: Dial
  readonly maxHeadBytes: number
  readonly maxKeptBytes: number
  readonly idleTimeoutMs: number
}

export class UndiciConnection implements Connection {
  readonly #owner: ConnectionOwner
  readonly #client: Client
  readonly #body: AnswerBody
  readonly #maxKeptBytes: number
  #socket: Socket | undefined
  #endDial: (() => void) | undefined
  #head: { readonly status: number; readonly headers: Record<string, string> } | undefined
  #exchange: object | undefined
  #isOver = false
  isConnected = false
  // Keep-Alive hints are undici's matter: it closes the connection in time.
  readonly idleLimitMs = Number.POSITIVE_INFINITY

  constructor(target: Target, options: UndiciOptions, owner: ConnectionOwner) {
    this.#owner = owner
    this.#maxKeptBytes = options.maxKeptBytes
    this.#body = new AnswerBody(options.maxKeptBytes)
    this.#client = new Client(target.origin, {
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.idleTimeoutMs,
      maxHeaderSize: options.maxHeadBytes,
      connect: (_, done) => this.#connect(options.dial, done),
    })
    this.#client.on('connect', () => {
      this.isConnected = true
    })
    this.#client.on('disconnect', () => this.#disconnected())
  }

  get isUsable(): boolean {
    return !this.#isOver && this.#socket?.destroyed !== true
  }

  send(target: Target, request: HttpRequest): void {
    this.#head = undefined
    this.#body.take()
    const { method, body } = request
    const headers = onTheWay(target, request.headers)
    const exchange = {}
    this.#exchange = exchange
    const options: Dispatcher.DispatchOptions = { path: target.path, method, headers, body }
    this.#client.dispatch(options, {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, headers) => {
        // Interim answers come through here too.
        if (this.#exchange === exchange && status >= 200) this.#head = { status, headers: joinedHeaders(headers) }
      },
      onResponseData: (_controller, chunk) => {
        if (this.#exchange !== exchange) return
        this.#body.append(chunk, 0, chunk.length)
        if (this.#body.seen > this.#maxKeptBytes + maxDroppedBytes) this.#settle(exchange, undefined)
      },
      // undici decides after this call whether the connection stays. That a request has left is heard from TLS a turn of
      // the event loop later than from TCP, on a busy loop after its answer.
      onResponseEnd: () => {
        const settle = (): void => this.#settle(exchange, 'whole')
        if (this.#hasLeft) queueMicrotask(settle)
        else setImmediate(settle)
      },
      onResponseError: (_controller, error) => queueMicrotask(() => this.#settle(exchange, error)),
    })
  }

  cut(): HttpResponse | undefined {
    const answer = this.#exchange && this.#answer()
    this.#exchange = undefined
    this.#close()
    return answer
  }

  #connect(dial: Dial, done: buildConnector.Callback): void {
    if (this.#endDial !== undefined) {
      done(closed(), null)
      return
    }
    this.#endDial = dial((error, socket) => {
      this.#socket = socket
      if (socket === undefined) done(error as Error, null)
      else done(null, socket)
    })
  }

  #settle(exchange: object, outcome: unknown): void {
    if (this.#exchange !== exchange) return
    this.#exchange = undefined
    const answer = this.#answer()
    // An answer before the request has left whole: the rest of it must not become the next request.
    if (outcome !== 'whole' || !this.#hasLeft) this.#close()
    if (answer === undefined) this.#owner.failed(this, outcome)
    else this.#owner.answered(this, answer)
  }

  /** The request is with the kernel to its last byte. */
  get #hasLeft(): boolean {
    return this.#socket?.writableLength === 0
  }

  #answer(): HttpResponse | undefined {
    return this.#head && { ...this.#head, body: this.#body.take() }
  }

  #disconnected(): void {
    const wasIdle = this.#exchange === undefined && !this.#isOver
    this.#close()
    if (wasIdle) this.#owner.closed(this)
  }

  #close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#endDial?.()
    // What it rejects with has been told, or is nobody's concern any more.
    this.#client.destroy().catch(() => undefined)
  }
}
