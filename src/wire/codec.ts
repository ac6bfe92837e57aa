// What a protocol has to offer to be split: find its items, read and rewrite one, gather some into a new body.
// Sibling folders (v1, v2, loki) implement it with equal file names.

import type { Batch } from './batch.ts'
import type { Output } from './copy.ts'
import type { SampleTimes } from './sample-times.ts'

/** A label as bytes decoded to text. Invalid UTF-8 shows as U+FFFD; only for people, never for routing. */
export type Label = readonly [name: string, value: string]

/** The label that travels between components and never leaves unless a setting names it and keeps labels. */
export const RESERVED_LABEL = '__tenant_id__'

/** What one item takes in a batch's table. */
export const BYTES_PER_ITEM = 48

/** What a range outside the table (metadata, unknown fields) takes, in items. */
export const ITEMS_PER_RANGE = 8

/** So many symbols of remote write 2 take what an item takes. */
export const SYMBOLS_PER_ITEM = 2

/** Labels that `Codec.labels` lists without looking whether they say anything new. */
export const mostLabels = 1000

/** How many numbers `Codec.keepLabels` writes. */
export const LABEL_MARKS = 10

/** Label names to look for while scanning, in order of preference, prepared once per settings generation. */
export interface Watch {
  readonly names: readonly string[]
  /** RESERVED_LABEL is among `names`, and stays where labels are kept. */
  readonly namesReserved: boolean
  /** Index of RESERVED_LABEL in `bytes`. */
  readonly reserved: number
  /** UTF-8 of `names`, then of RESERVED_LABEL if it is not among them. */
  readonly bytes: readonly Uint8Array[]
  /** `lengths[n]` is 1 if some watched name, or `__name__`, is n bytes long; names of other lengths need no look. */
  readonly lengths: Uint8Array
}

/** What of the items a tenant is not sent. */
export interface Withheld {
  readonly exemplars: boolean
  readonly histograms: boolean
}

/** Some items of another batch, in memory of their own. */
export interface Thinned {
  readonly batch: Batch
  /** Items that are not in it: nothing but labels was left of them without their histograms, or their exemplars alone. */
  readonly emptied: { readonly exemplars: number; readonly histograms: number }
}

/**
 * Builds a batch of some items of another, in order, some of them with other labels. `locate` comes first for each
 * item, in increasing order; then `keep`, `relabel`, or neither where the item shall not be in it.
 * Nothing is decoded, and nothing allocated for an item.
 */
export interface Rewriter {
  /**
   * After `locate(i)`: all labels of item i in one piece, `bytes[start … end)`, until the next call of anything here.
   * Items of one protocol with equal bytes have equal labels. `view` is over `bytes`.
   */
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
  locate(i: number): void
  /** The located item as it is. */
  keep(): void
  /**
   * The located item with labels made by `encodeLabels`, which lie in `labels[start … end)` and are copied at once.
   * Where `marks` is given, they are what `Codec.keepLabels` made for an item with these labels and for the batch's
   * watched names, and its numbers stand there at `marksAt`. Returns by how many bytes the item's labels grew.
   */
  relabel(labels: Uint8Array, view: DataView, start: number, end: number, marks?: Int32Array, marksAt?: number): number
  /**
   * The new batch, with the metadata and unknown fields of the other and the same watched names; the other batch itself
   * if every item was kept. Its bytes are valid until the rewriter's output is used again.
   */
  finish(): Batch
}

