// One tenant's part through undici, with the options of the caller's request: its time-outs, its origin, whatever its
// dispatcher and the interceptors behind this one understand.

import type { IncomingHttpHeaders } from 'node:http'
import { AnswerBody, maxDroppedBytes } from '../../client/answer-body.ts'
import { failure, timeout } from '../../client/failure.ts'
import { SluiceError } from '../../errors.ts'
import type { HttpRequest, HttpResponse } from '../../wire/message.ts'
import { maxKeptBytes } from '../engine.ts'
import type { Dispatch, DispatchController, DispatchHandler, DispatchOptions } from './dispatch.ts'

const undiciTimeouts: ReadonlySet<unknown> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * Resolves with the answer once its head has come, with as much of its body as came. Rejects as `Send` does, and with
 * the signal's reason.
 */
export function sendPart(dispatch: Dispatch, options: DispatchOptions, part: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const handler = new PartHandler(part, resolve, reject)
    try {
      dispatch(options, handler)
    } catch (error) {
      handler.onResponseError(null, error as Error)
    }
  })
}

class PartHandler implements DispatchHandler {
  readonly #part: HttpRequest
  readonly #resolve: (answer: HttpResponse) => void
  readonly #reject: (error: unknown) => void
  readonly #body = new AnswerBody(maxKeptBytes)
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onAbort = (): void => this.#stop(this.#part.signal?.reason)
  #controller: DispatchController | undefined
  #head: { readonly status: number; readonly headers: Record<string, string> } | undefined
  #stopped: { readonly error: Error } | undefined
  #isSettled = false

  constructor(part: HttpRequest, resolve: (answer: HttpResponse) => void, reject: (error: unknown) => void) {
    this.#part = part
    this.#resolve = resolve
    this.#reject = reject
    const { timeoutMs, signal } = part
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#timedOut(timeoutMs), timeoutMs)
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted) this.#onAbort()
  }

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller
    if (this.#stopped !== undefined) controller.abort(this.#stopped.error)
  }

  onResponseStart(_controller: DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#head = { status, headers: joined(headers) }
  }

  onResponseData(controller: DispatchController, chunk: Buffer): void {
    this.#body.append(chunk, 0, chunk.length)
    if (this.#body.seen <= maxKeptBytes + maxDroppedBytes) return
    this.#settleWithHead()
    controller.abort(new Error('the answer is too long'))
  }

  onResponseEnd(): void {
    this.#settleWithHead()
  }

  onResponseError(_controller: DispatchController | null, error: Error): void {
    if (this.#settleWithHead()) return
    // Interceptors that turn an answer into an error (responseError, retry) keep what it was.
    const { statusCode, headers = {}, code } = error as Error & ErrorDetails
    if (typeof statusCode === 'number' && statusCode >= 200) {
      this.#settle(() => this.#resolve({ status: statusCode, headers: joined(headers), body: new Uint8Array(0) }))
    } else if (undiciTimeouts.has(code)) {
      const text = `${this.#shown}: ${error.message}`
      this.#settle(() => this.#reject(new SluiceError('UPSTREAM_TIMEOUT', text, { cause: error })))
    } else {
      this.#settle(() => this.#reject(error instanceof SluiceError ? error : failure(error, this.#shown)))
    }
  }

  get #shown(): string {
    return URL.canParse(this.#part.url) ? new URL(this.#part.url).host : 'upstream'
  }

  #timedOut(ms: number): void {
    const error = timeout(this.#shown, ms, this.#controller === undefined ? 'connect' : 'answer')
    if (this.#settleWithHead()) this.#controller?.abort(error)
    else this.#stop(error)
  }

  #stop(error: Error): void {
    this.#stopped = { error }
    this.#settle(() => this.#reject(error))
    this.#controller?.abort(error)
  }

  #settleWithHead(): boolean {
    const head = this.#head
    if (head !== undefined) this.#settle(() => this.#resolve({ ...head, body: this.#body.take() }))
    return head !== undefined
  }

  #settle(how: () => void): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#timer)
    this.#part.signal?.removeEventListener('abort', this.#onAbort)
    how()
  }
}

interface ErrorDetails {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly headers?: IncomingHttpHeaders
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return result
}
