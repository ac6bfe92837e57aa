// A body in chunks (RFC 9112, section 7.1), taken apart as it comes. Extensions and trailers are skipped; line ends
// are CR LF and nothing else.

import type { AnswerBody } from '../answer-body.ts'
import { MalformedAnswer } from './response-head.ts'

const CR = 0x0d
const LF = 0x0a

type State =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer'
  | 'trailer-line'
  | 'trailer-lf'
  | 'last-lf'

export class ChunkedDecoder {
  #state: State = 'size'
  #size = 0
  #digits = 0
  /** Bytes that were no data: sizes, extensions, trailers. */
  overhead = 0
  isDone = false

  /** Takes `bytes[start] … bytes[end - 1]` and returns where the body ended, or `end`. Throws MalformedAnswer. */
  feed(bytes: Uint8Array, start: number, end: number, body: AnswerBody): number {
    let at = start
    while (at < end && !this.isDone) {
      if (this.#state === 'data') {
        const stop = Math.min(end, at + this.#size)
        body.append(bytes, at, stop)
        this.#size -= stop - at
        at = stop
        if (this.#size === 0) this.#state = 'data-cr'
      } else {
        this.#framing(bytes[at]!)
        this.overhead++
        at++
      }
    }
    return at
  }

  #framing(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#sizeByte(byte)
        return
      case 'extension':
        if (byte === CR) this.#state = 'size-lf'
        else if (byte < 0x20 && byte !== 0x09) throw new MalformedAnswer('a chunk extension holds a control character')
        return
      case 'size-lf':
        this.#expect(byte, LF, this.#size === 0 ? 'trailer' : 'data')
        this.#digits = 0
        return
      case 'data-cr':
        this.#expect(byte, CR, 'data-lf')
        return
      case 'data-lf':
        this.#expect(byte, LF, 'size')
        return
      case 'trailer':
        this.#state = byte === CR ? 'last-lf' : 'trailer-line'
        return
      case 'trailer-line':
        if (byte === LF) throw new MalformedAnswer('a trailer does not end with CR LF')
        if (byte === CR) this.#state = 'trailer-lf'
        return
      case 'trailer-lf':
        this.#expect(byte, LF, 'trailer')
        return
      default:
        this.#expect(byte, LF, 'size')
        this.isDone = true
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      if (++this.#digits > 12) throw new MalformedAnswer('a chunk says that it is longer than any could be')
      this.#size = this.#size * 16 + digit
    } else if (this.#digits > 0 && byte === CR) this.#state = 'size-lf'
    else if (this.#digits > 0 && (byte === 0x3b || byte === 0x20 || byte === 0x09)) this.#state = 'extension'
    else throw new MalformedAnswer('a chunk does not begin with its size')
  }

  #expect(byte: number, wanted: number, next: State): void {
    if (byte !== wanted) throw new MalformedAnswer('a chunk does not end where its size says')
    this.#state = next
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
