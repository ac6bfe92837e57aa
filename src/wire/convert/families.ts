// Metadata between the two forms: in remote write 1 it is a family's, in 2 a series'.

import type { Batch, Range } from '../batch.ts'
import { contentAt, cursor, readTag, readVarint, skipValue } from '../protobuf.ts'
import { HELP, TYPE, UNIT } from '../v2/shapes.ts'
import type { Passage } from './known-fields.ts'
import type { Lost } from './lost.ts'

const decoder = new TextDecoder('latin1')

/** Type of the metadata, and its texts as symbols of a remote write 2 body. */
interface SeriesMetadata {
  readonly type: number
  readonly help: number
  readonly unit: number
}

const same = (a: SeriesMetadata, b: SeriesMetadata): boolean =>
  a.type === b.type && a.help === b.help && a.unit === b.unit

/** What a family's series are called besides its own name, by its type in either form (3 histogram, 4 gauge histogram, 5 summary). */
const suffixesOf: ReadonlyMap<number, readonly string[]> = new Map([
  [3, ['_bucket', '_count', '_sum']],
  [4, ['_bucket', '_gcount', '_gsum', '_count', '_sum']],
  [5, ['_count', '_sum']],
])

/** Collects the metadata of series and writes it as that of families: for each the first that comes. */
export class FamilyCollector {
  readonly #batch: Batch
  readonly #lost: Lost
  /** By where the series' name lies. */
  readonly #bySeries = new Map<number, SeriesMetadata>()
  /** By the family's name as latin1 of its bytes. */
  readonly #families = new Map<string, SeriesMetadata & { readonly start: number; readonly end: number }>()
  // The series at hand.
  #type = 0
  #help = 0
  #unit = 0

  constructor(batch: Batch, lost: Lost) {
    this.#batch = batch
    this.#lost = lost
  }

  /** Reads a Metadata in `bytes[at … end)`: of a field that comes again, also in another one, the last counts. */
  read(at: number, end: number): void {
    const { bytes } = this.#batch
    const { canonical } = this.#batch.symbols!
    for (let p = at; p < end; ) {
      const tag = readTag(bytes, p, end)
      const value = cursor.at
      p = skipValue(bytes, value, end, tag)
      if (tag === TYPE) this.#type = typeAt(bytes, value, end)
      else if (tag === HELP) this.#help = canonical[readVarint(bytes, value, end)]!
      else if (tag === UNIT) this.#unit = canonical[readVarint(bytes, value, end)]!
      else this.#lost.unknown++
    }
  }

  /** What was read since the last call is the metadata of series `i`. */
  settle(i: number): void {
    const found = { type: this.#type, help: this.#help, unit: this.#unit }
    this.#type = this.#help = this.#unit = 0
    if (found.type === 0 && found.help === 0 && found.unit === 0) return
    const { bytes, nameStart, nameEnd } = this.#batch
    const start = nameStart[i]!
    const known = this.#bySeries.get(start)
    if (known !== undefined && same(known, found)) return
    const name = decoder.decode(bytes.subarray(start, nameEnd[i]!))
    const suffix = suffixesOf.get(found.type)?.find((ending) => name.length > ending.length && name.endsWith(ending))
    const family = name.slice(0, name.length - (suffix?.length ?? 0))
    const first = this.#families.get(family)
    if (family === '' || (first !== undefined && !same(first, found))) {
      this.#lost.metadata++
      return
    }
    this.#bySeries.set(start, found)
    this.#families.set(family, { ...found, start, end: start + family.length })
  }

  /** Writes the records. */
  write({ bytes, view, to }: Passage): void {
    const { start, size } = this.#batch.symbols!
    for (const { type, help, unit, start: nameStart, end } of this.#families.values()) {
      const content = to.open(0x1a)
      if (type > 0) {
        to.tag(TYPE)
        to.varint(type)
      }
      to.field(0x12, bytes, view, nameStart, end)
      to.field(0x22, bytes, view, start[help]!, start[help]! + size[help]!)
      to.field(0x2a, bytes, view, start[unit]!, start[unit]! + size[unit]!)
      to.close(content)
    }
  }
}

/** Metadata of a family, its texts as ranges of a remote write 1 body. */
export interface FamilyMetadata {
  readonly type: number
  readonly help: Range
  readonly unit: Range
  isCarried: boolean
}

/** A family's series are called as it is, or so with one of these behind it. */
const suffixes = ['', '_total', '_bucket', '_sum', '_count', '_created', '_info', '_gsum', '_gcount']

/** Finds the metadata of series in that of families: of several of one family the last counts. */
export class FamilyFinder {
  readonly #batch: Batch
  readonly #families = new Map<string, FamilyMetadata>()
  /** Records that another one of the same family replaced. */
  #replaced = 0

  constructor(batch: Batch, lost: Lost) {
    this.#batch = batch
    for (const { start, end } of batch.metadata) {
      const { family, ...found } = readFamily(batch.bytes, start, end, lost)
      if (this.#families.has(family)) this.#replaced++
      this.#families.set(family, { ...found, isCarried: false })
    }
  }

  /** The metadata of series `i`; it counts as carried. */
  of(i: number): FamilyMetadata | undefined {
    if (this.#families.size === 0) return undefined
    const { bytes, nameStart, nameEnd } = this.#batch
    const name = decoder.decode(bytes.subarray(nameStart[i]!, nameEnd[i]!))
    for (const suffix of suffixes) {
      if (!name.endsWith(suffix)) continue
      const found = this.#families.get(name.slice(0, name.length - suffix.length))
      if (found === undefined) continue
      found.isCarried = true
      return found
    }
    return undefined
  }

  /** Records that no series carries. */
  get lost(): number {
    let count = this.#replaced
    for (const { isCarried } of this.#families.values()) if (!isCarried) count++
    return count
  }
}

/** Reads a MetricMetadata, tag and length included. */
function readFamily(bytes: Uint8Array, start: number, end: number, lost: Lost) {
  const nowhere: Range = { start, end: start }
  const texts: Record<number, Range> = {}
  let type = 0
  for (let p = contentAt(bytes, start, end); p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === TYPE) type = typeAt(bytes, value, end)
    else if (tag === 0x12 || tag === 0x22 || tag === 0x2a) texts[tag] = { start: cursor.at, end: p }
    else lost.unknown++
  }
  const name = texts[0x12] ?? nowhere
  const family = decoder.decode(bytes.subarray(name.start, name.end))
  return { family, type, help: texts[0x22] ?? nowhere, unit: texts[0x2a] ?? nowhere }
}

/** The number of a type; 0, unknown, for what can be none. */
function typeAt(bytes: Uint8Array, at: number, end: number): number {
  const type = readVarint(bytes, at, end)
  return type > 0x7fff_ffff ? 0 : type
}
