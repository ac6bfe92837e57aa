// As little HTTP/1.1 as a load generator and a receiver need, so that neither costs more than what they measure.
// Messages may be cut anywhere and several may come in one chunk. Bodies are handed on in pieces, never gathered.

/** What comes out of a reader. `body` pieces are parts of the chunks that went in. */
export interface MessageEvents {
  /** The start line and headers, without the empty line. */
  readonly head: (head: string) => void
  readonly body: (piece: Buffer) => void
  readonly end: () => void
}

type State = 'head' | 'length' | 'size' | 'data' | 'after-data' | 'trailer'

const none = Buffer.alloc(0)

/** A reader of one connection's messages, requests or answers (not those to HEAD). Interim answers (1xx) are passed over. */
export class HttpReader {
  readonly #events: MessageEvents
  #state: State = 'head'
  /** Bytes of a line or head that is not complete yet. */
  #held: Buffer = none
  /** Bytes of the body, or of the current chunk, still to come. */
  #left = 0

  constructor(events: MessageEvents) {
    this.#events = events
  }

  /** True between two messages. */
  get idle(): boolean {
    return this.#state === 'head' && this.#held.length === 0
  }

  /** Takes the next bytes. Throws an Error on a message whose end cannot be found. */
  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) rest = this.#step(rest)
  }

  #step(chunk: Buffer): Buffer {
    switch (this.#state) {
      case 'head':
        return this.#until(chunk, '\r\n\r\n', (head) => this.#head(head))
      case 'length':
      case 'data': {
        const piece = chunk.subarray(0, this.#left)
        this.#left -= piece.length
        this.#events.body(piece)
        if (this.#left === 0) {
          if (this.#state === 'data') this.#state = 'after-data'
          else this.#end()
        }
        return chunk.subarray(piece.length)
      }
      case 'size':
        return this.#until(chunk, '\r\n', (line) => {
          if (!/^[0-9a-f]{1,8}\s*(;|$)/i.test(line)) throw new Error(`not the size of a chunk: ${JSON.stringify(line)}`)
          this.#left = Number.parseInt(line, 16)
          this.#state = this.#left === 0 ? 'trailer' : 'data'
        })
      case 'after-data':
        return this.#until(chunk, '\r\n', () => {
          this.#state = 'size'
        })
      case 'trailer':
        return this.#until(chunk, '\r\n', (line) => {
          if (line === '') this.#end()
        })
    }
  }

  #head(head: string): void {
    if (/^HTTP\/\S+ 1/.test(head)) return
    this.#events.head(head)
    const length = header(head, 'content-length')
    if (header(head, 'transfer-encoding')?.toLowerCase() === 'chunked') this.#state = 'size'
    else if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new Error(`not a Content-Length: ${length}`)
    else if (length !== undefined && length !== '0') {
      this.#left = Number(length)
      this.#state = 'length'
    } else if (length === undefined && head.startsWith('HTTP/') && !/^\S+ (204|304)/.test(head)) {
      throw new Error('an answer without Content-Length: its end cannot be told')
    } else this.#end()
  }

  #end(): void {
    this.#state = 'head'
    this.#events.end()
  }

  /** Hands over what comes before `mark`, over as many chunks as it takes, and returns what comes after it. */
  #until(chunk: Buffer, mark: string, take: (text: string) => void): Buffer {
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const at = all.indexOf(mark, 0, 'latin1')
    if (at < 0) {
      if (all.length > 65_536) throw new Error('a head or line of more than 64 KiB')
      // A copy: the chunk may be a buffer that the socket uses again.
      this.#held = Buffer.from(all)
      return none
    }
    this.#held = none
    take(all.toString('latin1', 0, at))
    return all.subarray(at + mark.length)
  }
}

const patterns = new Map<string, RegExp>()

/** The value of the first header called `name` (lower-case), or undefined. */
export function header(head: string, name: string): string | undefined {
  let pattern = patterns.get(name)
  if (pattern === undefined) {
    pattern = new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*?)[ \\t]*(?:\\r\\n|$)`, 'i')
    patterns.set(name, pattern)
  }
  return pattern.exec(head)?.[1]
}
