// Reads a stream's label text, `{app="web", tenant="a"}`, pair by pair and in place, by the grammar that Loki reads it
// with (PromQL's metric): a metric name may stand in front, names may be quoted, the last pair may have a comma after
// it, `#` begins a comment. Text that Loki would refuse is refused here, so that it spoils one stream and not a push.

import { readEscape, unquote, utf8Size } from './quoted.ts'

const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
const COMMA = 0x2c
const EQUALS = 0x3d
const TILDE = 0x7e
const COLON = 0x3a
const HASH = 0x23
const NEWLINE = 0x0a
const RETURN = 0x0d
const BACKTICK = 0x60
const BACKSLASH = 0x5c

/** Words of PromQL that cannot be a metric's name in front of the braces, in lower case. */
const reservedWords = new Set(['on', 'ignoring', 'group_left', 'group_right', 'bool', 'atan2', 'inf', 'nan'])

const metricName = new TextEncoder().encode('__name__')
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const atStart = 0
const afterMetric = 1
const afterPair = 2
const finished = 3

/** One reader serves any number of texts, one after the other: `open`, then `next` until it returns false. */
export class LabelReader {
  /** Why the text is malformed, with the place; undefined while it is not. */
  fault: string | undefined
  /** The pair: from its name's first byte to behind its value. */
  pairAt = 0
  pairEnd = 0
  /** The name, unescaped, is `names[nameAt … nameEnd)`. */
  names: Uint8Array = metricName
  nameAt = 0
  nameEnd = 0
  /** The value, without its quotes, is `[valueAt … valueEnd)` of the text's own bytes. */
  valueAt = 0
  valueEnd = 0
  /** The value holds escapes: `value()` tells what it stands for. */
  valueEscaped = false
  /** The pair is a metric name in front of the braces. */
  inFront = false
  /** Behind `{`, and at `}`; -1 where the text has no braces, or so far. */
  braceOpen = -1
  braceClose = -1

  #bytes: Uint8Array = metricName
  #start = 0
  #at = 0
  #end = 0
  #state = finished
  #escaped = false

  /** Begins with the text `bytes[at … end)`. */
  open(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes
    this.#start = this.#at = at
    this.#end = end
    this.#state = atStart
    this.braceOpen = this.braceClose = -1
    this.fault = undefined
  }

