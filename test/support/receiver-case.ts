// A case of the receiver suite: series as plain values, with what a receiver should make of them; and the bodies that are
// pushed for it.

import { STALE_MARKER } from '../../src/dev/encode.ts'
import type { SeriesInput2 } from '../../src/dev/encode-v2.ts'
import { ProtoWriter } from '../../src/dev/proto-writer.ts'

export interface CaseSeries {
  readonly labels: Readonly<Record<string, string>>
  /** A sample's. */
  readonly value?: number | bigint
  readonly histogram?: HistogramShape
  /** From now, as all times of a case. */
  readonly offsetMs?: number
  readonly createdMs?: number
  readonly exemplars?: readonly CaseExemplar[]
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string }
}

export interface CaseExemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | bigint
  readonly offsetMs?: number
}

export interface ReceiverCase {
  /** Its name in the suite, without the level. */
  readonly name: string
  readonly series: readonly CaseSeries[]
  /** So many series, the first ones, have to be refused; default 0: the suite's "success". */
  readonly refused?: number
  /** The suite asks for it at its MUST level alone. */
  readonly once?: boolean
  /** Neither sample nor histogram: receivers of 2.0 may refuse it. */
  readonly orphan?: boolean
  /** So many histograms are there that 1.x can't carry. */
  readonly only2?: number
}

/** The suite's two runs of a case: 204 as it SHOULD be; then, for the MUST, any 2xx or 400. */
export interface Leaf {
  readonly name: string
  readonly strict: boolean
  readonly of: ReceiverCase
}

export const leavesOf = (cases: readonly ReceiverCase[]): Leaf[] =>
  cases.flatMap((of) => {
    const must = { name: of.name, strict: false, of }
    const isOne = of.once === true || (of.refused ?? 0) > 0
    return isOne ? [must] : [{ name: `${of.name} returns 204`, strict: true, of }, must]
  })

/** Metadata's types. */
export const type = {
  unspecified: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugeHistogram: 4,
  summary: 5,
  info: 6,
  stateSet: 7,
}
/** As samples have it where they are not NaN on purpose; the suite's own stale marker and NaN are 9.2e18 by mistake. */
export const values: Readonly<Record<string, number | bigint>> = {
  '1.0': 1,
  StaleNaN: STALE_MARKER,
  NaN: 0x7ff8000000000001n,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
}
export const minute = 60_000

export const named = (name: string, labels: Readonly<Record<string, string>> = {}) => ({ __name__: name, ...labels })

/** Which buckets it has. */
export interface HistogramShape {
  readonly sum: number
  readonly positive?: boolean
  readonly negative?: boolean
  readonly zero?: boolean
  /** In place of the positive ones. */
  readonly custom?: boolean
  /** Says that it has 99 observations. */
  readonly badCount?: boolean
}

export interface BodyOptions {
  /** ms since 1970. */
  readonly now: number
  /** Labels in falling order: good senders sort, and receivers must not need it. */
  readonly reversed: boolean
  /** Where the start time goes: field 6 of the series as in early 2.0, or to the sample or histogram. */
  readonly start: 'series' | 'point'
  /** Added to the series' own. */
  readonly labelsOf: (k: number) => Readonly<Record<string, string>>
}

/** The series as a sender has them. */
export function seriesOf(series: readonly CaseSeries[], options: BodyOptions): SeriesInput2[] {
  const pairs = (labels: Readonly<Record<string, string>>) => {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
    return options.reversed ? sorted.reverse() : sorted
  }
  return series.map((one, k) => {
    const { value, histogram, offsetMs = 0, createdMs, exemplars, metadata } = one
    const tsMs = options.now + offsetMs
    const startMs = createdMs === undefined ? 0 : options.now + createdMs
    const ofPoint = options.start === 'point' ? startMs : 0
    return {
      labels: pairs({ ...one.labels, ...options.labelsOf(k) }),
      ...(value !== undefined && { samples: [[value, tsMs, ofPoint]] }),
      ...(histogram !== undefined && { histograms: [encoded(histogram, tsMs, ofPoint)] }),
      ...(exemplars !== undefined && {
        exemplars: exemplars.map((exemplar) => ({
          labels: pairs(exemplar.labels),
          value: exemplar.value,
          tsMs: options.now + (exemplar.offsetMs ?? 0),
        })),
      }),
      ...(metadata !== undefined && { metadata }),
      ...(startMs !== ofPoint && { extra: new ProtoWriter().int64(6, startMs).finish() }),
    }
  })
}

function encoded(shape: HistogramShape, tsMs: number, startMs: number): Uint8Array {
  const positive = shape.custom === true ? [2, 3, 5, 8, 7, 5] : shape.positive === true ? [1, 3, 4, 7, 8] : []
  const negative = shape.negative === true ? [1, 2] : []
  const zero = shape.zero === true ? 1 : 0
  const count = [...positive, ...negative, zero].reduce((sum, one) => sum + one, 0)
  const w = new ProtoWriter().int64(1, shape.badCount === true ? 99 : count).double(3, shape.sum)
  if (shape.custom === true) w.int64(4, zigzag(-53))
  w.int64(6, zero)
  buckets(w, 8, negative, [[0, 2]])
  buckets(w, 11, positive, shape.custom === true ? [[0, 6]] : [[0, 3], [2, 2]]) // biome-ignore format: one line
  w.int64(15, tsMs)
  if (shape.custom === true) w.message(16, () => w.raw(Buffer.concat([0.1, 0.5, 1, 2.5, 5, 10].map(doubleOf))))
  return w.int64(17, startMs).finish()
}

function buckets(
  w: ProtoWriter,
  field: number,
  counts: readonly number[],
  spans: readonly (readonly [offset: number, length: number])[],
): void {
  if (counts.length === 0) return
  for (const [offset, length] of spans) w.message(field, () => w.int64(1, zigzag(offset)).int64(2, length))
  w.message(field + 1, () => w.raw(Uint8Array.from(counts, (count, k) => zigzag(count - (counts[k - 1] ?? 0)))))
}

/** Of small numbers: one byte as a varint. */
const zigzag = (n: number): number => (n < 0 ? -2 * n - 1 : 2 * n)

function doubleOf(n: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(n)
  return bytes
}
