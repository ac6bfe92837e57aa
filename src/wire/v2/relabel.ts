// Puts other labels into series. All labels of a series are shown, and taken, as texts: numbers mean something in one
// body alone. The new body has a table of its own: what its series use, each text once.

import { type Batch, flag } from '../batch.ts'
import type { Label, Rewriter } from '../codec.ts'
import { Output } from '../copy.ts'
import { contentAt, cursor, readTag, readVarint, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { Interner } from './interner.ts'
import { LabelReader } from './label-reader.ts'
import { type Numbers, type Omitted, rewriteSeries, type Source } from './rewrite.ts'
import { HISTOGRAMS, LABELS, SAMPLES, SERIES } from './shapes.ts'

/** What a reference takes at most. */
const refBytes = 5
/** A tag and two lengths. */
const frameBytes = 16

const asTheyAre: Omitted = { winner: 0, reserved: 0, exemplars: false, histograms: false }
const withoutLabels: Omitted = { ...asTheyAre, labels: true }
const reader = new LabelReader()
const shown = new Output()
const newRefs = new Output()
/** Of a malformed series. */
const content = new Output()
const encoder = new TextEncoder()

/** Implements Codec.encodeLabels: names and values by turns, each behind its length. */
export function encodeLabels(labels: readonly Label[]): Uint8Array {
  const texts = labels.flat().map((text) => encoder.encode(text))
  const bytes = new Uint8Array(texts.reduce((size, text) => size + varintSize(text.length) + text.length, 0))
  let at = 0
  for (const text of texts) {
    at = writeVarint(bytes, at, text.length)
    bytes.set(text, at)
    at += text.length
  }
  return bytes
}

/** Implements Rewriter. */
export class SeriesRewriter implements Rewriter {
  readonly start = 0
  end = 0
  readonly #batch: Batch
  readonly #source: Source
  readonly #output: Output
  readonly #numbers: Numbers
  /** Why items of the new body are malformed. */
  readonly #faults = new Map<number, string>()
  /** There as soon as something is written. */
  #interner: Interner | undefined
  #item = 0
  #count = 0
  /** Where the next series goes. Nothing is written as long as the first `#count` items, and no others, are kept. */
  #at = 0

  constructor(batch: Batch, output: Output) {
    const { bytes } = batch
    const symbols = batch.symbols!
    const { start, size, view } = symbols
    const numberOf = new Uint32Array(symbols.count)
    this.#batch = batch
    this.#output = output
    this.#source = { bytes, view, symbols }
    shown.trim()
    newRefs.trim()
    content.trim()
    this.#numbers = {
      numberOf,
      base: 0,
      add: (symbol) => {
        const at = start[symbol]!
        return (numberOf[symbol] = this.#interner!.number(bytes, view, at, at + size[symbol]!))
      },
    }
  }

  get bytes(): Uint8Array {
    return shown.bytes
  }

  get view(): DataView {
    return shown.view
  }

  locate(i: number): void {
    const { symbols } = this.#source
    this.#item = i
    this.end = 0
    reader.open(this.#batch, i)
    while (reader.next() && reader.name < symbols.count && reader.value < symbols.count) {
      this.#show(reader.name)
      this.#show(reader.value)
    }
  }

  keep(): void {
    if (this.#interner === undefined && this.#item === this.#count) {
      this.#count++
      return
    }
    this.#begin()
    this.#keep(this.#item)
  }

  relabel(labels: Uint8Array, view: DataView, start: number, end: number): number {
    const interner = this.#begin()
    // Each text has a length of a byte at least.
    newRefs.reserve((end - start) * refBytes)
    const { bytes } = newRefs
    let size = 0
    for (let p = start; p < end; ) {
      const length = readVarint(labels, p, end)
      p = cursor.at + length
      size = writeVarint(bytes, size, interner.number(labels, view, cursor.at, p))
    }
    this.#write(this.#item, withoutLabels, bytes.subarray(0, size))
    return end - start - (this.end - this.start)
  }

  finish(): Batch {
    const batch = this.#batch
    if (this.#interner === undefined && this.#count === batch.count) return batch
    const { table } = this.#begin()
    const output = this.#output
    output.grow(this.#at, table.length)
    output.bytes.copyWithin(table.length, 0, this.#at)
    output.bytes.set(table)
    let at = table.length + this.#at
    for (const { start, end } of batch.unknown) {
      output.grow(at, end - start)
      at = output.copy(batch.bytes, this.#source.view, start, end, at)
    }
    const result = batch.codec.scan(output.bytes.subarray(0, at), batch.watch, Number.MAX_SAFE_INTEGER)
    return { ...result, faults: this.#faults }
  }

  #show(symbol: number): void {
    const { bytes, view, symbols } = this.#source
    const at = symbols.start[symbol]!
    const size = symbols.size[symbol]!
    shown.grow(this.end, refBytes + size)
    const text = writeVarint(shown.bytes, this.end, size)
    this.end = shown.copy(bytes, view, at, at + size, text)
  }

  /** From now on series are written. */
  #begin(): Interner {
    if (this.#interner !== undefined) return this.#interner
    const kept = this.#count
    this.#interner = new Interner()
    this.#count = 0
    this.#output.reserve(this.#batch.bytes.length)
    for (let i = 0; i < kept; i++) this.#keep(i)
    return this.#interner
  }

  #keep(i: number): void {
    if (this.#batch.flags[i]! & flag.faulty) this.#keepFaulty(i)
    else this.#write(i, asTheyAre)
  }

  #write(i: number, omitted: Omitted, refs?: Uint8Array): void {
    const begin = this.#fieldsOf(i)
    const end = this.#batch.end[i]!
    this.#output.grow(this.#at, (end - begin) * refBytes + (refs?.length ?? 0) + frameBytes)
    this.#at = rewriteSeries(this.#source, begin, end, 0, omitted, this.#numbers, this.#output, this.#at, refs)
    this.#count++
  }

  /** A malformed series stays so: with the labels before the fault, and a reference to nothing; samples count on. */
  #keepFaulty(i: number): void {
    const { bytes, view, symbols } = this.#source
    const begin = this.#fieldsOf(i)
    const end = this.#batch.end[i]!
    content.reserve((end - begin + 1) * refBytes + frameBytes)
    let size = 0
    reader.open(this.#batch, i)
    while (reader.next() && reader.name < symbols.count && reader.value < symbols.count) {
      for (const symbol of [reader.name, reader.value])
        size = writeVarint(content.bytes, size, this.#numbers.add(symbol))
    }
    size = writeVarint(content.bytes, size, 0xffff_ffff)
    const refs = content.bytes.slice(0, size)
    content.bytes[0] = LABELS
    size = writeVarint(content.bytes, 1, refs.length)
    content.bytes.set(refs, size)
    size += refs.length
    for (let p = begin; p < end; ) {
      const at = p
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag === SAMPLES || tag === HISTOGRAMS) size = content.copy(bytes, view, at, p, size)
    }
    const output = this.#output
    output.grow(this.#at, size + frameBytes)
    output.bytes[this.#at] = SERIES
    this.#at = writeVarint(output.bytes, this.#at + 1, size)
    this.#at = output.copy(content.bytes, content.view, 0, size, this.#at)
    this.#faults.set(this.#count++, this.#batch.faults.get(i)!)
  }

  /** Where the fields of series i begin. */
  #fieldsOf(i: number): number {
    return contentAt(this.#batch.bytes, this.#batch.start[i]!, this.#batch.end[i]!)
  }
}
