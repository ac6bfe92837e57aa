// Writes a series with the numbers that its symbols have in another body. Only references change: samples, histograms,
// everything else in exemplars and metadata, and unknown fields stay byte for byte and in their order.

import { METRIC_NAME, type Symbols } from '../batch.ts'
import { type Output, viewOf } from '../copy.ts'
import { cursor, LENGTH, readTag, readVarint, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { inOnePiece } from './pieces.ts'
import { EXEMPLARS, HELP, HISTOGRAMS, LABELS, METADATA, ONE_LABEL, SERIES, TYPE, UNIT } from './shapes.ts'

/** Where series come from. */
export interface Source {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly symbols: Symbols
}

/** Gives symbols their numbers in the other body. */
export interface Numbers {
  /** By symbol: its new number plus `base`; anything up to `base` if it has none yet. */
  readonly numberOf: Uint32Array
  readonly base: number
  /** The number of a symbol for which `numberOf` has none. */
  add(symbol: number): number
}

/** Labels that go: whose name has this mark (see `Symbols.marks`) or that one; 0: none. */
interface Labels {
  winner: number
  reserved: number
}

/** What of a series does not go with it. */
export interface Omitted extends Labels {
  /** All of its labels. */
  labels?: boolean
  exemplars: boolean
  histograms: boolean
}

const all: Labels = { winner: 0, reserved: 0 }

/** Bytes that a series of `size` bytes can't exceed once it is written with references to up to `symbols` symbols. */
export function seriesBound(size: number, symbols: number): number {
  return size * Math.max(2, varintSize(symbols)) + 16
}

/**
 * Writes the series whose fields are `bytes[start … end)`, tag and length included, to `out` at `at`; returns where it
 * ended. `first`: the number of its body's first symbol among the source's. `refs`: packed references that the labels
 * begin with.
 */
export function rewriteSeries(
  source: Source,
  start: number,
  end: number,
  first: number,
  omitted: Omitted,
  numbers: Numbers,
  out: Output,
  at: number,
  refs: Uint8Array = noRefs,
): number {
  out.bytes[at] = SERIES
  const guess = at + 1 + varintSize(end - start)
  let q = guess
  if (refs.length > 0) {
    out.bytes[q] = LABELS
    q = writeVarint(out.bytes, q + 1, refs.length)
    out.bytes.set(refs, q)
    q += refs.length
  }
  const stop = rewriteFields(source, start, end, first, omitted, numbers, out, q)
  return closeMessage(out, at + 1, guess, stop)
}

const noRefs = new Uint8Array(0)

/** Writes the length of what was written at `content … end` to `at`, moving it if it needs another size; returns the end. */
function closeMessage(out: Output, at: number, content: number, end: number): number {
  const size = end - content
  if (size < 0x80 && content - at === 1) {
    out.bytes[at] = size
    return end
  }
  const wanted = at + varintSize(size)
  if (wanted !== content) out.bytes.copyWithin(wanted, content, end)
  writeVarint(out.bytes, at, size)
  return wanted + size
}

function rewriteFields(
  source: Source,
  start: number,
  end: number,
  first: number,
  omitted: Omitted,
  numbers: Numbers,
  out: Output,
  at: number,
): number {
  const { bytes, view } = source
  let q = at
  let runStart = start
  let hasLabels = false
  for (let p = start; p < end; ) {
    const fieldAt = p
    let tag = bytes[p]!
    let inner = p + 2
    const low = bytes[p + 1]!
    p = inner + low
    if (!(tag < 0x80 && low < 0x80 && p <= end && tag % 8 === LENGTH)) {
      tag = readTag(bytes, fieldAt, end)
      inner = cursor.at
      p = skipValue(bytes, inner, end, tag)
      if (tag % 8 === LENGTH) inner = cursor.at
    }
    if (tag === LABELS || tag === ONE_LABEL) {
      q = out.copy(bytes, view, runStart, fieldAt, q)
      if (omitted.labels) {
        runStart = p
        continue
      }
      q = hasLabels || tag === ONE_LABEL ? ODD : writeRefs(source, inner, p, first, omitted, numbers, out, q)
      if (q === ODD) {
        const content = inOnePiece(bytes, start, end)
        const whole = { bytes: content, view: viewOf(content), symbols: source.symbols }
        return rewriteFields(whole, 0, content.length, first, omitted, numbers, out, at)
      }
      hasLabels = true
      runStart = p
    } else if (tag === METADATA) {
      q = out.copy(bytes, view, runStart, fieldAt, q)
      q = writeMetadata(bytes, inner, p, first, numbers, out, q)
      runStart = p
    } else if (tag === EXEMPLARS || (tag === HISTOGRAMS && omitted.histograms)) {
      q = out.copy(bytes, view, runStart, fieldAt, q)
      if (tag === EXEMPLARS && !omitted.exemplars) q = writeExemplar(source, inner, p, first, numbers, out, q)
      runStart = p
    }
  }
  return out.copy(bytes, view, runStart, end, q)
}

/** In place of a position: references that are not in one piece of an even number. */
const ODD = -1

/** Writes packed label references as a field; nothing if none is left, ODD if one has no value. */
function writeRefs(
  { bytes, symbols }: Source,
  start: number,
  end: number,
  first: number,
  { winner, reserved }: Labels,
  numbers: Numbers,
  out: Output,
  at: number,
): number {
  const to = out.bytes
  const { numberOf, base } = numbers
  const { marks } = symbols
  const removes = winner + reserved !== 0
  const content = at + 1 + varintSize(end - start)
  let q = content
  for (let p = start; p < end; ) {
    let name = bytes[p++]!
    if (name >= 0x80) {
      name = readVarint(bytes, p - 1, end)
      p = cursor.at
    }
    if (p === end) return ODD
    let value = bytes[p++]!
    if (value >= 0x80) {
      value = readVarint(bytes, p - 1, end)
      p = cursor.at
    }
    if (removes) {
      const mark = marks[name]! & ~METRIC_NAME
      if (mark !== 0 && (mark === winner || mark === reserved)) continue
    }
    let number = numberOf[first + name]! - base
    if (number <= 0) number = numbers.add(first + name)
    if (number < 0x80) to[q++] = number
    else q = writeVarint(to, q, number)
    number = numberOf[first + value]! - base
    if (number <= 0) number = numbers.add(first + value)
    if (number < 0x80) to[q++] = number
    else q = writeVarint(to, q, number)
  }
  if (q === content) return at
  to[at] = LABELS
  return closeMessage(out, at + 1, content, q)
}

/** Writes an exemplar, tag and length included. */
function writeExemplar(
  source: Source,
  start: number,
  end: number,
  first: number,
  numbers: Numbers,
  out: Output,
  at: number,
): number {
  out.bytes[at] = EXEMPLARS
  const content = at + 1 + varintSize(end - start)
  return closeMessage(out, at + 1, content, writeExemplarFields(source, start, end, first, numbers, out, content))
}

function writeExemplarFields(
  source: Source,
  start: number,
  end: number,
  first: number,
  numbers: Numbers,
  out: Output,
  at: number,
): number {
  const { bytes, view } = source
  let q = at
  let runStart = start
  let hasLabels = false
  for (let p = start; p < end; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag !== LABELS && tag !== ONE_LABEL) continue
    q = out.copy(bytes, view, runStart, fieldAt, q)
    q = hasLabels || tag === ONE_LABEL ? ODD : writeRefs(source, cursor.at, p, first, all, numbers, out, q)
    if (q === ODD) {
      const content = inOnePiece(bytes, start, end)
      const whole = { bytes: content, view: viewOf(content), symbols: source.symbols }
      return writeExemplarFields(whole, 0, content.length, first, numbers, out, at)
    }
    hasLabels = true
    runStart = p
  }
  return out.copy(bytes, view, runStart, end, q)
}

/** Writes a series' metadata, tag and length included. */
function writeMetadata(
  bytes: Uint8Array,
  start: number,
  end: number,
  first: number,
  numbers: Numbers,
  out: Output,
  at: number,
): number {
  const to = out.bytes
  const content = at + 1 + varintSize(end - start)
  to[at] = METADATA
  let q = content
  for (let p = start; p < end; ) {
    const fieldAt = p
    if (bytes[p] === TYPE && bytes[p + 1]! < 0x80) {
      to[q++] = TYPE
      to[q++] = bytes[p + 1]!
      p += 2
      continue
    }
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === HELP || tag === UNIT) {
      const symbol = first + readVarint(bytes, value, end)
      const number = numbers.numberOf[symbol]! - numbers.base
      to[q++] = tag
      q = writeVarint(to, q, number > 0 ? number : numbers.add(symbol))
    } else {
      for (let k = fieldAt; k < p; k++) to[q++] = bytes[k]!
    }
  }
  return closeMessage(out, at + 1, content, q)
}
