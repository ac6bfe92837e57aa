// Walks JSON text (RFC 8259) in its bytes, value by value: no objects are built, so no key can mean anything special,
// numbers keep every digit, and a string's bytes need not be UTF-8. Loops, not recursion: depth is bounded, not the stack.

import { SluiceError } from '../../errors.ts'
import { hexDigit, writeUtf8 } from './quoted.ts'

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

const deepest = 128
const QUOTE = 0x22
const BACKSLASH = 0x5c
const replacement = 0xfffd
const escapes = new Map<number, number>(
  Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 }).map(([c, v]) => [c.charCodeAt(0), v]),
)
const kinds = new Map<number, JsonKind>([
  ...[...'-0123456789'].map((c) => [c.charCodeAt(0), 'number'] as const),
  [0x7b, 'object'],
  [0x5b, 'array'],
  [QUOTE, 'string'],
  [0x74, 'boolean'],
  [0x66, 'boolean'],
  [0x6e, 'null'],
])

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The inside of a string: where it is, whether it holds escapes, and how many bytes it stands for. */
export interface JsonText {
  readonly at: number
  readonly end: number
  readonly escaped: boolean
  readonly size: number
}

/** The code point of the escape that `readEscape` just read. */
let code = 0

export class JsonReader {
  readonly bytes: Uint8Array
  /** Where the reader stands. */
  at = 0
  readonly #where: () => string
  readonly #isObject = new Uint8Array(deepest)
  // Between an opening bracket and the first thing in it.
  #opened = false

  /** `where` names the place in the document for a fault's text. */
  constructor(bytes: Uint8Array, where: () => string) {
    this.bytes = bytes
    this.#where = where
  }

  /** What the next value is. Throws BODY_CORRUPT if none begins here. */
  kind(): JsonKind {
    const byte = this.#peek()
    return kinds.get(byte) ?? this.#unexpected('expected a value')
  }

  /** Goes into the array or object that begins here. */
  enter(): void {
    this.#peek()
    this.at++
    this.#opened = true
  }

  /** To the next element of the array; false, and behind it, when there is none left. */
  nextElement(): boolean {
    return this.#next(0x5d, 'expected "," or "]"')
  }

