// Reads a body whole: into one buffer where its length is known, in as few copies as can be, with every byte reserved
// before it is kept and the time bounded.

import type { IncomingMessage } from 'node:http'
import { SluiceError } from '../errors.ts'
import type { Ticket } from './admission.ts'
import { nextRetryAfter, noRoom, tooLarge } from './refusals.ts'

export interface BodyOptions {
  /** From Content-Length, reserved on the ticket already; undefined: the body comes in chunks. */
  readonly length: number | undefined
  readonly ticket: Ticket
  /** receive.max_body_size, for bodies in chunks. */
  readonly maxBytes: number
  /** The whole body has to be there in this many ms. */
  readonly timeoutMs: number
  /** Called once, not before `readBody` returns. `overload`: which limit the error OVERLOADED is about. */
  readonly done: (error: SluiceError | undefined, body: Buffer, overload?: 'bytes' | 'slow_body') => void
}

const nothing = Buffer.alloc(0)
/** First size of the buffer for a body of unknown length; it doubles from there. */
const leastGrowth = 16 * 1024

/**
 * Ends with BODY_TOO_LARGE, OVERLOADED (no room for the next chunk, or too slow) while the sender may still be sending,
 * or BODY_INCOMPLETE when it is gone. After an error the request is left as it is, without listeners.
 */
export function readBody(request: IncomingMessage, options: BodyOptions): void {
  new BodyReader(request, options).start()
}

class BodyReader {
  readonly #request: IncomingMessage
  readonly #options: BodyOptions
  #body: Buffer = nothing
  #length = 0
  #timer: NodeJS.Timeout | undefined

  constructor(request: IncomingMessage, options: BodyOptions) {
    this.#request = request
    this.#options = options
  }

  start(): void {
    const { length, timeoutMs } = this.#options
    this.#timer = setTimeout(this.#onTimeout, timeoutMs)
    this.#request.on('data', length === undefined ? this.#onChunk : this.#onData)
    this.#request.on('end', this.#onEnd)
    this.#request.on('close', this.#onClose)
    this.#request.on('error', this.#onClose)
  }

  // The socket's chunks are nobody else's: a body that came in one is kept as it is.
  readonly #onData = (chunk: Buffer): void => {
    const { length } = this.#options
    if (this.#length === 0 && chunk.length === length) this.#body = chunk
    else {
      if (this.#length === 0) this.#body = Buffer.allocUnsafeSlow(length!)
      this.#body.set(chunk, this.#length)
    }
    this.#length += chunk.length
  }

  // One buffer that grows, not a list of chunks: a chunk may be a single byte, and a list of those outweighs them.
  readonly #onChunk = (chunk: Buffer): void => {
    const length = this.#length + chunk.length
    if (length > this.#options.maxBytes) this.#finish(tooLarge(this.#options.maxBytes))
    else if (length > this.#body.length && !this.#grow(length)) this.#finish(noRoom(), 'bytes')
    else {
      this.#body.set(chunk, this.#length)
      this.#length = length
    }
  }

  #grow(length: number): boolean {
    const { maxBytes, ticket } = this.#options
    const size = Math.min(maxBytes, Math.max(length, this.#body.length * 2, leastGrowth))
    if (!ticket.take(size)) return false
    const grown = Buffer.allocUnsafeSlow(size)
    this.#body.copy(grown, 0, 0, this.#length)
    ticket.giveBack(this.#body.length)
    this.#body = grown
    return true
  }

  readonly #onEnd = (): void => {
    if (this.#length < this.#body.length) this.#body = this.#body.subarray(0, this.#length)
    this.#finish(undefined)
  }

  readonly #onClose = (): void =>
    this.#finish(new SluiceError('BODY_INCOMPLETE', `the sender closed the connection after ${this.#length} bytes`))

  readonly #onTimeout = (): void => {
    const { length, timeoutMs } = this.#options
    const of = length === undefined ? '' : ` of ${length}`
    const text = `only ${this.#length}${of} bytes of the body came within ${timeoutMs} ms (timeout)`
    this.#finish(new SluiceError('OVERLOADED', text, { retryAfter: nextRetryAfter() }), 'slow_body')
  }

  #finish(error: SluiceError | undefined, overload?: 'bytes' | 'slow_body'): void {
    clearTimeout(this.#timer)
    this.#request.off('data', this.#onData)
    this.#request.off('data', this.#onChunk)
    this.#request.off('end', this.#onEnd)
    this.#request.off('close', this.#onClose)
    this.#request.off('error', this.#onClose)
    const body = error === undefined ? this.#body : nothing
    this.#body = nothing
    this.#options.done(error, body, overload)
  }
}
