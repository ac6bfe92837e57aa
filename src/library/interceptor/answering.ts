// Gives a handler an answer that came over no socket of its own, in the order and with the controller that undici
// itself would: paused means paused, aborted means one error and nothing more.

import { STATUS_CODES } from 'node:http'
import type { HttpResponse } from '../../wire/message.ts'
import type { DispatchController, DispatchHandler } from './dispatch.ts'

export class Answering implements DispatchController {
  rawHeaders: Buffer[] = []
  rawTrailers: Buffer[] = []
  readonly #handler: DispatchHandler
  readonly #abort = new AbortController()
  #steps: (() => void)[] = []
  #reason: Error | null = null
  #paused = false
  #isStepping = false
  #isOver = false

  constructor(handler: DispatchHandler) {
    this.#handler = handler
  }

  /** Aborted when the handler aborts. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get aborted(): boolean {
    return this.#reason !== null
  }

  get paused(): boolean {
    return this.#paused
  }

  get reason(): Error | null {
    return this.#reason
  }

  abort(reason?: Error): void {
    if (this.#isOver || this.aborted) return
    this.#reason = reason ?? new DOMException('The request was aborted', 'AbortError')
    this.#steps = []
    this.#abort.abort(this.#reason)
    // Later: the handler may be in the middle of what made it abort.
    queueMicrotask(() => this.#end(this.#reason as Error))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#run()
  }

  /** Says that the request begins. */
  start(): void {
    this.#do(() => this.#handler.onRequestStart?.(this, undefined))
  }

  /** Hands over an answer, as fast as the handler takes it. */
  answer({ status, headers, body }: HttpResponse): void {
    if (this.aborted) return
    this.rawHeaders = Object.entries(headers).flatMap((pair) => pair.map((text) => Buffer.from(text, 'latin1')))
    const chunk = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    this.#steps = [
      () => this.#handler.onResponseStart?.(this, status, { ...headers }, STATUS_CODES[status] ?? ''),
      () => chunk.length > 0 && this.#handler.onResponseData?.(this, chunk),
      () => {
        this.#isOver = true
        this.#handler.onResponseEnd?.(this, {})
      },
    ]
    this.#run()
  }

  /** Ends the request without an answer. After an abort it does nothing: the handler hears of that. */
  fail(error: unknown): void {
    if (!this.aborted) this.#end(error instanceof Error ? error : new Error(String(error)))
  }

  #run(): void {
    if (this.#isStepping) return
    this.#isStepping = true
    while (!this.#paused) {
      const step = this.#steps.shift()
      if (step === undefined) break
      this.#do(step)
    }
    this.#isStepping = false
  }

  #do(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.abort(error as Error)
    }
  }

  #end(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#handler.onResponseError?.(this, error)
  }
}