  /** To the value of the object's next member, whose key is returned; undefined, and behind the object, when there is none left. */
  nextKey(): JsonText | undefined {
    if (!this.#next(0x7d, 'expected "," or "}"')) return undefined
    if (this.#peek() !== QUOTE) this.#unexpected('expected a key')
    const key = this.string()
    if (this.#peek() !== 0x3a) this.#unexpected('expected ":"')
    this.at++
    return key
  }

  /** Reads the string that begins here. */
  string(): JsonText {
    const { bytes } = this
    const start = this.at + 1
    let p = start
    let size = 0
    let escaped = false
    for (;;) {
      if (p >= bytes.length) this.#fail('a string does not end', this.at)
      const byte = bytes[p]!
      if (byte === QUOTE) break
      if (byte === BACKSLASH) {
        const length = readEscape(bytes, p)
        if (length === 0) this.#fail('an escape that does not exist', p)
        escaped = true
        p += length
        size += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      } else {
        if (byte < 0x20) this.#fail('a control character that is not escaped', p)
        p++
        size++
      }
    }
    this.at = p + 1
    this.#opened = false
    return { at: start, end: p, escaped, size }
  }

  /** Steps over one value of any kind and proves it well formed. */
  skip(): void {
    let depth = 0
    do {
      const kind = this.kind()
      if (kind === 'object' || kind === 'array') {
        if (depth === deepest) this.#fail(`nested over ${deepest} deep`, this.at)
        this.#isObject[depth++] = kind === 'object' ? 1 : 0
        this.enter()
      } else {
        this.#scalar(kind)
      }
      while (depth > 0 && !(this.#isObject[depth - 1] ? this.nextKey() : this.nextElement())) depth--
    } while (depth > 0)
  }

  /** Proves that nothing but white space follows. */
  finish(): void {
    if (this.#peek() >= 0) this.#unexpected('expected nothing after the value')
  }

  /** Writes what a string stands for; `size` bytes must be there. An unpaired surrogate becomes U+FFFD. */
  write(text: JsonText, out: Uint8Array, at: number): number {
    if (!text.escaped) {
      out.set(this.bytes.subarray(text.at, text.end), at)
      return at + text.size
    }
    let q = at
    for (let p = text.at; p < text.end; ) {
      if (this.bytes[p] === BACKSLASH) {
        p += readEscape(this.bytes, p)
        q = writeUtf8(out, q, code)
      } else {
        out[q++] = this.bytes[p++]!
      }
    }
    return q
  }

  /** What a string stands for. */
  read(text: JsonText): Uint8Array {
    if (!text.escaped) return this.bytes.subarray(text.at, text.end)
    const out = new Uint8Array(text.size)
    this.write(text, out, 0)
    return out
  }

  #next(close: number, expected: string): boolean {
    let byte = this.#peek()
    const opened = this.#opened
    this.#opened = false
    if (byte === close) {
      this.at++
      return false
    }
    if (opened) return true
    if (byte !== 0x2c) this.#unexpected(expected)
    this.at++
    byte = this.#peek()
    if (byte === close) this.#unexpected('expected something after ","')
    return true
  }

  #scalar(kind: JsonKind): void {
    if (kind === 'string') {
      this.string()
      return
    }
    const length = kind === 'number' ? numberLength(this.bytes, this.at) : wordLength(this.bytes, this.at)
    if (length === 0) this.#unexpected(kind === 'number' ? 'a malformed number' : 'expected a value')
    this.at += length
    this.#opened = false
  }

  /** Skips white space; the byte there, -1 at the end. */
  #peek(): number {
    const { bytes } = this
    let p = this.at
    while (p < bytes.length) {
      const byte = bytes[p]!
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
      p++
    }
    this.at = p
    return p < bytes.length ? bytes[p]! : -1
  }

  #unexpected(reason: string): never {
    const rest = decoder.decode(this.bytes.subarray(this.at, this.at + 24))
    this.#fail(`${reason}, found ${rest === '' ? 'the end' : JSON.stringify(rest)}`, this.at)
  }

  #fail(reason: string, offset: number): never {
    const where = this.#where()
    const place = where === '' ? '' : `${where}, `
    throw new SluiceError('BODY_CORRUPT', `JSON: ${reason} (${place}byte ${offset})`, { offset })
  }
}

/** Reads the escape at `at` into `code`; returns how many bytes it takes, 0 if it is malformed. */
function readEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1]
  if (kind !== 0x75) {
    code = escapes.get(kind ?? -1) ?? -1
    return code < 0 ? 0 : 2
  }
  code = unit(bytes, at + 2)
  if (code < 0) return 0
  if (code < 0xd800 || code > 0xdfff) return 6
  const low = code < 0xdc00 && bytes[at + 6] === BACKSLASH && bytes[at + 7] === 0x75 ? unit(bytes, at + 8) : -1
  if (low < 0xdc00 || low > 0xdfff) {
    code = replacement
    return 6
  }
  code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
  return 12
}

function unit(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) return -1
  let value = 0
  for (let k = 0; k < 4; k++) {
    const digit = hexDigit(bytes[at + k]!)
    if (digit > 15) return -1
    value = value * 16 + digit
  }
  return value
}

const words = ['true', 'false', 'null'].map((word) => new TextEncoder().encode(word))

function wordLength(bytes: Uint8Array, at: number): number {
  for (const word of words) {
    let same = 0
    while (same < word.length && bytes[at + same] === word[same]) same++
    if (same === word.length) return same
  }
  return 0
}

/** Length of the number at `at`: -? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?; 0 if there is none. */
function numberLength(bytes: Uint8Array, at: number): number {
  let p = bytes[at] === 0x2d ? at + 1 : at
  const first = p
  p = digitsEnd(bytes, p)
  if (p === first || (bytes[first] === 0x30 && p > first + 1)) return 0
  if (bytes[p] === 0x2e) {
    const fraction = p + 1
    p = digitsEnd(bytes, fraction)
    if (p === fraction) return 0
  }
  if (((bytes[p] ?? 0) | 0x20) === 0x65) {
    const exponent = bytes[p + 1] === 0x2b || bytes[p + 1] === 0x2d ? p + 2 : p + 1
    p = digitsEnd(bytes, exponent)
    if (p === exponent) return 0
  }
  return p - at
}

function digitsEnd(bytes: Uint8Array, at: number): number {
  let p = at
  while (p < bytes.length && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p++
  return p
}
