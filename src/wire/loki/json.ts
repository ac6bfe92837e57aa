// Turns a Loki push that came as JSON into the protobuf form, once; from there on there is only one form. JSON that is
// malformed is refused whole; a stream that is JSON but no stream is refused alone, by a note that the scan finds.

import { SluiceError } from '../../errors.ts'
import { varintSize } from '../protobuf.ts'
import { JsonReader, type JsonText } from './json-reader.ts'
import { readNanoseconds, timestamp } from './nanoseconds.ts'
import { PushWriter } from './push-writer.ts'
import { ENTRIES, FAULT, LABELS, mostFaults } from './shapes.ts'

const encoder = new TextEncoder()
// A byte order mark is part of a name, not of its encoding.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const labelName = /^[A-Za-z_][A-Za-z0-9_]*$/
const longestShown = 64
/** Far beyond what Loki takes; bounds what one stream can cost before it is written. */
const mostLabels = 1000

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
  #faults = 0

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
      if (this.#fault !== undefined) {
        if (++this.#faults > mostFaults) {
          throw noPush(`over ${mostFaults} streams are malformed; the last: ${this.#fault}`, reader.at)
        }
        this.#out.field(FAULT, encoder.encode(this.#fault))
      }
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
      const value = this.#labelValue()
      if (labels.size < mostLabels || labels.has(name)) labels.set(name, value)
      else this.#refuse(`a stream has at most ${mostLabels} labels`, key.at)
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
    const out = this.#out
    const start = reader.at
    const before = out.at
    const entry = out.open(ENTRIES)
    let parts = 0
    reader.enter()
    while (reader.nextElement()) {
      parts++
      if (parts === 1) this.#timestamp()
      else if (parts === 2 && this.#expect('string', 'a log line')) this.#writeText(2, reader.string())
      else if (parts === 3) this.#metadata()
      else if (parts > 3) reader.skip()
    }
    if (parts < 2 || parts > 3) {
      this.#refuse(`an entry is [timestamp, line] or [timestamp, line, metadata], not ${parts} elements`, start)
    }
    if (this.#fault === undefined) {
      out.close(entry)
    } else {
      out.at = before
      this.#writeNothing()
    }
  }

  #timestamp(): void {
    const reader = this.#reader
    if (!this.#expect('string', 'a timestamp (nanoseconds since 1970, quoted)')) return
    const text = reader.string()
    if (!readNanoseconds(reader.bytes, text.at, text.end)) {
      const value = shown(decoder.decode(reader.read(text)))
      this.#refuse(`a timestamp is a whole number of nanoseconds since 1970 in 64 bits, not ${value}`, text.at - 1)
      return
    }
    const out = this.#out
    const size =
      (timestamp.seconds === 0 ? 0 : timestamp.seconds < 0 ? 11 : 1 + varintSize(timestamp.seconds)) +
      (timestamp.nanos === 0 ? 0 : 1 + varintSize(timestamp.nanos))
    out.room(20)
    out.varint(0x0a)
    out.varint(size)
    if (timestamp.seconds !== 0) {
      out.varint(0x08)
      out.varint(timestamp.seconds)
    }
    if (timestamp.nanos !== 0) {
      out.varint(0x10)
      out.varint(timestamp.nanos)
    }
  }

  #metadata(): void {
    const reader = this.#reader
    const out = this.#out
    if (reader.kind() === 'null') {
      reader.skip()
      return
    }
    if (!this.#expect('object', 'structured metadata')) return
    reader.enter()
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (!this.#expect('string', 'a value of structured metadata')) continue
      const value = reader.string()
      out.room(10)
      out.varint(0x1a)
      out.varint(fieldSize(key) + fieldSize(value))
      this.#writeText(1, key)
      this.#writeText(2, value)
    }
  }

  #writeText(field: number, text: JsonText): void {
    if (text.size === 0) return
    const out = this.#out
    out.room(10 + text.size)
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
