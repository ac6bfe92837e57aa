// Turns a Loki push that came as JSON into the protobuf form, once; from there on there is only one form. JSON that is
// malformed is refused whole; a stream that is JSON but no stream is refused alone, by a note that the scan finds.

import { SluiceError } from '../../errors.ts'
import { varintSize } from '../protobuf.ts'
import { JsonReader, type JsonText } from './json-reader.ts'
import { PushWriter } from './push-writer.ts'
import { ENTRIES, FAULT, LABELS } from './shapes.ts'

const encoder = new TextEncoder()
// A byte order mark is part of a name, not of its encoding.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const labelName = /^[A-Za-z_][A-Za-z0-9_]*$/
const longestShown = 64

/**
 * Reads `{"streams": [{"stream": {name: value}, "values": [[ns, line, {name: value}?]]}]}` as Loki does: unknown members
 * are ignored, of two labels of one name the last counts, a label value that is no string stands for its JSON text,
 * labels go out sorted, structured metadata in its order. Empty or absent `streams`: an empty result.
 * Throws BODY_CORRUPT with the byte offset if the text is not JSON, or no push at all, and DECOMPRESSED_TOO_LARGE if the
 * result is over `maxBytes`. A stream with a wrong shape becomes one that `scan` finds faulty, with path and byte.
 */
export function lokiJsonToProtobuf(text: Uint8Array, maxBytes: number): Uint8Array {
  return new PushDecoder(text, maxBytes).push()
}

class PushDecoder {
  readonly #reader: JsonReader
  readonly #out: PushWriter
  #stream = -1
  #entry = -1
  #fault: string | undefined
  #seconds = 0
  #nanos = 0

  constructor(text: Uint8Array, maxBytes: number) {
    this.#reader = new JsonReader(text, () => this.#where())
    this.#out = new PushWriter(text.length, maxBytes)
  }

