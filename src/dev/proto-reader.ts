// Reads protobuf by hand, strictly, for the test receiver: it is the judge, so it shares no code with the scanner that
// the product routes with. Every fault is a SluiceError BODY_CORRUPT that carries the offset of the field it is in.

import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../errors.ts'

/** A field's number and wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes (3 and 4 are skipped whole). */
export interface Field {
  readonly number: number
  readonly wire: number
}

export interface Faults {
  /** Strings that are not UTF-8. */
  badUtf8: number
  /** Timestamps whose nanoseconds are not within a second. */
  badNanos: number
}

export class ProtoReader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number
  /** Values that are well formed but not right, counted for this reader and the readers made by it. */
  readonly faults: Faults

  /** Reads `bytes[start] … bytes[end - 1]`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length, faults: Faults = { badUtf8: 0, badNanos: 0 }) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#end = end
    this.faults = faults
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** Bytes of a message that were not read yet. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end)
  }

  /** Reads the message to its end. `known` reads the field and returns true, or leaves it alone and returns false. */
  fields(what: string, known: (field: Field, skipped: () => Uint8Array) => boolean): void {
    while (!this.done) {
      const start = this.#at
      const tag = this.#varint(what)
      const field = { number: Math.floor(tag / 8), wire: tag % 8 }
      if (field.number === 0 || tag > 0xffff_ffff) throw this.#corrupt(`${what}: illegal tag ${tag}`, start)
      if (!known(field, () => this.#skip(field, what, start))) this.#skip(field, what, start)
    }
  }

  /** A varint read as int64. Exact to 2^53, rounded beyond. */
  int64(field: Field, what: string): number {
    this.#expect(field, 0, what)
    return this.#varint(what, true)
  }

  /** A repeated varint: one of its values, or several packed. */
  varints(field: Field, what: string): number[] {
    if (field.wire === 0) return [this.#varint(what)]
    const packed = this.message(field, what)
    const values: number[] = []
    while (!packed.done) values.push(packed.#varint(what))
    return values
  }

  /** The 64 bits of a double. */
  bits(field: Field, what: string): bigint {
    this.#expect(field, 1, what)
    const start = this.#take(8, what)
    return this.#bytes.readBigUInt64LE(start)
  }

  /** A string. What is not UTF-8 reads as U+FFFD and is counted in `faults`. */
  string(field: Field, what: string): string {
    this.#expect(field, 2, what)
    const size = this.#varint(what)
    const start = this.#take(size, what)
    const value = this.#bytes.toString('utf8', start, start + size)
    if (value.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, start + size))) this.faults.badUtf8++
    return value
  }

  /** A reader of a nested message. */
  message(field: Field, what: string): ProtoReader {
    this.#expect(field, 2, what)
    const size = this.#varint(what)
    const start = this.#take(size, what)
    return new ProtoReader(this.#bytes, start, start + size, this.faults)
  }

  /** Steps over a field and returns it, tag included. Groups may nest 32 deep. */
  #skip(field: Field, what: string, start: number, depth = 0): Uint8Array {
    if (field.wire === 0) this.#varint(what)
    else if (field.wire === 1) this.#take(8, what)
    else if (field.wire === 2) this.#take(this.#varint(what), what)
    else if (field.wire === 5) this.#take(4, what)
    else if (field.wire === 3 && depth < 32) {
      for (;;) {
        const at = this.#at
        const tag = this.#varint(what)
        const inner = { number: Math.floor(tag / 8), wire: tag % 8 }
        if (inner.wire === 4 && inner.number === field.number) break
        this.#skip(inner, what, at, depth + 1)
      }
    } else throw this.#corrupt(`${what}: wire type ${field.wire} of field ${field.number} cannot be read`, start)
    return this.#bytes.subarray(start, this.#at)
  }

  #expect(field: Field, wire: number, what: string): void {
    if (field.wire === wire) return
    throw this.#corrupt(`${what}: field ${field.number} has wire type ${field.wire}, not ${wire}`, this.#at)
  }

  #take(size: number, what: string): number {
    const start = this.#at
    if (size > this.#end - start)
      throw this.#corrupt(`${what}: ${size} bytes promised, ${this.#end - start} left`, start)
    this.#at = start + size
    return start
  }

  #varint(what: string, signed = false): number {
    const start = this.#at
    let value = 0
    let scale = 1
    for (let n = 0; n < 7; n++) {
      const byte = this.#byte(what, start)
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    let wide = BigInt(value)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte(what, start)
      wide |= BigInt(byte & 127) << shift
      if (byte < 128) {
        if (wide >> 64n !== 0n) break
        return Number(signed ? BigInt.asIntN(64, wide) : wide)
      }
    }
    throw this.#corrupt(`${what}: a varint of more than 64 bits`, start)
  }

  #byte(what: string, start: number): number {
    if (this.#at >= this.#end) throw this.#corrupt(`${what}: the message ends inside a varint`, start)
    return this.#bytes[this.#at++] as number
  }

  #corrupt(message: string, offset: number): SluiceError {
    return new SluiceError('BODY_CORRUPT', `${message} (at byte ${offset})`, { offset })
  }
}
