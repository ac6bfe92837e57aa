// Builds one body from some series of a batch, with a symbol table of its own: what they use, each text once, "" first.
// Series are written behind the room that the table can need, since only then is it known what is in it; it goes first
// all the same, as receivers want it (Mimir reads labels while it reads series).

import { type Batch, flag, NONE, type Range } from '../batch.ts'
import type { Codec } from '../codec.ts'
import { output } from '../gather.ts'
import { cursor, readTag, skipValue } from '../protobuf.ts'
import { locate } from './locate.ts'
import { Renumbering } from './renumber.ts'
import { type Omitted, rewriteSeries, type Source, seriesBound } from './rewrite.ts'
import { SERIES } from './shapes.ts'

const numbers = new Renumbering()
const omitted: Omitted = { winner: 0, reserved: 0, exemplars: false, histograms: false }

/** Implements Codec.gather. */
export const gather: Codec['gather'] = (batch, indexes, count, removeLabel) => {
  omitted.exemplars = omitted.histograms = false
  return gatherSeries(batch, indexes, count, removeLabel, removeLabel || !batch.watch.namesReserved)
}

/** The same without exemplars or histograms, and with all labels. */
export function gatherWithout(
  batch: Batch,
  indexes: Uint32Array,
  count: number,
  { exemplars, histograms }: Pick<Omitted, 'exemplars' | 'histograms'>,
): Uint8Array {
  omitted.exemplars = exemplars
  omitted.histograms = histograms
  return gatherSeries(batch, indexes, count, false, false)
}

function gatherSeries(
  batch: Batch,
  indexes: Uint32Array,
  count: number,
  removesWinner: boolean,
  removesReserved: boolean,
): Uint8Array {
  const { bytes, start, end, which, flags, unknown } = batch
  const symbols = batch.symbols!
  const source: Source = { bytes, view: symbols.view, symbols }
  let bound = 0
  for (let k = 0; k < count; k++) bound += seriesBound(end[indexes[k]!]! - start[indexes[k]!]!, symbols.count)
  const seriesAt = begin(source, bound, unknown)
  const mark = batch.watch.reserved + 1
  let at = seriesAt
  for (let k = 0; k < count; k++) {
    const i = indexes[k]!
    omitted.winner = removesWinner && which[i] !== NONE ? which[i]! + 1 : 0
    omitted.reserved = removesReserved && (flags[i]! & flag.reserved) !== 0 ? mark : 0
    at = rewriteSeries(source, contentAt(bytes, start[i]!), end[i]!, 0, omitted, numbers, output, at)
  }
  return finish(source, seriesAt, at, unknown)
}

/** Where the fields of a series begin whose tag is at `at`. */
function contentAt(bytes: Uint8Array, at: number): number {
  let p = at
  while (bytes[p++]! >= 0x80);
  while (bytes[p++]! >= 0x80);
  return p
}

/** Makes room for the table, `bound` bytes of series and what is unknown; returns where the series begin. */
function begin({ bytes, symbols }: Source, bound: number, unknown: readonly Range[]): number {
  numbers.begin(symbols)
  const seriesAt = bytes.length + 2
  output.reserve(unknown.reduce((room, { start, end }) => room + end - start, seriesAt + bound))
  return seriesAt
}

/** Puts unknown fields behind the series and the table in front of them. */
function finish({ bytes, view }: Source, seriesAt: number, end: number, unknown: readonly Range[]): Uint8Array {
  let at = end
  for (const range of unknown) at = output.copy(bytes, view, range.start, range.end, at)
  const tableAt = seriesAt - numbers.size
  numbers.write(bytes, view, output, tableAt)
  return output.bytes.subarray(tableAt, at)
}

/** Implements Codec.join. Expects what a scan has proved. */
export const join: NonNullable<Codec['join']> = (bytes, sizes) => {
  if (sizes.length === 1) return bytes
  // The symbols of all bodies, one table's behind the other's: what follows counts from where its own begin.
  const { symbols, count, unknown } = locate(bytes, undefined, Number.POSITIVE_INFINITY)
  const source: Source = { bytes, view: symbols.view, symbols }
  omitted.winner = omitted.reserved = 0
  omitted.exemplars = omitted.histograms = false
  const seriesAt = begin(source, seriesBound(bytes.length, symbols.count) + count * seriesBound(0, 0), unknown)
  let at = seriesAt
  let p = 0
  let first = 0
  for (const size of sizes) {
    const bodyEnd = p + size
    // An empty one begins where its body ends.
    while (first < symbols.count && symbols.start[first]! <= p) first++
    while (p < bodyEnd) {
      const tag = readTag(bytes, p, bodyEnd)
      const value = cursor.at
      p = skipValue(bytes, value, bodyEnd, tag)
      if (tag === SERIES) at = rewriteSeries(source, cursor.at, p, first, omitted, numbers, output, at)
    }
  }
  return finish(source, seriesAt, at, unknown)
}
