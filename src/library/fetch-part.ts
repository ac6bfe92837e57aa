// One tenant's part through the caller's fetch, with the options of the caller's own call.

import { AnswerBody, maxDroppedBytes } from '../client/answer-body.ts'
import { failure, timeout } from '../client/failure.ts'
import { redirects } from '../client/redirects.ts'
import { SluiceError } from '../errors.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { maxKeptBytes } from './engine.ts'
import { type FetchInit, type FetchInput, type FetchRequest, isRequest } from './fetch-call.ts'

/** Any implementation of fetch. */
export type PartFetch = (input: FetchInput, init?: FetchInit) => Promise<Response>

/**
 * Makes what sends parts in place of the call `fetch(input, init)`. `url`: where that call goes. A part that an
 * override leads elsewhere can take only a Request's public options along. Nothing of the call's body is held.
 *
 * Redirects are followed here unless the call says otherwise: fetch would make a GET of a POST at 301, 302 and 303, be
 * answered 200 and lose the data.
 */
export function sendByFetch(fetch: PartFetch, url: string, input: FetchInput, init?: FetchInit | null): Send {
  const { body: _body, signal: _signal, headers: _headers, method: _method, redirect, ...options } = init ?? {}
  const wanted = redirect ?? (isRequest(input) ? input.redirect : undefined) ?? 'follow'
  const isFollowed = wanted === 'follow'
  const send: Send = (part) =>
    new Promise((resolve, reject) => {
      const exchange = new Exchange(part, resolve, reject)
      const { method, headers, body } = part
      const signal = exchange.signal
      const own = { ...options, redirect: isFollowed ? 'manual' : wanted, method, headers, body, signal }
      if (!isRequest(input)) exchange.begin(() => fetch(part.url, own))
      else if (part.url === url) exchange.begin(() => fetch(input, own))
      else exchange.begin(() => fetch(part.url, { ...publicOptions(input), ...own }))
    })
  return isFollowed ? redirects()(send) : send
}

const optionNames = [
  'cache',
  'credentials',
  'duplex',
  'integrity',
  'keepalive',
  'mode',
  'referrer',
  'referrerPolicy',
] as const

function publicOptions(request: FetchRequest): Record<string, unknown> {
  const all = request as unknown as Readonly<Record<string, unknown>>
  return Object.fromEntries(optionNames.map((name) => [name, all[name]]).filter(([, value]) => value !== undefined))
}

/** One call and its answer; ends by the part's signal or time whatever the wrapped fetch makes of them. */
class Exchange {
  readonly #part: HttpRequest
  readonly #resolve: (answer: HttpResponse) => void
  readonly #reject: (error: unknown) => void
  readonly #abort = new AbortController()
  readonly #body = new AnswerBody(maxKeptBytes)
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onAbort = (): void => this.#stop(this.#part.signal?.reason)
  #head: Response | undefined
  #isSettled = false

  constructor(part: HttpRequest, resolve: (answer: HttpResponse) => void, reject: (error: unknown) => void) {
    this.#part = part
    this.#resolve = resolve
    this.#reject = reject
    const { signal, timeoutMs } = part
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.#stop(timeout(this.#host, timeoutMs, 'answer')), timeoutMs)
    }
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted) this.#onAbort()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  begin(call: () => Promise<Response>): void {
    this.#run(call).catch((error: unknown) => this.#settle(asSluiceError(error, this.#host)))
  }

  async #run(call: () => Promise<Response>): Promise<void> {
    const response = await call()
    if (response.status < 200) {
      const text = `${this.#host}: the answer has no status that can be read (${response.type})`
      throw new SluiceError('UPSTREAM_UNREACHABLE', text)
    }
    this.#head = response
    for await (const chunk of response.body ?? []) {
      this.#body.append(chunk, 0, chunk.length)
      // Leaving the loop cancels the rest.
      if (this.#body.seen > maxKeptBytes + maxDroppedBytes) break
    }
    this.#settle(undefined)
  }

  get #host(): string {
    return new URL(this.#part.url).host
  }

  #stop(reason: unknown): void {
    this.#settle(reason)
    this.#abort.abort(reason)
  }

  /** A status that has arrived counts, whatever became of the text after it. */
  #settle(error: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#timer)
    this.#part.signal?.removeEventListener('abort', this.#onAbort)
    const head = this.#head
    if (head === undefined) this.#reject(error)
    else this.#resolve({ status: head.status, headers: joined(head.headers), body: this.#body.take() })
  }
}

function joined(headers: Headers): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of headers) result[name] = result[name] === undefined ? value : `${result[name]}, ${value}`
  return result
}

const timeouts = /^UND_ERR_(?:HEADERS|BODY|CONNECT)_TIMEOUT$/

/** fetch says "fetch failed", and why in the cause. */
function asSluiceError(error: unknown, host: string): SluiceError {
  if (error instanceof SluiceError) return error
  const { message, name, cause } = error instanceof Error ? error : new Error(String(error))
  const code = String((cause as { readonly code?: unknown } | undefined)?.code ?? '')
  if (timeouts.test(code) || name === 'TimeoutError') {
    const text = `${host}: ${cause instanceof Error ? cause.message : message}`
    return new SluiceError('UPSTREAM_TIMEOUT', text, { cause: error })
  }
  if (cause !== undefined) return failure(cause, host)
  return new SluiceError('UPSTREAM_UNREACHABLE', `${host}: ${message}`, { cause: error })
}
