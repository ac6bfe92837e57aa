// Makes remote write 2 bodies from plain values, as a sender would, with a symbol table as good senders make it. What no
// good sender says (references out of range, symbols twice) is said with `symbols` and `labelRefs`.

import type { ExemplarInput, LabelInput, MetadataInput, SampleInput } from './encode.ts'
import { ProtoWriter } from './proto-writer.ts'

/** A sample with the time when its series began, in ms since 1970. */
export type SampleInput2 = readonly [...SampleInput, startMs?: number | bigint]

export interface SeriesInput2 {
  readonly labels?: readonly LabelInput[]
  /** References in place of labels. */
  readonly labelRefs?: readonly number[]
  readonly samples?: readonly SampleInput2[]
  /** Histogram messages, encoded already (see `encodeHistogram` for a plain one). */
  readonly histograms?: readonly Uint8Array[]
  readonly exemplars?: readonly ExemplarInput[]
  readonly metadata?: Omit<MetadataInput, 'family'>
  /** Complete fields put at the end of the series, for example unknown ones. */
  readonly extra?: Uint8Array
}

export interface Request2Input {
  readonly series?: readonly SeriesInput2[]
  /** What the table begins with; what else is used comes behind it. Default: the empty string alone. */
  readonly symbols?: readonly (string | Uint8Array)[]
  /** Complete fields put at the end of the request, for example unknown ones. */
  readonly extra?: Uint8Array
}

const keyOf = (symbol: string | Uint8Array): string => Buffer.from(symbol as Uint8Array).toString('latin1')

/** Encodes an `io.prometheus.write.v2.Request`, uncompressed. Symbols go first, fields in ascending order. */
export function encodeRequest2(input: Request2Input): Uint8Array {
  const symbols: (string | Uint8Array)[] = [...(input.symbols ?? [''])]
  const known = new Map<string, number>()
  symbols.forEach((symbol, k) => {
    if (!known.has(keyOf(symbol))) known.set(keyOf(symbol), k)
  })
  const refOf = (symbol: string | Uint8Array): number => {
    const key = keyOf(symbol)
    const ref = known.get(key) ?? symbols.push(symbol) - 1
    known.set(key, ref)
    return ref
  }
  const body = new ProtoWriter()
  for (const series of input.series ?? []) body.message(5, () => writeSeries(body, series, refOf))
  const table = new ProtoWriter()
  for (const symbol of symbols) table.message(4, () => table.raw(Buffer.from(symbol as Uint8Array)))
  return table
    .raw(body.finish())
    .raw(input.extra ?? new Uint8Array(0))
    .finish()
}

type RefOf = (symbol: string | Uint8Array) => number

function writeSeries(w: ProtoWriter, series: SeriesInput2, refOf: RefOf): void {
  writeRefs(w, series.labelRefs ?? refsOf(series.labels ?? [], refOf))
  for (const [value, tsMs, startMs] of series.samples ?? []) {
    w.message(2, () =>
      w
        .double(1, value)
        .int64(2, tsMs)
        .int64(3, startMs ?? 0),
    )
  }
  for (const histogram of series.histograms ?? []) w.message(3, () => w.raw(histogram))
  for (const { labels, value, tsMs } of series.exemplars ?? []) {
    w.message(4, () => {
      writeRefs(w, refsOf(labels, refOf))
      w.double(2, value).int64(3, tsMs)
    })
  }
  const { metadata } = series
  if (metadata !== undefined) {
    w.message(5, () =>
      w
        .int64(1, metadata.type ?? 0)
        .int64(3, refOf(metadata.help ?? ''))
        .int64(4, refOf(metadata.unit ?? '')),
    )
  }
  if (series.extra !== undefined) w.raw(series.extra)
}

const refsOf = (labels: readonly LabelInput[], refOf: RefOf): number[] =>
  labels.flatMap(([name, value]) => [refOf(name), refOf(value)])

/** Packed. */
function writeRefs(w: ProtoWriter, refs: readonly number[]): void {
  if (refs.length > 0) w.message(1, () => w.raw(packed(refs)))
}

function packed(refs: readonly number[]): Uint8Array {
  const bytes: number[] = []
  for (const ref of refs) {
    let rest = ref
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}
