// Remembers what became of a series: label bytes → what was decided, and new label bytes. Compared byte for byte, so
// that two series whose hashes meet never get each other's labels. Bounded in bytes: entries live in two generations;
// when the younger is full the older goes, and what was asked for meanwhile has moved over.

import { LABEL_MARKS } from '../wire/codec.ts'
import { viewOf } from '../wire/copy.ts'
import { CacheGeneration, entryBytes } from './cache-generation.ts'
import { seriesHash } from './series-hash.ts'

const nothing = new Uint8Array(0)
/** Of what has no new labels. */
const noMarks = new Int32Array(LABEL_MARKS)

export class SeriesCache {
  hits = 0
  misses = 0
  /** What was decided about the series that was found or added last. */
  kind = 0
  /** Its new labels: `labels[labelsStart … labelsEnd)`. `labelsView` is over `labels`. */
  labels: Uint8Array = nothing
  labelsView: DataView = new DataView(nothing.buffer)
  labelsStart = 0
  labelsEnd = 0
  /** What was said of them begins at `marks[marksAt]`. */
  marks: Int32Array = noMarks
  marksAt = 0
  /** Hash of what `find` looked for last and did not find at a glance. */
  #hash = 0
  /** The young entry that was found last: senders repeat themselves, so that the one behind it is mostly what comes next. */
  #last = -1
  #young: CacheGeneration
  #old: CacheGeneration
  readonly #maxBytes: number

  /** `maxBytes`: about how much memory all entries may take. From half as much on, series that rarely come go. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#young = new CacheGeneration(maxBytes / 2)
    this.#old = new CacheGeneration(0)
  }

  /** Entries, those that are in both generations twice. */
  get count(): number {
    return this.#young.count + this.#old.count
  }

  /** About how much memory they take. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Forgets what was not asked for since the last call but one: called every t, what did not come for 2 t is gone. */
  age(): void {
    this.#old = this.#young
    this.#young = new CacheGeneration(this.#maxBytes / 2)
  }

  /**
   * Looks up label bytes, `[start … end)` of what the view shows; `variant` tells apart bytes of different
   * protocols. False: not known; what they become may be added then.
   */
  find(variant: number, view: DataView, start: number, end: number): boolean {
    let generation = this.#young
    let entry = this.#last + 1
    if (entry >= generation.count || !generation.isAt(entry, variant, view, start, end)) {
      const hash = (this.#hash = seriesHash(view, start, end, variant))
      entry = generation.find(hash, variant, view, start, end)
      if (entry < 0) {
        generation = this.#old
        entry = generation.find(hash, variant, view, start, end)
        if (entry < 0) {
          this.misses++
          return false
        }
      }
    }
    if (generation === this.#young) this.#last = entry
    this.hits++
    this.kind = generation.kindOf(entry)
    this.labels = generation.arena
    this.labelsView = generation.view
    this.labelsStart = generation.labelsStart(entry)
    this.labelsEnd = this.labelsStart + generation.labelsSize(entry)
    this.marks = generation.numbers
    this.marksAt = generation.marksAt(entry)
    if (generation !== this.#young) this.#remember(variant, view, start, end)
    return true
  }

  /**
   * Adds what `find` has just not found. `kind` is opaque; `labels`: the new ones, empty where there are none; `marks`:
   * `LABEL_MARKS` numbers, kept as they are.
   */
  add(
    variant: number,
    kind: number,
    view: DataView,
    start: number,
    end: number,
    labels: Uint8Array,
    marks: Int32Array = noMarks,
  ): void {
    this.kind = kind
    this.labels = labels
    this.labelsView = viewOf(labels)
    this.labelsStart = 0
    this.labelsEnd = labels.length
    this.marks = marks
    this.marksAt = 0
    this.#remember(variant, view, start, end)
  }

  /** Puts the series at hand into the young generation, which may become the old one by that. */
  #remember(variant: number, view: DataView, start: number, end: number): void {
    const { kind, labels, labelsStart, labelsEnd, marks, marksAt } = this
    const size = end - start + labelsEnd - labelsStart + entryBytes
    // A giant would drive out thousands.
    if (size > this.#maxBytes / 16) return
    if (this.#young.size + size > this.#maxBytes / 2) this.age()
    const hash = this.#hash
    const added = { hash, variant, view, start, end, kind, labels, labelsStart, labelsEnd, marks, marksAt }
    this.#young.add(added)
  }
}
