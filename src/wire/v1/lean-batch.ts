// A relabelled body of which the reserved labels that rules have set were kept apart: they say whose a series is, and
// mostly go again before anything is sent. Who wants the body with them gets it, made when it is first asked for; both
// are the same batch to whoever looks at tenants alone.

import { type Batch, flag, NONE, type Range } from '../batch.ts'
import { LABEL_MARKS, RESERVED_LABEL, type Watch } from '../codec.ts'
import { type Output, viewOf } from '../copy.ts'
import { cursor, fieldSize, readLength, writeVarint } from '../protobuf.ts'
import { Rewritten } from '../rewritten.ts'
import { bytesPerRow } from '../table-room.ts'
import { FLAGS, LABEL_END, LABEL_START, NAME_END, NAME_START, VALUE_END, VALUE_START, WHICH } from './marks.ts'
import { Rows } from './rows.ts'
import { LABEL, SERIES } from './shapes.ts'

const valueTag = 0x12

/** Three columns of four bytes, one of two, one of one. */
export const bytesPerApart = 15

/** The labels that were kept apart, collected while a body is written. */
export class KeptApart {
  /** Their values. */
  bytes: Uint8Array = new Uint8Array(256)
  /** Where in the body the label of item k belongs; 0 where none was kept apart. */
  readonly placeOf: Uint32Array
  /** Item k's value is `bytes[valueStart[k] … valueEnd[k])`. */
  readonly valueStart: Uint32Array
  readonly valueEnd: Uint32Array
  /** For the batch's own columns. */
  readonly which: Int16Array
  readonly flags: Uint8Array
  /** Where the body is written that has them in their places. */
  readonly room: Output
  /** The batch of it, as soon as somebody asked for it. */
  whole: Batch | undefined
  #used = 0
  #lastStart = 0

  /** `memory` is zero for `bytesPerApart` bytes an item from `at` on, a multiple of 4. */
  constructor(count: number, memory: ArrayBuffer, at: number, room: Output) {
    this.room = room
    const words = (n: number): Uint32Array => new Uint32Array(memory, at + n * count * 4, count)
    this.placeOf = words(0)
    this.valueStart = words(1)
    this.valueEnd = words(2)
    this.which = new Int16Array(memory, at + count * 12, count)
    this.flags = new Uint8Array(memory, at + count * 14, count)
  }

  /** Item k's label, with the value `from[start … end)`, belongs at `place`. */
  add(k: number, place: number, from: Uint8Array, start: number, end: number): void {
    this.placeOf[k] = place
    // Neighbours mostly have the same.
    if (this.#isLast(from, start, end)) {
      this.valueStart[k] = this.#lastStart
      this.valueEnd[k] = this.#used
    } else {
      this.addValue(k, from, start, end)
    }
  }

  addValue(k: number, from: Uint8Array, start: number, end: number): void {
    const at = this.#used
    const used = at + end - start
    if (used > this.bytes.length) {
      const wide = new Uint8Array(2 ** Math.ceil(Math.log2(used)))
      wide.set(this.bytes.subarray(0, at))
      this.bytes = wide
    }
    this.bytes.set(from.subarray(start, end), at)
    this.valueStart[k] = this.#lastStart = at
    this.valueEnd[k] = this.#used = used
  }

  #isLast(from: Uint8Array, start: number, end: number): boolean {
    const { bytes } = this
    const last = this.#lastStart
    if (this.#used - last !== end - start) return false
    for (let p = start, q = last; p < end; p++, q++) if (bytes[q] !== from[p]) return false
    return true
  }
}

/** What the batch says of tenants: columns of its own. */
type Tenants = Pick<Batch, 'which' | 'flags' | 'values' | 'valueStart' | 'valueEnd'>

export class LeanBatch implements Batch {
  readonly lean: Batch
  readonly watch: Watch
  readonly which: Int16Array
  readonly flags: Uint8Array
  readonly values: Uint8Array
  readonly valueStart: Uint32Array
  readonly valueEnd: Uint32Array
  readonly codec: Batch['codec']
  readonly count: number
  readonly samples: Uint32Array
  readonly faults: Batch['faults']
  readonly #apart: KeptApart
  #whole: Batch | undefined

  /** `lean`: the body without the labels in `apart`; `watch` is of the names that it was scanned for. */
  constructor(lean: Batch, apart: KeptApart, watch: Watch, tenants: Tenants = tenantsOf(lean, apart)) {
    this.lean = lean.watch === watch ? lean : { ...lean, watch }
    this.watch = watch
    this.#apart = apart
    this.which = tenants.which
    this.flags = tenants.flags
    this.values = tenants.values
    this.valueStart = tenants.valueStart
    this.valueEnd = tenants.valueEnd
    this.codec = lean.codec
    this.count = lean.count
    this.samples = lean.samples
    this.faults = lean.faults
  }