  /** Reads the next pair. False: there is none left, or `fault` says why the text is malformed. */
  next(): boolean {
    if (this.#state === finished) return false
    let p = this.#skipSpace(this.#at)
    let byte = this.#byte(p)
    if (this.#state === afterPair) {
      if (byte === BRACE_CLOSE) return this.#close(p)
      if (byte !== COMMA) return this.#refuse('expected "," or "}"', p)
    } else {
      if (p === this.#end) return this.#finish()
      if (this.#state === atStart && isMetricByte(byte) && !isDigit(byte)) return this.#readMetric(p)
      if (byte !== BRACE_OPEN) return this.#refuse('expected "{"', p)
      this.braceOpen = p + 1
    }
    p = this.#skipSpace(p + 1)
    byte = this.#byte(p)
    return byte === BRACE_CLOSE ? this.#close(p) : this.#readPair(p, byte)
  }

  /** The value, unescaped. A view of the text's bytes where it holds no escapes. */
  value(): Uint8Array {
    if (!this.valueEscaped) return this.#bytes.subarray(this.valueAt, this.valueEnd)
    return unquote(this.#bytes, this.valueAt, this.valueEnd, this.#bytes[this.valueAt - 1]!)
  }

  #readMetric(at: number): boolean {
    let p = at + 1
    while (isMetricByte(this.#byte(p))) p++
    if (reservedWords.has(decoder.decode(this.#bytes.subarray(at, p)).toLowerCase())) {
      return this.#refuse('expected "{" or the name of a metric', at)
    }
    this.#state = afterMetric
    return this.#metric(at, at, p, p, true)
  }

  #readPair(at: number, first: number): boolean {
    let after = at
    const quoted = isQuote(first)
    if (quoted) {
      after = this.#readString(at)
      if (after < 0) return false
    } else {
      if (isDigit(first) || !isNameByte(first)) return this.#refuse('expected a label name', at)
      while (isNameByte(this.#byte(after))) after++
    }
    const escaped = this.#escaped
    const sign = this.#skipSpace(after)
    this.#state = afterPair
    if (this.#byte(sign) !== EQUALS || this.#byte(sign + 1) === TILDE) {
      if (!quoted) return this.#refuse('expected "=" after the label name', sign)
      // A quoted name alone is the metric's. What follows it is looked at by the next call.
      this.valueEscaped = escaped
      return this.#metric(at, at + 1, after - 1, after, false)
    }
    const value = this.#skipSpace(sign + 1)
    if (!isQuote(this.#byte(value))) return this.#refuse('expected a quoted value', value)
    const end = this.#readString(value)
    if (end < 0) return false
    this.names = this.#bytes
    this.nameAt = quoted ? at + 1 : at
    this.nameEnd = quoted ? after - 1 : after
    if (quoted && escaped) {
      this.names = unquote(this.#bytes, this.nameAt, this.nameEnd, first)
      this.nameAt = 0
      this.nameEnd = this.names.length
    }
    this.valueAt = value + 1
    this.valueEnd = end - 1
    this.valueEscaped = this.#escaped
    return this.#pair(at, end, false)
  }

  #metric(at: number, valueAt: number, valueEnd: number, end: number, inFront: boolean): boolean {
    this.names = metricName
    this.nameAt = 0
    this.nameEnd = metricName.length
    this.valueAt = valueAt
    this.valueEnd = valueEnd
    if (inFront) this.valueEscaped = false
    return this.#pair(at, end, inFront)
  }

  #pair(at: number, end: number, inFront: boolean): true {
    this.pairAt = at
    this.pairEnd = this.#at = end
    this.inFront = inFront
    return true
  }

  /** Steps over the quoted string at `at`; returns where it ended, or -1 and leaves a fault. */
  #readString(at: number): number {
    const bytes = this.#bytes
    const end = this.#end
    const quote = bytes[at]!
    const raw = quote === BACKTICK
    this.#escaped = false
    for (let p = at + 1; p < end; ) {
      const byte = bytes[p]!
      if (byte === quote) return p + 1
      if (byte >= 0x80) {
        const size = utf8Size(bytes, p, end)
        // Loki's reader takes U+FFFD, however it came there, for bytes that are not UTF-8.
        if (size === 0 || (size === 3 && byte === 0xef && bytes[p + 1] === 0xbf && bytes[p + 2] === 0xbd)) {
          this.#refuse('a string that is not UTF-8', p)
          return -1
        }
        p += size
      } else if (byte === BACKSLASH && !raw) {
        const size = readEscape(bytes, p, end, quote)
        if (size === 0) {
          this.#refuse('an escape that does not exist', p)
          return -1
        }
        this.#escaped = true
        p += size
      } else if (byte === NEWLINE && !raw) {
        break
      } else {
        p++
      }
    }
    this.#refuse('a string that does not end', at)
    return -1
  }

  #byte(at: number): number {
    return at < this.#end ? this.#bytes[at]! : -1
  }

  #skipSpace(at: number): number {
    let p = at
    for (;;) {
      const byte = this.#byte(p)
      if (byte === 0x20 || byte === 0x09 || byte === NEWLINE || byte === RETURN) p++
      else if (byte === HASH) while (p < this.#end && this.#bytes[p] !== NEWLINE && this.#bytes[p] !== RETURN) p++
      else return p
    }
  }

  #close(at: number): false {
    this.braceClose = at
    const p = this.#skipSpace(at + 1)
    return p < this.#end ? this.#refuse('expected nothing after "}"', p) : this.#finish()
  }

  /** Lets go of the text, too. */
  #finish(): false {
    this.#bytes = this.names = metricName
    this.#state = finished
    return false
  }

  #refuse(reason: string, at: number): false {
    const shown = decoder.decode(this.#bytes.subarray(at, Math.min(this.#end, at + 24)))
    const what = shown === '' ? 'the end' : JSON.stringify(shown)
    this.fault = `label text: ${reason} at byte ${at - this.#start}, before ${what}`
    return this.#finish()
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isNameByte(byte: number): boolean {
  const lower = byte | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || isDigit(byte)
}

function isMetricByte(byte: number): boolean {
  return isNameByte(byte) || byte === COLON
}

function isQuote(byte: number): boolean {
  return byte === 0x22 || byte === 0x27 || byte === BACKTICK
}
