// One connection in HTTP/2, one request at a time: what pools, deadlines and ages rest on stays true, and a connection
// that breaks takes one request with it. A GOAWAY lets the request under way finish; the next goes on a new connection.

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Socket } from 'node:net'
import type { HttpRequest, HttpResponse } from '../../wire/message.ts'
import { AnswerBody, maxDroppedBytes } from '../answer-body.ts'
import { joinedHeaders } from '../answer-headers.ts'
import type { Connection, ConnectionOwner } from '../connection.ts'
import { closed } from '../dial.ts'
import { HeadTooLong, type ParserLimits } from '../http1/response-parser.ts'
import type { Target } from '../target.ts'

export class Http2Connection implements Connection {
  readonly #owner: ConnectionOwner
  readonly #limits: ParserLimits
  readonly #session: ClientHttp2Session
  readonly #body: AnswerBody
  #stream: ClientHttp2Stream | undefined
  #head: { readonly status: number; readonly headers: Record<string, string> } | undefined
  #error: unknown
  #isLeaving = false
  #isOver = false
  readonly isConnected = true
  readonly idleLimitMs = Number.POSITIVE_INFINITY

  /** On a socket whose TLS handshake ended with `h2`. */
  constructor(target: Target, socket: Socket, limits: ParserLimits, owner: ConnectionOwner) {
    this.#owner = owner
    this.#limits = limits
    this.#body = new AnswerBody(limits.maxKeptBytes)
    this.#session = connect(target.origin, {
      createConnection: () => socket,
      settings: { enablePush: false },
    })
    this.#session.on('error', (error) => {
      this.#error = error
    })
    this.#session.on('goaway', () => {
      this.#isLeaving = true
      if (this.#stream === undefined) this.#ended()
    })
    this.#session.on('close', () => this.#ended())
  }

  get isUsable(): boolean {
    return !this.#isOver && !this.#isLeaving && !this.#session.closed
  }

  send(target: Target, request: HttpRequest): void {
    const { body } = request
    this.#head = undefined
    this.#error = undefined
    this.#body.take()
    try {
      const stream = this.#session.request(fields(target, request), { endStream: body.length === 0 })
      this.#stream = stream
      this.#follow(stream)
      if (body.length > 0) stream.end(body)
    } catch (error) {
      // The session has just gone. The owner must not hear of it before this call has returned.
      queueMicrotask(() => this.#fail(error))
    }
  }

  cut(): HttpResponse | undefined {
    const answer = this.#stream && this.#answer()
    this.#close()
    return answer
  }

  #follow(stream: ClientHttp2Stream): void {
    const isCurrent = () => this.#stream === stream
    stream.on('response', (headers) => {
      if (!isCurrent()) return
      const answer = { status: headers[':status'] ?? 0, headers: joinedHeaders(headers) }
      if (sizeOf(answer.headers) > this.#limits.maxHeadBytes) this.#fail(new HeadTooLong())
      else this.#head = answer
    })
    stream.on('data', (chunk: Buffer) => {
      if (!isCurrent()) return
      this.#body.append(chunk, 0, chunk.length)
      if (this.#body.seen > this.#limits.maxKeptBytes + maxDroppedBytes) this.#settle()
    })
    stream.on('error', (error) => {
      if (isCurrent()) this.#error = error
    })
    stream.on('end', () => {
      if (isCurrent() && this.#head !== undefined) this.#settle()
    })
    stream.on('close', () => {
      if (isCurrent()) this.#settle()
    })
  }

  /** The exchange is over: with an answer as far as it came, or without one. */
  #settle(): void {
    const stream = this.#stream
    if (this.#head === undefined) {
      this.#fail(this.#error ?? closed())
      return
    }
    // An early answer, or more of it than is read: what is left of the stream must not be in the next one's way.
    if (stream?.writableFinished === false || stream?.readableEnded === false) this.#isLeaving = true
    this.#stream = undefined
    this.#owner.answered(this, this.#answer()!)
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#close()
    this.#owner.failed(this, error)
  }

  #answer(): HttpResponse | undefined {
    return this.#head && { ...this.#head, body: this.#body.take() }
  }

  #ended(): void {
    if (this.#isOver) return
    if (this.#stream !== undefined) this.#settle()
    if (this.#isOver) return
    this.#close()
    this.#owner.closed(this)
  }

  #close(): void {
    this.#isOver = true
    this.#stream = undefined
    this.#session.destroy()
  }
}

function fields(target: Target, { method, headers, body }: HttpRequest): Record<string, string> {
  const { host = target.host, ...rest } = headers
  return {
    ':method': method,
    ':scheme': 'https',
    ':authority': host,
    ':path': target.path,
    ...rest,
    ...((body.length > 0 || (method !== 'GET' && method !== 'HEAD')) && { 'content-length': String(body.length) }),
  }
}

const sizeOf = (headers: Record<string, string>): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
