// Reads protobuf slowly and by the letter, driven by the generated descriptors: the first fault and its kind, or the
// ranges of all fields. Shares nothing with src/wire, so that neither can hide the other's defects.

import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'

/** What can be wrong with a body. Which of these the generated codec lets pass is said in exceptions.ts. */
export type FaultKind =
  | 'truncated'
  | 'overrun'
  | 'varint over 64 bits'
  | 'varint over 10 bytes'
  | 'unknown varint over 10 bytes'
  | 'length over 32 bits'
  | 'tag over 32 bits'
  | 'field number 0'
  | 'wire type 6 or 7'
  | 'wrong wire type'
  | 'stray end of group'
  | 'wrong end of group'
  | 'groups over 100 deep'

/** One field: `bytes[start … end)` with its tag; its contents begin at `inner`. */
export interface Node {
  readonly number: number
  readonly start: number
  readonly inner: number
  readonly end: number
  /** Known nested messages only. */
  readonly children: readonly Node[]
}

/** Faultless, or the first fault. `deepest`: greatest depth of messages plus groups met; `badUtf8`: a string field that is not UTF-8. */
export interface Verdict {
  readonly fault: FaultKind | undefined
  /** Where the first fault's varint, tag or value begins. */
  readonly at: number
  readonly deepest: number
  readonly badUtf8: boolean
  readonly fields: readonly Node[]
}

class Fault {
  readonly kind: FaultKind
  readonly at: number
  constructor(kind: FaultKind, at: number) {
    this.kind = kind
    this.at = at
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads `bytes` as one message of that type. */
export function readStrictly(schema: DescMessage, bytes: Uint8Array): Verdict {
  const reader = new StrictReader(bytes)
  try {
    return reader.verdict(undefined, reader.message(schema, 0, bytes.length, 1))
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return reader.verdict(thrown, [])
  }
}

const knownFields = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>()

function fieldsOf(schema: DescMessage): ReadonlyMap<number, DescField> {
  let fields = knownFields.get(schema)
  if (fields === undefined)
    knownFields.set(schema, (fields = new Map(schema.fields.map((field) => [field.number, field]))))
  return fields
}

class StrictReader {
  readonly #bytes: Uint8Array
  #deepest = 0
  #badUtf8 = false
  /** Where the last value ended. */
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  verdict(fault: Fault | undefined, fields: readonly Node[]): Verdict {
    return { fault: fault?.kind, at: fault?.at ?? -1, deepest: this.#deepest, badUtf8: this.#badUtf8, fields }
  }

  message(schema: DescMessage, start: number, end: number, depth: number): Node[] {
    const known = fieldsOf(schema)
    const nodes: Node[] = []
    this.#deepest = Math.max(this.#deepest, depth)
    let at = start
    while (at < end) {
      const tag = this.#tag(at, end)
      const inner = this.#at
      const field = known.get(Math.floor(tag / 8))
      const node =
        field === undefined ? this.#unknown(tag, at, inner, end, depth) : this.#field(field, tag, at, inner, end, depth)
      nodes.push(node)
      at = node.end
    }
    return nodes
  }

  #field(field: DescField, tag: number, start: number, at: number, end: number, depth: number): Node {
    const number = field.number
    const type = tag % 8
    const message = field.message
    if (message !== undefined) {
      if (type !== 2) throw new Fault('wrong wire type', start)
      const stop = this.#length(at, end)
      const inner = this.#at
      return { number, start, inner, end: stop, children: this.message(message, inner, stop, depth + 1) }
    }
    const scalar =
      field.fieldKind === 'scalar' || (field.fieldKind === 'list' && field.listKind === 'scalar')
        ? field.scalar
        : ScalarType.INT32
    if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) {
      if (type !== 2) throw new Fault('wrong wire type', start)
      const stop = this.#length(at, end)
      const inner = this.#at
      if (scalar === ScalarType.STRING) this.#text(inner, stop)
      return { number, start, inner, end: stop, children: [] }
    }
    const one = scalar === ScalarType.DOUBLE || scalar === ScalarType.FIXED64 ? 1 : 0
    if (type === one) return { number, start, inner: at, end: this.#scalar(one, at, end), children: [] }
    if (type !== 2 || field.fieldKind !== 'list') throw new Fault('wrong wire type', start)
    const stop = this.#length(at, end)
    const inner = this.#at
    for (let p = inner; p < stop; ) p = this.#scalar(one, p, stop)
    return { number, start, inner, end: stop, children: [] }
  }

  #scalar(type: number, at: number, end: number): number {
    if (type === 1) return this.#fixed(8, at, end)
    this.#varint(at, end, 'varint over 10 bytes')
    return this.#at
  }

  #unknown(tag: number, start: number, at: number, end: number, depth: number): Node {
    const stop = this.#skip(tag, start, at, end, depth)
    return { number: Math.floor(tag / 8), start, inner: at, end: stop, children: [] }
  }

