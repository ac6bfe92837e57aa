// The one form in which a body moves through Sluice: its bytes plus a table of where things lie in them.
// Nothing in a batch is decoded to be moved; a batch is valid as long as its bytes are left alone.

import type { Codec, Watch } from './codec.ts'

/** Bits of `Batch.flags`, one byte an item. */
export const flag = {
  /** The winning tenant label occurs more than once in the item: removal takes every occurrence. */
  repeated: 1,
  /** The reserved label `__tenant_id__` is present: it goes, unless a setting names it and keeps labels. */
  reserved: 2,
  /** There are labels, and each is the winning tenant label or the reserved one: removing both leaves nothing. */
  bare: 4,
  /** The item is malformed by itself; `Batch.faults` says how. */
  faulty: 8,
  /** There are labels, and each is the reserved one: removing it alone leaves nothing. */
  reservedOnly: 16,
  /** Remote write 1: the item holds exemplars. */
  exemplars: 32,
  /** Remote write 1: the item holds histograms. */
  histograms: 64,
} as const

/** A part of `Batch.bytes`, tag and length included. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Adds the next range of a body to `ranges`; neighbours become one. */
export function addRange(ranges: Range[], start: number, end: number): void {
  const last = ranges.at(-1) as { end: number } | undefined
  if (last?.end === start) last.end = end
  else ranges.push({ start, end })
}

/** The strings of a remote write 2 body. Symbol `s` is `bytes[start[s]] … bytes[start[s] + size[s] - 1]`. */
export interface Symbols {
  readonly count: number
  readonly start: Uint32Array
  readonly size: Uint32Array
  /** The body, as a view. */
  readonly view: DataView
  /** What each symbol is as the name of a label: 0, or a watched name's index in `Watch.bytes` plus 1; see `METRIC_NAME`. */
  readonly marks: Uint16Array
  /** The first symbol with the same bytes; 0 for every empty one. Made when it is first asked for. */
  readonly canonical: Uint32Array
}

/** Bit of `Symbols.marks`: the symbol is `__name__`. */
export const METRIC_NAME = 0x8000

/** `which[i]` of an item that carries none of the tenant labels with a non-empty value. */
export const NONE = -1

/**
 * An uncompressed request body and where its items (series, or log streams) lie.
 * Item `i`, tag and length included, is `bytes[start[i]] … bytes[end[i] - 1]`; items are in the order of the body.
 */
export interface Batch {
  readonly codec: Codec
  /** The label names that were looked for. */
  readonly watch: Watch
  readonly bytes: Uint8Array
  /** Number of items. */
  readonly count: number
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** Index into the watched names of the tenant label that won (first in preference with a value), or NONE. */
  readonly which: Int16Array
  /** The winner's value is `values[valueStart[i]] … values[valueEnd[i] - 1]`. */
  readonly values: Uint8Array
  readonly valueStart: Uint32Array
  readonly valueEnd: Uint32Array
  /** For removal without a second look: the winner’s own field inside the item (v1), or the whole label text (Loki); unused in v2. */
  readonly labelStart: Uint32Array
  readonly labelEnd: Uint32Array
  /** Value of `__name__` as a range of `bytes`; empty where there is none (always for logs). */
  readonly nameStart: Uint32Array
  readonly nameEnd: Uint32Array
  /** What a rate limit counts: samples + histograms of a series, entries of a stream. */
  readonly samples: Uint32Array
  /** Bits of `flag`. */
  readonly flags: Uint8Array
  /** Remote write 2 only: how many of an item’s `samples` are histograms, and its exemplars. */
  readonly histograms?: Uint32Array
  readonly exemplars?: Uint32Array
  /** Remote write 2 only. */
  readonly symbols?: Symbols
  /** Metadata fields of the request (remote write 1). */
  readonly metadata: readonly Range[]
  /** Unknown top-level fields, neighbours as one range: copied, byte for byte, into every part that carries items. */
  readonly unknown: readonly Range[]
  /** Item → why it is malformed. Only items with `flag.faulty`. */
  readonly faults: ReadonlyMap<number, string>
  /**
   * The same items, from most of which the reserved label is gone already. What goes on without that label had better be
   * read here: `bytes` of the batch itself, and all that lies in them, are then only made when they are asked for.
   */
  readonly lean?: Batch
}