export interface Codec {
  readonly protocol: 'remote-write-1' | 'remote-write-2' | 'loki'
  readonly signal: 'metrics' | 'logs'
  /** What one item is called in texts for people. */
  readonly item: 'series' | 'stream'
  /** Content-Type of what `gather` makes. */
  readonly contentType: string
  /**
   * Finds the items of an uncompressed body and proves the whole of it well formed.
   * Throws SluiceError BODY_CORRUPT with the byte offset, DECOMPRESSED_TOO_LARGE if there are more than `maxItems`
   * (default: no limit of any kind, for bodies of our own; a range of metadata or unknown fields counts as
   * `ITEMS_PER_RANGE`, `SYMBOLS_PER_ITEM` symbols as one): an item may be two bytes long, but the table takes
   * `BYTES_PER_ITEM` for each.
   */
  scan(bytes: Uint8Array, watch: Watch, maxItems?: number): Batch
  /**
   * The labels of item i, in wire order: all of the first `mostLabels`, and of any further ones the first of each
   * watched name and the first of any other. `route` decides by these as by all; a hostile item lists no million.
   */
  labels(batch: Batch, i: number): Label[]
  /**
   * The uncompressed body made of `indexes[0] … indexes[count - 1]`, in that order, with the batch's unknown fields.
   * `removeLabel`: the winning tenant label goes, every occurrence of it. RESERVED_LABEL goes where it is present,
   * unless it is among the watched names and labels are kept. The result may be valid only until the next call.
   */
  gather(batch: Batch, indexes: Uint32Array, count: number, removeLabel: boolean): Uint8Array
  /**
   * A batch of `indexes[0] … indexes[count - 1]`, in that order, without what is withheld, with the batch's unknown
   * fields and no metadata. undefined where there is nothing of it; absent in protocols that have no such fields.
   */
  readonly withhold?: (batch: Batch, indexes: Uint32Array, count: number, withheld: Withheld) => Thinned | undefined
  /**
   * One uncompressed body of several that are well formed and lie one behind the other in `bytes`, of so many bytes each:
   * the items in order, unknown top-level fields behind them; one alone as it is. The result is valid until the next
   * call of this or `gather`. Absent where one behind the other is a body already (see join.ts).
   */
  readonly join?: (bytes: Uint8Array, sizes: readonly number[]) => Uint8Array
  /** Times of the oldest and the newest sample (log entry) in an uncompressed body that is well formed. */
  times(bytes: Uint8Array): SampleTimes
  /**
   * The values of these labels of item i as one text, to be compared: where two texts are equal, so are the values.
   * Empty if the item has none of them.
   */
  labelValues(batch: Batch, i: number, names: readonly Uint8Array[]): string
  /** A signed number of 32 bits made of the bytes of item i's labels, in the order they came in. */
  labelHash(batch: Batch, i: number): number
  /** Labels as a `Rewriter` takes them: the form in which it shows those of an item, in memory of its own. */
  encodeLabels(labels: readonly Label[]): Uint8Array
  /**
   * What to keep of `labels`, made by `encodeLabels`, for all items with the labels that a `Rewriter` shows in `shown`:
   * bytes for `Rewriter.relabel`, and `LABEL_MARKS` numbers, written to `marks`, which spare it the look at the labels.
   * Absent in protocols whose bodies are scanned again.
   */
  readonly keepLabels?: (
    labels: Uint8Array,
    shown: Pick<Rewriter, 'bytes' | 'start' | 'end'>,
    watch: Watch,
    marks: Int32Array,
  ) => Uint8Array
  /** Goes through `batch` and writes what is left of it to `output`. Items with `flag.faulty` can only be kept. */
  rewriter(batch: Batch, output: Output): Rewriter
}

const encoder = new TextEncoder()

/** Prepares label names for scanning. `keepsReserved`: RESERVED_LABEL may stay where it is among them. */
export function watchLabels(names: readonly string[], keepsReserved = true): Watch {
  const all = names.includes(RESERVED_LABEL) ? [...names] : [...names, RESERVED_LABEL]
  const bytes = all.map((name) => encoder.encode(name))
  const lengths = new Uint8Array(65_536)
  lengths['__name__'.length] = 1
  for (const name of bytes) if (name.length < lengths.length) lengths[name.length] = 1
  return {
    names,
    namesReserved: keepsReserved && names.includes(RESERVED_LABEL),
    reserved: all.indexOf(RESERVED_LABEL),
    bytes,
    lengths,
  }
}

/** A scan finds the same for both. */
export function findSame(a: Watch, b: Watch): boolean {
  return a.names.length === b.names.length && a.names.every((name, k) => name === b.names[k])
}

/** Index in `watch.bytes` of the name `bytes[at … end)`; -1 for any other name. */
export function watchedIndex(watch: Watch, bytes: Uint8Array, at: number, end: number): number {
  const size = end - at
  if (size < watch.lengths.length && watch.lengths[size] === 0) return -1
  for (let k = 0; k < watch.bytes.length; k++) {
    const name = watch.bytes[k]!
    if (name.length !== size) continue
    let same = 0
    while (same < size && bytes[at + same] === name[same]) same++
    if (same === size) return k
  }
  return -1
}