  #skip(tag: number, start: number, at: number, end: number, depth: number): number {
    switch (tag % 8) {
      case 0:
        this.#varint(at, end, 'unknown varint over 10 bytes')
        return this.#at
      case 1:
        return this.#fixed(8, at, end)
      case 2:
        return this.#length(at, end)
      case 3:
        return this.#group(Math.floor(tag / 8), at, end, depth + 1, 1)
      case 4:
        throw new Fault('stray end of group', start)
      default:
        return this.#fixed(4, at, end)
    }
  }

  #group(number: number, start: number, end: number, depth: number, nested: number): number {
    if (nested > 100) throw new Fault('groups over 100 deep', start)
    this.#deepest = Math.max(this.#deepest, depth)
    let at = start
    while (at < end) {
      const tag = this.#tag(at, end)
      const inner = this.#at
      if (tag % 8 === 4) {
        if (Math.floor(tag / 8) !== number) throw new Fault('wrong end of group', at)
        return inner
      }
      at =
        tag % 8 === 3
          ? this.#group(Math.floor(tag / 8), inner, end, depth + 1, nested + 1)
          : this.#skip(tag, at, inner, end, depth)
    }
    throw this.#cut(start, end)
  }

  /** What was needed is not there: the body ends, or only the message that surrounds it. */
  #cut(at: number, end: number): Fault {
    return new Fault(end < this.#bytes.length ? 'overrun' : 'truncated', at)
  }

  #fixed(size: number, at: number, end: number): number {
    if (at + size > end) throw this.#cut(at, end)
    return at + size
  }

  /** Exact below 2^53; above that, still above. */
  #varint(at: number, end: number, tooLong: FaultKind): number {
    let value = 0
    for (let k = 0; k < 10; k++) {
      if (at + k >= end) throw this.#cut(at, end)
      const byte = this.#bytes[at + k]!
      value += (byte & 0x7f) * 128 ** k
      if (byte < 0x80) {
        if (k === 9 && byte > 1) throw new Fault('varint over 64 bits', at)
        this.#at = at + k + 1
        return value
      }
    }
    throw new Fault(tooLong, at)
  }

  #tag(at: number, end: number): number {
    let size = 0
    while (size < 5 && at + size < end && this.#bytes[at + size]! >= 0x80) size++
    if (at + size >= end) throw this.#cut(at, end)
    if (size === 5 || (size === 4 && this.#bytes[at + 4]! > 0x0f)) throw new Fault('tag over 32 bits', at)
    const tag = this.#varint(at, end, 'tag over 32 bits')
    if (tag < 8) throw new Fault('field number 0', at)
    if (tag % 8 > 5) throw new Fault('wire type 6 or 7', at)
    return tag
  }

  #length(at: number, end: number): number {
    const length = this.#varint(at, end, 'varint over 10 bytes')
    if (length > 0xffff_ffff) throw new Fault('length over 32 bits', at)
    return this.#fixed(length, this.#at, end)
  }

  #text(at: number, end: number): void {
    if (this.#badUtf8) return
    try {
      utf8.decode(this.#bytes.subarray(at, end))
    } catch {
      this.#badUtf8 = true
    }
  }
}
