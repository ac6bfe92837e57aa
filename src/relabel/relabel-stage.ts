// Relabels whole batches: what each series becomes is remembered, so that a series seen before is neither decoded nor
// judged again, and a batch in which nothing changes goes on as it is.

import { SluiceError } from '../errors.ts'
import { type Batch, flag } from '../wire/batch.ts'
import { findSame, LABEL_MARKS, type Rewriter } from '../wire/codec.ts'
import { Output } from '../wire/copy.ts'
import { compileRules, type Relabeler, type RelabelOptions } from './relabel.ts'
import { type DropReason, dropReasons, relabelSeries } from './relabel-series.ts'
import type { RelabelRule } from './rule.ts'
import { SeriesCache } from './series-cache.ts'

export interface RelabelStageOptions extends RelabelOptions {
  /**
   * About how much memory remembered series may take, in bytes; it is taken as series come. While those that come again
   * and again need less than half of it, none is judged twice: about 500 bytes each (12 labels of which rules change few;
   * 910 where they change all). Default 128 MiB.
   */
  readonly cacheBytes?: number
  /** Longest body that a batch may become, in bytes; beyond it DECOMPRESSED_TOO_LARGE. Default 256 MiB. */
  readonly maxBytes?: number
  /** Told what was dropped, at most once per batch and reason. */
  readonly onDropped?: (reason: DropReason, items: number, samples: number) => void
}

/** What becomes of a series, as the cache keeps it; from `DROPPED` on, a place in `dropReasons`. */
const UNCHANGED = 0
const RELABELLED = 1
const DROPPED = 2

const nothing = new Uint8Array(0)

export class RelabelStage {
  readonly #relabeler: Relabeler
  readonly #cache: SeriesCache
  readonly #maxBytes: number
  readonly #onDropped: RelabelStageOptions['onDropped']
  readonly #output = new Output()
  /** Protocols, and what was looked for, seen so far: their places tell their series apart in the cache. */
  readonly #variants: Pick<Batch, 'codec' | 'watch'>[] = []
  readonly #marks = new Int32Array(LABEL_MARKS)
  readonly #droppedItems = new Float64Array(dropReasons.length)
  readonly #droppedSamples = new Float64Array(dropReasons.length)

  /** Throws as `compileRules` does. */
  constructor(rules: readonly RelabelRule[], options: RelabelStageOptions = {}) {
    this.#relabeler = compileRules(rules, options)
    this.#cache = new SeriesCache(options.cacheBytes ?? 128 << 20)
    this.#maxBytes = options.maxBytes ?? 256 << 20
    this.#onDropped = options.onDropped
  }

  /** How the cache does: hits and misses, which only grow; entries, and about how many bytes they take. */
  get cache(): Readonly<Pick<SeriesCache, 'hits' | 'misses' | 'count' | 'size'>> {
    return this.#cache
  }

  /** Forgets series that did not come since the last call but one. */
  age(): void {
    this.#cache.age()
  }

  /**
   * The batch after all rules; itself if they change nothing. Malformed items stay as they are. What is not UTF-8 in
   * labels that change becomes U+FFFD. The result's bytes are valid until the next call.
   */
  apply(batch: Batch): Batch {
    const cache = this.#cache
    const variant = this.#variantOf(batch)
    const isMarked = batch.codec.keepLabels !== undefined
    this.#output.trim()
    const rewriter = batch.codec.rewriter(batch, this.#output)
    let size = batch.bytes.length
    this.#droppedItems.fill(0)
    this.#droppedSamples.fill(0)
    for (let i = 0; i < batch.count; i++) {
      rewriter.locate(i)
      if (batch.flags[i]! & flag.faulty) {
        rewriter.keep()
        continue
      }
      const { view, start, end } = rewriter
      if (!cache.find(variant, view, start, end)) this.#judge(batch, i, variant, rewriter)
      const { kind } = cache
      if (kind === UNCHANGED) {
        rewriter.keep()
      } else if (kind === RELABELLED) {
        const { labels, labelsView, labelsStart, labelsEnd, marks, marksAt } = cache
        size += rewriter.relabel(labels, labelsView, labelsStart, labelsEnd, isMarked ? marks : undefined, marksAt)
        if (size > this.#maxBytes) throw tooLarge(this.#maxBytes)
      } else {
        this.#droppedItems[kind - DROPPED]!++
        this.#droppedSamples[kind - DROPPED]! += batch.samples[i]!
      }
    }
    this.#tellDropped()
    return rewriter.finish()
  }

  /** Adds to the cache what becomes of item i, which then is what the cache found. */
  #judge(batch: Batch, i: number, variant: number, shown: Rewriter): void {
    const { codec, watch } = batch
    const labels = codec.labels(batch, i)
    const result = relabelSeries(this.#relabeler, labels)
    let kind = UNCHANGED
    let encoded: Uint8Array = nothing
    if (typeof result === 'string') kind = DROPPED + dropReasons.indexOf(result)
    else if (result !== labels) {
      kind = RELABELLED
      encoded = codec.encodeLabels(result)
      encoded = codec.keepLabels?.(encoded, shown, watch, this.#marks) ?? encoded
    }
    this.#cache.add(variant, kind, shown.view, shown.start, shown.end, encoded, this.#marks)
  }

  #variantOf({ codec, watch }: Batch): number {
    const isSame = (one: Pick<Batch, 'codec' | 'watch'>): boolean =>
      one.codec === codec && (one.watch === watch || findSame(one.watch, watch))
    const known = this.#variants.findIndex(isSame)
    return known >= 0 ? known : this.#variants.push({ codec, watch }) - 1
  }

  #tellDropped(): void {
    for (const [k, reason] of dropReasons.entries()) {
      const items = this.#droppedItems[k]!
      if (items > 0) this.#onDropped?.(reason, items, this.#droppedSamples[k]!)
    }
  }
}

function tooLarge(allowed: number): SluiceError {
  return new SluiceError(
    'DECOMPRESSED_TOO_LARGE',
    `the relabelled request takes over ${allowed} bytes; nothing was sent`,
  )
}
