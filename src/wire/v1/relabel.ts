// Puts other labels into series: samples, exemplars, histograms and unknown fields go over byte for byte, in order.
// The labels of a series mostly lie side by side; where they don't, they are gathered first.

import type { Batch } from '../batch.ts'
import { LABEL_MARKS, type Label, type Rewriter } from '../codec.ts'
import { type Output, viewOf } from '../copy.ts'
import { contentAt, cursor, fieldSize, readTag, skipValue, writeVarint } from '../protobuf.ts'
import { Rewritten } from '../rewritten.ts'
import { bytesPerRow } from '../table-room.ts'
import { bytesPerApart, KeptApart, LeanBatch } from './lean-batch.ts'
import { APART, BACK, FLAGS, FRONT, LABEL_END, LABEL_START, markLabels, VALUE_START } from './marks.ts'
import { Rows } from './rows.ts'
import { LABEL, SAMPLE, SERIES } from './shapes.ts'

const nameTag = 0x0a
const valueTag = 0x12
const noMemory = new ArrayBuffer(0)
/** Of labels that came without. */
const ownMarks = new Int32Array(LABEL_MARKS)

/** Implements Codec.encodeLabels: the label fields of a series, one behind the other. */
export function encodeLabels(labels: readonly Label[]): Uint8Array {
  let total = 0
  for (const [name, value] of labels) total += fieldSize(fieldSize(utf8Length(name)) + fieldSize(utf8Length(value)))
  const bytes = Buffer.allocUnsafeSlow(total)
  let at = 0
  for (const [name, value] of labels) {
    const nameSize = utf8Length(name)
    const valueSize = utf8Length(value)
    bytes[at] = LABEL
    at = writeVarint(bytes, at + 1, fieldSize(nameSize) + fieldSize(valueSize))
    at = writeText(bytes, at, nameTag, name, nameSize)
    at = writeText(bytes, at, valueTag, value, valueSize)
  }
  return bytes
}

function utf8Length(text: string): number {
  for (let k = 0; k < text.length; k++) if (text.charCodeAt(k) > 0x7f) return Buffer.byteLength(text)
  return text.length
}

/** Writes a field; only ASCII is as long in UTF-8 as it is in characters. */
function writeText(bytes: Buffer, start: number, tag: number, text: string, size: number): number {
  bytes[start] = tag
  const at = writeVarint(bytes, start + 1, size)
  if (size === text.length) for (let k = 0; k < size; k++) bytes[at + k] = text.charCodeAt(k)
  else bytes.write(text, at)
  return at + size
}

/** Implements Rewriter. What it writes is not scanned again: its rows are those of the other batch, moved, and labels' marks. */
export class SeriesRewriter implements Rewriter {
  bytes: Uint8Array
  view: DataView
  start = 0
  end = 0
  readonly #given: Batch
  readonly #batch: Batch
  readonly #view: DataView
  readonly #to: Rewritten
  /** There as soon as something is written. */
  #rows: Rows | undefined
  /** There as soon as a label is kept apart. */
  #apart: KeptApart | undefined
  /** Memory of both tables, and where the second one begins. */
  #beside = noMemory
  #apartAt = 0
  #item = 0
  /** The series' fields, and where its labels begin and end among them; those between may be others. */
  #fieldsAt = 0
  #fieldsEnd = 0
  #labelsAt = 0
  #labelsEnd = 0
  /** Only labels lie between the first and the last of them. */
  #isPlain = true

  constructor(given: Batch, output: Output) {
    const batch = given instanceof LeanBatch ? given.whole : given
    this.#given = given
    this.#batch = batch
    this.#to = new Rewritten(batch, output, (first, end, shift) => this.#openRows().keep(first, end, shift))
    this.bytes = batch.bytes
    this.view = this.#view = this.#to.view
  }

