// Reads the labels of one series, for people and for the rare path. Of a malformed series: those before the fault.

import { type Batch, METRIC_NAME, type Symbols } from '../batch.ts'
import { type Label, mostLabels } from '../codec.ts'
import { cursor, readVarint } from '../protobuf.ts'
import { LabelReader } from './label-reader.ts'

// A leading U+FEFF is part of a name or value: without it `route` would see another label than `scan` did.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const reader = new LabelReader()

/** Implements Codec.labels: in wire order, repeated names included. */
export function labels(batch: Batch, i: number): Label[] {
  const { bytes } = batch
  const symbols = batch.symbols!
  const found: Label[] = []
  const seen = new Set<number>()
  reader.open(batch, i)
  while (reader.next()) {
    const { name, value } = reader
    if (name >= symbols.count || value >= symbols.count) break
    const mark = symbols.marks[name]! & ~METRIC_NAME
    if (found.length < mostLabels || !seen.has(mark)) {
      found.push([decoder.decode(symbolOf(bytes, symbols, name)), decoder.decode(symbolOf(bytes, symbols, value))])
      seen.add(mark)
    }
  }
  return found
}

/** The bytes of a symbol. */
export function symbolOf(bytes: Uint8Array, { start, size }: Symbols, symbol: number): Uint8Array {
  return bytes.subarray(start[symbol]!, start[symbol]! + size[symbol]!)
}

/** Where the label that a `Rewriter` shows at `at` ends: name and value, each behind its length. */
export function endOfLabel(bytes: Uint8Array, at: number, end: number): number {
  const value = readVarint(bytes, at, end) + cursor.at
  return readVarint(bytes, value, end) + cursor.at
}

/** How the name of such a label compares with another: below, equal to or above 0. */
export function compareName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): number {
  const size = readVarint(bytes, start, end)
  for (let k = 0; k < size && k < name.length; k++) {
    const difference = bytes[cursor.at + k]! - name[k]!
    if (difference !== 0) return difference
  }
  return size - name.length
}