  push(): Uint8Array {
    const reader = this.#reader
    if (reader.kind() !== 'object') throw noPush('a push is an object', reader.at)
    reader.enter()
    let seen = false
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (!this.#is(key, 'streams')) {
        reader.skip()
        continue
      }
      const kind = reader.kind()
      if (seen) throw noPush('"streams" is given twice', key.at)
      if (kind !== 'array' && kind !== 'null') throw noPush(`"streams" is an array, not ${a(kind)}`, reader.at)
      seen = true
      if (kind === 'null') reader.skip()
      else this.#streams()
    }
    reader.finish()
    return this.#out.finish()
  }

  #streams(): void {
    const reader = this.#reader
    reader.enter()
    while (reader.nextElement()) {
      this.#stream++
      this.#fault = undefined
      const start = this.#out.open(1)
      if (this.#expect('object', 'a stream')) this.#members()
      if (this.#fault !== undefined) this.#out.field(FAULT, encoder.encode(this.#fault))
      this.#out.close(start)
    }
    this.#stream = -1
  }

  #members(): void {
    const reader = this.#reader
    let labels = false
    let values = false
    reader.enter()
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      const isLabels = this.#is(key, 'stream')
      const isValues = this.#is(key, 'values')
      if ((isLabels && labels) || (isValues && values)) {
        this.#refuse(`"${isLabels ? 'stream' : 'values'}" is given twice`, key.at)
        reader.skip()
      } else if (isLabels) {
        labels = true
        if (this.#expect('object', '"stream"')) this.#labels()
      } else if (isValues) {
        values = true
        if (reader.kind() === 'null') reader.skip()
        else if (this.#expect('array', '"values"')) this.#values()
      } else {
        reader.skip()
      }
    }
  }

  #labels(): void {
    const reader = this.#reader
    const labels = new Map<string, Uint8Array>()
    reader.enter()
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      const name = decoder.decode(reader.read(key))
      if (!labelName.test(name)) {
        this.#refuse(`label name ${shown(name)} is not valid; it takes letters, digits and "_"`, key.at)
      }
      labels.set(name, this.#labelValue())
    }
    const out = this.#out
    const start = out.open(LABELS)
    out.ascii('{')
    let first = true
    for (const name of [...labels.keys()].sort()) {
      // A name that is not valid would be read as something else.
      if (!labelName.test(name)) continue
      out.ascii(`${first ? '' : ', '}${name}=`)
      out.quoted(labels.get(name)!)
      first = false
    }
    out.ascii('}')
    out.close(start)
  }

  #labelValue(): Uint8Array {
    const reader = this.#reader
    if (reader.kind() === 'string') return reader.read(reader.string())
    const at = reader.at
    reader.skip()
    return reader.bytes.subarray(at, reader.at)
  }

  #values(): void {
    const reader = this.#reader
    reader.enter()
    while (reader.nextElement()) {
      this.#entry++
      if (reader.kind() === 'null') reader.skip()
      else if (this.#expect('array', 'an entry')) this.#readEntry()
      else this.#writeNothing()
    }
    this.#entry = -1
  }

  #readEntry(): void {
    const reader = this.#reader
    const metadata: JsonText[] = []
    let line: JsonText | undefined
    let parts = 0
    reader.enter()
    const start = reader.at
    while (reader.nextElement()) {
      parts++
      if (parts === 1) this.#timestamp()
      else if (parts === 2 && this.#expect('string', 'a log line')) line = reader.string()
      else if (parts === 3) this.#metadata(metadata)
      else if (parts > 3) reader.skip()
    }
    if (parts < 2 || parts > 3) {
      this.#refuse(`an entry is [timestamp, line] or [timestamp, line, metadata], not ${parts} elements`, start - 1)
    }
    if (this.#fault === undefined && line !== undefined) this.#writeEntry(line, metadata)
    else this.#writeNothing()
  }

  #timestamp(): void {
    const reader = this.#reader
    if (!this.#expect('string', 'a timestamp (nanoseconds since 1970, quoted)')) return
    const text = reader.string()
    if (this.#readNanoseconds(text)) return
    const value = shown(decoder.decode(reader.read(text)))
    this.#refuse(`a timestamp is a whole number of nanoseconds since 1970 in 64 bits, not ${value}`, text.at - 1)
  }

  /** Reads an int64 without ever holding it as a number: all but the last nine digits are seconds. */
  #readNanoseconds(text: JsonText): boolean {
    const digits =
      text.end - text.at > longestShown ? '' : decoder.decode(this.#reader.bytes.subarray(text.at, text.end))
    const match = /^(-?)0*(\d{1,19})$/.exec(digits)
    if (match === null) return false
    const [, sign, size] = match
    const largest = sign === '' ? '9223372036854775807' : '9223372036854775808'
    if (size!.length === largest.length && size! > largest) return false
    this.#seconds = Number(size!.slice(0, -9))
    this.#nanos = Number(size!.slice(-9))
    if (sign === '-') {
      this.#seconds = this.#nanos > 0 ? -this.#seconds - 1 : -this.#seconds
      this.#nanos = this.#nanos > 0 ? 1_000_000_000 - this.#nanos : 0
    }
    return true
  }

  /** Leaves names and values in turn. */
  #metadata(into: JsonText[]): void {
    const reader = this.#reader
    if (reader.kind() === 'null') {
      reader.skip()
      return
    }
    if (!this.#expect('object', 'structured metadata')) return
    reader.enter()
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (this.#expect('string', 'a value of structured metadata')) into.push(key, reader.string())
    }
  }

  #writeEntry(line: JsonText, metadata: readonly JsonText[]): void {
    const out = this.#out
    const seconds = this.#seconds === 0 ? 0 : this.#seconds < 0 ? 11 : 1 + varintSize(this.#seconds)
    const time = seconds + (this.#nanos === 0 ? 0 : 1 + varintSize(this.#nanos))
    let size = 2 + time + fieldSize(line)
    for (let k = 0; k < metadata.length; k += 2) {
      const pair = fieldSize(metadata[k]!) + fieldSize(metadata[k + 1]!)
      size += 1 + varintSize(pair) + pair
    }
    out.room(11 + size)
    out.varint(ENTRIES * 8 + 2)
    out.varint(size)
    out.varint(0x0a)
    out.varint(time)
    if (this.#seconds !== 0) {
      out.varint(0x08)
      out.varint(this.#seconds)
    }
    if (this.#nanos !== 0) {
      out.varint(0x10)
      out.varint(this.#nanos)
    }
    this.#writeText(2, line)
    for (let k = 0; k < metadata.length; k += 2) {
      out.varint(0x1a)
      out.varint(fieldSize(metadata[k]!) + fieldSize(metadata[k + 1]!))
      this.#writeText(1, metadata[k]!)
      this.#writeText(2, metadata[k + 1]!)
    }
  }

  #writeText(field: number, text: JsonText): void {
    if (text.size === 0) return
    const out = this.#out
    out.varint(field * 8 + 2)
    out.varint(text.size)
    out.at = this.#reader.write(text, out.bytes, out.at)
  }

  /** An entry of a stream that is refused: only their number counts. */
  #writeNothing(): void {
    this.#out.field(ENTRIES, new Uint8Array(0))
  }

  /** True if the next value is of that kind; else the stream is refused and the value stepped over. */
  #expect(kind: 'object' | 'array' | 'string', what: string): boolean {
    const found = this.#reader.kind()
    if (found === kind) return true
    this.#refuse(`${what} is ${a(kind)}, not ${a(found)}`, this.#reader.at)
    this.#reader.skip()
    return false
  }

  #refuse(reason: string, at: number): void {
    this.#fault ??= `${this.#where()}: ${reason} (byte ${at} of the JSON)`
  }

  #where(): string {
    if (this.#stream < 0) return ''
    return `streams[${this.#stream}]${this.#entry < 0 ? '' : `.values[${this.#entry}]`}`
  }

  #is(key: JsonText, name: string): boolean {
    return key.size === name.length && decoder.decode(this.#reader.read(key)) === name
  }
}

function noPush(reason: string, offset: number): SluiceError {
  return new SluiceError('BODY_CORRUPT', `JSON: ${reason} (byte ${offset})`, { offset })
}

function fieldSize(text: JsonText): number {
  return text.size === 0 ? 0 : 1 + varintSize(text.size) + text.size
}

function a(kind: string): string {
  return kind === 'null' ? kind : `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}

function shown(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}