  locate(i: number): void {
    const { bytes } = this.#batch
    const end = this.#batch.end[i]!
    this.#item = i
    const fieldsAt = this.#fieldsOf(i)
    let p = fieldsAt
    // The usual series: labels under 128 bytes first, then what is none.
    while (p < end && bytes[p] === LABEL && bytes[p + 1]! < 0x80) p += 2 + bytes[p + 1]!
    let first = fieldsAt
    let last = p
    this.#isPlain = true
    while (p < end) {
      const at = p
      // The usual field behind them is a sample.
      if (bytes[p] === SAMPLE && bytes[p + 1]! < 0x80) {
        p += 2 + bytes[p + 1]!
        continue
      }
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag !== LABEL) continue
      if (last === first) first = at
      else if (at !== last) this.#isPlain = false
      last = p
    }
    this.#fieldsAt = fieldsAt
    this.#fieldsEnd = end
    this.#labelsAt = first
    this.#labelsEnd = last
    if (this.#isPlain) {
      this.bytes = bytes
      this.view = this.#view
      this.start = first
      this.end = last
    } else {
      this.#gather()
    }
  }

  keep(): void {
    this.#to.keep(this.#item)
  }

  relabel(labels: Uint8Array, view: DataView, start: number, end: number, marks?: Int32Array, marksAt = 0): number {
    if (marks === undefined) {
      markLabels(labels, start, end, this.#batch.watch, ownMarks)
      return this.relabel(labels, view, start, end, ownMarks)
    }
    const to = this.#to
    const rows = this.#openRows()
    const front = marks[marksAt + FRONT]!
    const back = marks[marksAt + BACK]!
    const isApart = (marks[marksAt + FLAGS]! & APART) !== 0
    const ownEnd = isApart ? start + marks[marksAt + VALUE_START]! : end
    const grown = front + (ownEnd - start) + back - (this.end - this.start)
    const size = this.#fieldsEnd - this.#fieldsAt + grown
    to.begin(fieldSize(size))
    const itemAt = to.at
    to.output.bytes[itemAt] = SERIES
    to.at = writeVarint(to.output.bytes, itemAt + 1, size)
    to.copy(this.#fieldsAt, this.#labelsAt)
    const labelsAt = to.at
    const kept = to.output.copy(this.bytes, this.view, this.start, this.start + front, labelsAt)
    to.at = to.output.copy(labels, view, start, ownEnd, kept)
    if (this.#isPlain) {
      to.copy(this.#labelsEnd - back, this.#fieldsEnd)
    } else {
      to.at = to.output.copy(this.bytes, this.view, this.end - back, this.end, to.at)
      this.#eachField((isLabel, at, next) => isLabel || to.copy(at, next))
      to.copy(this.#labelsEnd, this.#fieldsEnd)
    }
    rows.relabel(this.#item, itemAt, to.at, labelsAt, marks, marksAt)
    if (!isApart) return grown
    const place = marks[marksAt + LABEL_START]!
    this.#apart ??= new KeptApart(this.#batch.count, this.#beside, this.#apartAt, to.output.next)
    this.#apart.add(rows.count - 1, labelsAt + place, labels, ownEnd, end)
    return grown + marks[marksAt + LABEL_END]! - place
  }

  finish(): Batch {
    const body = this.#to.finish()
    if (body === undefined) return this.#given
    const { codec, watch, faults } = this.#batch
    const rows = this.#openRows()
    const batch = { codec, watch, count: rows.count, values: body.bytes, ...rows.finish(), ...body, faults }
    return this.#apart === undefined ? batch : new LeanBatch(batch, this.#apart, watch)
  }

  #openRows(): Rows {
    if (this.#rows === undefined) {
      const rowsSize = Math.ceil((this.#batch.count * bytesPerRow) / 4) * 4
      this.#beside = this.#to.output.beside(rowsSize + this.#batch.count * bytesPerApart)
      this.#rows = new Rows(this.#batch, this.#beside)
      this.#apartAt = rowsSize
    }
    return this.#rows
  }

  /** Where the fields of series i begin. */
  #fieldsOf(i: number): number {
    const { bytes, start, end } = this.#batch
    let p = start[i]!
    if (bytes[p] === SERIES) {
      while (bytes[++p]! >= 0x80);
      return p + 1
    }
    return contentAt(bytes, p, end[i]!)
  }

  /** Puts labels that lie apart side by side. */
  #gather(): void {
    const bytes = new Uint8Array(this.#labelsEnd - this.#labelsAt)
    let size = 0
    this.#eachField((isLabel, at, next) => {
      if (!isLabel) return
      bytes.set(this.#batch.bytes.subarray(at, next), size)
      size += next - at
    })
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.start = 0
    this.end = size
  }

  /** Goes through the fields between the first and the last label. */
  #eachField(use: (isLabel: boolean, at: number, next: number) => void): void {
    const { bytes } = this.#batch
    for (let p = this.#labelsAt; p < this.#labelsEnd; ) {
      const at = p
      const tag = readTag(bytes, p, this.#labelsEnd)
      p = skipValue(bytes, cursor.at, this.#labelsEnd, tag)
      use(tag === LABEL, at, p)
    }
  }
}
