// The life of a request at the listener: path, method, content, size, room; then its body, the handler, the answer.
// Everything that can be refused without the body is refused before a byte of it is read.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { SluiceError } from '../errors.ts'
import type { Admission, Ticket } from './admission.ts'
import { isRefused, refuse, writeAnswer } from './answer.ts'
import { readBody } from './body.ts'
import { type Content, judgeContent, type RemoteWrite } from './content.ts'
import type { Counters } from './counters.ts'
import { errorAnswer } from './error-answer.ts'
import type { ReceiveLog } from './log.ts'
import type { Answer, Push, PushHandler } from './push.ts'
import { noRoom, tooLarge, tooMany } from './refusals.ts'
import { pathOf, pushPaths, type Route, type Routes } from './routes.ts'
import { withWritten } from './written-headers.ts'

export interface ServeOptions {
  readonly handler: PushHandler
  readonly routes: Routes
  /** The remote writes that are taken; asked at each push. */
  readonly accepted: () => readonly RemoteWrite[]
  readonly admission: Admission
  /** receive.max_body_size. */
  readonly maxBodySize: number
  readonly timeoutMs: number
  readonly counters: Counters
  readonly log: ReceiveLog
  /** The program is about to end: health checks fail, connections end with their answer. */
  readonly isStopping: () => boolean
  /** Time in ms that never goes back. */
  readonly now: () => number
}

export type Serve = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void

export function createServe(options: ServeOptions): Serve {
  return (request, response, expectsContinue) => {
    if (isRefused(request.socket)) {
      request.resume()
      return
    }
    const path = pathOf(request.url ?? '', options.routes)
    const route = options.routes.get(path)
    if (route === 'remote-write' || route === 'loki') {
      if (request.method === 'POST') new PushExchange(options, request, response, route, path).start(expectsContinue)
      else reply(options, request, response, wrongMethod(path, 'POST'))
    } else reply(options, request, response, health(route, path, request.method, options))
  }
}

function reply(options: ServeOptions, request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers
  if (length === '0' && coding === undefined) writeAnswer(response, answer, options.isStopping())
  else refuse(request, response, answer)
}

function health(
  route: Route | undefined,
  path: string,
  method: string | undefined,
  { routes, isStopping }: ServeOptions,
): Answer {
  // ct's, which answers any method.
  if (route === 'alive') return { status: isStopping() ? 503 : 200 }
  if (route === undefined)
    return errorAnswer(
      new SluiceError('NOT_FOUND', `no path ${JSON.stringify(path.slice(0, 200))}; pushes go to ${pushPaths(routes)}`),
    )
  if (method !== 'GET' && method !== 'HEAD') return wrongMethod(path, 'GET, HEAD')
  if (route === 'ready' && isStopping()) return { status: 503, body: 'stopping\n' }
  return { status: 200, body: `${route}\n` }
}

function wrongMethod(path: string, allow: string): Answer {
  const answer = errorAnswer(new SluiceError('METHOD_NOT_ALLOWED', `${path} takes ${allow.replace(',', ' and')}`))
  return { ...answer, headers: { allow } }
}

class PushExchange implements Push {
  readonly #options: ServeOptions
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #ticket: Ticket | undefined
  #readAt: number | undefined
  readonly kind: Push['kind']
  readonly path: string
  readonly client: string
  encoding: Push['encoding'] = 'snappy'
  format: Push['format'] = 'protobuf'
  /** Until the content headers are judged, one in which nobody is told what was written. */
  protocol: Push['protocol'] = 'remote-write-1'
  body: Buffer = nothing

  constructor(
    options: ServeOptions,
    request: IncomingMessage,
    response: ServerResponse,
    kind: Push['kind'],
    path: string,
  ) {
    this.#options = options
    this.#request = request
    this.#response = response
    this.kind = kind
    this.path = path
    this.client = clientOf(request)
  }

  get headers(): Readonly<Record<string, string>> {
    // Only Set-Cookie is ever a list, and no request has it.
    return this.#request.headers as Record<string, string>
  }

  reserve(bytes: number): boolean {
    return this.#ticket?.take(bytes, true) ?? false
  }

  start(expectsContinue: boolean): void {
    const { headers } = this.#request
    const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
    this.#options.counters.of[this.kind].received(length)
    try {
      const content: Content = judgeContent(
        this.kind,
        headers['content-type'],
        headers['content-encoding'],
        this.#options.accepted(),
      )
      this.encoding = content.encoding
      this.format = content.format
      this.protocol = content.protocol
      this.#ticket = this.#enter(length)
    } catch (error) {
      this.#refuse(error)
      return
    }
    if (expectsContinue) this.#response.writeContinue()
    readBody(this.#request, {
      length,
      ticket: this.#ticket,
      maxBytes: this.#options.maxBodySize,
      timeoutMs: this.#options.timeoutMs,
      done: (error, body, overload) => this.#bodyRead(error, body, overload),
    })
  }

  #enter(length = 0): Ticket {
    const { admission, maxBodySize } = this.#options
    if (length > maxBodySize) throw tooLarge(maxBodySize)
    const ticket = admission.enter(length)
    if (typeof ticket !== 'string') return ticket
    this.#options.counters.overloaded(ticket)
    throw ticket === 'bytes' ? noRoom() : tooMany()
  }

  #bodyRead(error: SluiceError | undefined, body: Buffer, overload?: 'bytes' | 'slow_body'): void {
    const { counters, handler, now } = this.#options
    if (error !== undefined) {
      this.#ticket?.leave()
      if (overload !== undefined) counters.overloaded(overload)
      if (error.code !== 'BODY_INCOMPLETE') this.#refuse(error)
      return
    }
    this.body = body
    this.#readAt = now()
    counters.of[this.kind].read(body.length)
    // A handler that throws at once is one that rejects.
    void Promise.resolve(this)
      .then(handler)
      .then(
        (answer) => this.#answer(answer),
        (reason: unknown) => this.#failed(reason),
      )
  }

  #failed(reason: unknown): void {
    if (!(reason instanceof SluiceError) || reason.code === 'INTERNAL') {
      this.#options.counters.defect()
      this.#options.log.error('a push could not be handled because of a defect', { err: reason, path: this.path })
    }
    this.#answer(errorAnswer(reason))
  }

  #answer(answer: Answer): void {
    this.#settled(answer.status)
    this.#ticket?.leave()
    writeAnswer(this.#response, withWritten(this.protocol, answer), this.#options.isStopping())
  }

  #refuse(error: unknown): void {
    const answer = withWritten(this.protocol, errorAnswer(error))
    this.#settled(answer.status)
    refuse(this.#request, this.#response, answer)
  }

  #settled(status: number): void {
    const seconds = this.#readAt === undefined ? undefined : (this.#options.now() - this.#readAt) / 1000
    this.#options.counters.of[this.kind].answered(status, seconds)
  }
}

const nothing = Buffer.alloc(0)

function clientOf(request: IncomingMessage): string {
  const { remoteAddress = '', remotePort = 0 } = request.socket
  const address = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress
  return address.includes(':') ? `[${address}]:${remotePort}` : `${address}:${remotePort}`
}
