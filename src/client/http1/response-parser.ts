// Finds answers in a stream of bytes: interim ones are skipped, the final one's head is read, its body is kept
// up to a bound. Every limit is on what upstream may make us hold or read, so that a hostile one costs little.

import { AnswerBody, maxDroppedBytes } from '../answer-body.ts'
import { ChunkedDecoder } from './chunked.ts'
import { CHUNKED, MalformedAnswer, parseResponseHead, type ResponseHead, UNTIL_CLOSE } from './response-head.ts'

export interface ParserLimits {
  /** Bytes of a head, interim answers included. */
  readonly maxHeadBytes: number
  /** Bytes of a body that are kept. */
  readonly maxKeptBytes: number
}

/** The head is longer than `maxHeadBytes`. */
export class HeadTooLong extends Error {
  override readonly name = 'HeadTooLong'
}

const nothing = Buffer.alloc(0)
const protocol = 'HTTP/1.'
const endOfHead = Buffer.from('\r\n\r\n')

export class ResponseParser {
  readonly #limits: ParserLimits
  readonly #body: AnswerBody
  #method = 'POST'
  /** An incomplete head, copied; empty in the common case of a head that comes in one piece. */
  #pending: Buffer = nothing
  #headBytes = 0
  #chunked: ChunkedDecoder | undefined
  /** The final answer's head, once it is whole. */
  head: ResponseHead | undefined
  isComplete = false
  /** The answer ended where it should and nothing came after it. */
  isClean = false

  constructor(limits: ParserLimits) {
    this.#limits = limits
    this.#body = new AnswerBody(limits.maxKeptBytes)
  }

  /** Makes ready for the answer to a request of that method. */
  begin(method: string): void {
    this.#method = method
    this.#pending = nothing
    this.#headBytes = 0
    this.#chunked = undefined
    this.head = undefined
    this.isComplete = false
    this.isClean = false
    this.#body.take()
  }

  /** Takes what came, which the caller may use again afterwards. Throws MalformedAnswer, HeadTooLong. */
  feed(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && this.head === undefined) at = this.#feedHead(bytes, at)
    if (this.head !== undefined) at = this.#feedBody(this.head, bytes, at)
    if (at < bytes.length) this.isClean = false
  }

  /** The connection is at its end: completes a body that ends there. */
  end(): void {
    if (this.head?.length === UNTIL_CLOSE) this.isComplete = true
  }

  /** What was kept of the body so far. */
  takeBody(): Uint8Array {
    return this.#body.take()
  }

  /** Reads one head from `start` on, or as much of it as is there; returns where it ended. */
  #feedHead(bytes: Buffer, start: number): number {
    const before = this.#pending.length
    const all = before === 0 ? bytes : Buffer.concat([this.#pending, start === 0 ? bytes : bytes.subarray(start)])
    const from = before === 0 ? start : 0
    const found = all.indexOf(endOfHead, Math.max(from, before - 3))
    const end = found < 0 ? all.length : found + endOfHead.length
    if (this.#headBytes + end - from > this.#limits.maxHeadBytes)
      throw new HeadTooLong(`the head of its answer is longer than ${this.#limits.maxHeadBytes} bytes`)
    if (found < 0) {
      // Whoever speaks first in another protocol may say no more, and we would wait.
      const opening = all.toString('latin1', from, from + protocol.length)
      if (!protocol.startsWith(opening)) throw new MalformedAnswer('its first line is not a status line of HTTP/1.1')
      this.#pending = before === 0 ? Buffer.from(bytes.subarray(start)) : all
      return bytes.length
    }
    this.#headBytes += end - from
    this.#pending = nothing
    this.#takeHead(parseResponseHead(all.toString('latin1', from, found), this.#method))
    return before === 0 ? end : start + end - before
  }

  #takeHead(head: ResponseHead): void {
    if (head.status === 101) throw new MalformedAnswer('it changes to another protocol, which nobody asked for')
    if (head.status < 200) return
    this.head = head
    if (head.length === CHUNKED) this.#chunked = new ChunkedDecoder()
    if (head.length === 0) this.isComplete = this.isClean = true
  }

  #feedBody(head: ResponseHead, bytes: Buffer, start: number): number {
    const { length } = bytes
    let end = length
    if (this.isComplete) return start
    if (this.#chunked !== undefined) {
      end = this.#chunked.feed(bytes, start, length, this.#body)
      this.isComplete = this.isClean = this.#chunked.isDone
    } else if (head.length >= 0) {
      end = Math.min(length, start + head.length - this.#body.seen)
      this.#body.append(bytes, start, end)
      this.isComplete = this.isClean = this.#body.seen === head.length
    } else this.#body.append(bytes, start, length)
    const dropped = this.#body.seen - this.#limits.maxKeptBytes + (this.#chunked?.overhead ?? 0)
    if (!this.isComplete && dropped > maxDroppedBytes) this.isComplete = true
    return end
  }
}