  get bytes(): Uint8Array {
    return this.whole.bytes
  }

  get start(): Uint32Array {
    return this.whole.start
  }

  get end(): Uint32Array {
    return this.whole.end
  }

  get labelStart(): Uint32Array {
    return this.whole.labelStart
  }

  get labelEnd(): Uint32Array {
    return this.whole.labelEnd
  }

  get nameStart(): Uint32Array {
    return this.whole.nameStart
  }

  get nameEnd(): Uint32Array {
    return this.whole.nameEnd
  }

  get metadata(): readonly Range[] {
    return this.lean.metadata.length === 0 ? this.lean.metadata : this.whole.metadata
  }

  get unknown(): readonly Range[] {
    return this.lean.unknown.length === 0 ? this.lean.unknown : this.whole.unknown
  }

  /** The same, as if it had been scanned for other `names` that find the same. */
  watchedBy(watch: Watch): LeanBatch {
    return new LeanBatch(this.lean, this.#apart, watch, this)
  }

  /** The same with no label kept apart. */
  get whole(): Batch {
    return (this.#whole ??= { ...(this.#apart.whole ??= wholeOf(this.lean, this.#apart)), watch: this.watch })
  }
}

function tenantsOf(lean: Batch, apart: KeptApart): Tenants {
  const { count } = lean
  const { placeOf, valueStart, valueEnd } = apart
  const { reserved } = lean.watch
  const which = apart.which.subarray(0, count)
  const flags = apart.flags.subarray(0, count)
  which.set(lean.which)
  flags.set(lean.flags)
  for (let k = 0; k < count; k++) {
    if (placeOf[k] !== 0) {
      which[k] = reserved
      flags[k]! |= flag.reserved
    } else if (which[k] !== NONE) {
      apart.addValue(k, lean.bytes, lean.valueStart[k]!, lean.valueEnd[k]!)
    }
  }
  return {
    which,
    flags,
    values: apart.bytes,
    valueStart: valueStart.subarray(0, count),
    valueEnd: valueEnd.subarray(0, count),
  }
}

/** The batch with the labels that were kept apart. Its table is the other's, moved: it is not scanned. */
function wholeOf(lean: Batch, apart: KeptApart): Batch {
  const { codec, watch, count, bytes, start, end, nameStart, nameEnd, faults } = lean
  const out = apart.room
  const rows = new Rows(lean, out.beside(count * bytesPerRow))
  const to = new Rewritten(lean, out, (first, last, shift) => rows.keep(first, last, shift))
  const values = viewOf(apart.bytes)
  for (let k = 0; k < count; k++) {
    const place = apart.placeOf[k]!
    if (place === 0) {
      to.keep(k)
      continue
    }
    const valueSize = apart.valueEnd[k]! - apart.valueStart[k]!
    const labelSize = nameField.length + fieldSize(valueSize)
    const fieldsEnd = readLength(bytes, start[k]! + 1, end[k]!)
    const fieldsAt = cursor.at
    const size = fieldsEnd - fieldsAt + fieldSize(labelSize)
    to.begin(fieldSize(size))
    const itemAt = to.at
    out.bytes[itemAt] = SERIES
    to.at = writeVarint(out.bytes, itemAt + 1, size)
    const shift = to.at - fieldsAt
    to.copy(fieldsAt, place)
    const labelAt = to.at
    out.bytes[labelAt] = LABEL
    let p = writeVarint(out.bytes, labelAt + 1, labelSize)
    for (let n = 0; n < nameField.length; n++) out.bytes[p++] = nameField[n]!
    out.bytes[p] = valueTag
    const valueAt = writeVarint(out.bytes, p + 1, valueSize)
    to.at = out.copy(apart.bytes, values, apart.valueStart[k]!, apart.valueEnd[k]!, valueAt)
    const labelEnd = to.at
    to.copy(place, fieldsEnd)
    const nameShift = nameEnd[k] === 0 ? 0 : nameStart[k]! > place ? labelEnd - place : shift
    marks[WHICH] = watch.reserved
    marks[VALUE_START] = valueAt
    marks[VALUE_END] = marks[LABEL_END] = labelEnd
    marks[LABEL_START] = labelAt
    marks[NAME_START] = nameStart[k]! + nameShift
    marks[NAME_END] = nameEnd[k]! + nameShift
    marks[FLAGS] = flag.reserved
    rows.relabel(k, itemAt, to.at, 0, marks, 0)
  }
  const body = to.finish()!
  return { codec, watch, count, values: body.bytes, ...rows.finish(), ...body, faults }
}

const nameField = Buffer.concat([Uint8Array.of(0x0a, RESERVED_LABEL.length), Buffer.from(RESERVED_LABEL)])
/** Of the series at hand, from the beginning of the body. */
const marks = new Int32Array(LABEL_MARKS)
