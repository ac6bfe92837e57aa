// Makes push bodies from plain values: remote write 1 and Loki, as a sender would. Used by the sample sender and as
// the fixture builder of every test. It can also say what no good sender says (unsorted labels, bytes that are not UTF-8).

import { compressSync } from 'snappy'
import { ProtoWriter } from './proto-writer.ts'

export { decodeWriteRequest } from './decode.ts'
export { decodeLokiPush } from './decode-loki.ts'

/** Name and value, in the order in which they go on the wire. Bytes allow what is not UTF-8. */
export type LabelInput = readonly [name: string | Uint8Array, value: string | Uint8Array]

/** A value (or its 64 bits as bigint, for a NaN with a payload) and its time in ms since 1970. */
export type SampleInput = readonly [value: number | bigint, tsMs: number | bigint]

export interface ExemplarInput {
  readonly labels: readonly LabelInput[]
  readonly value: number | bigint
  readonly tsMs: number | bigint
}

export interface SeriesInput {
  readonly labels: readonly LabelInput[]
  readonly samples?: readonly SampleInput[]
  readonly exemplars?: readonly ExemplarInput[]
  /** Histogram messages, encoded already (see `encodeHistogram` for a plain one). */
  readonly histograms?: readonly Uint8Array[]
  /** Complete fields put at the end of the series, for example unknown ones. */
  readonly extra?: Uint8Array
}

export interface MetadataInput {
  readonly family: string
  /** 0 unknown, 1 counter, 2 gauge, 3 histogram, 4 gauge histogram, 5 summary, 6 info, 7 state set. Default 0. */
  readonly type?: number
  readonly help?: string
  readonly unit?: string
}

export interface WriteRequestInput {
  readonly series?: readonly SeriesInput[]
  readonly metadata?: readonly MetadataInput[]
  /** Complete fields put at the end of the request, for example unknown ones. */
  readonly extra?: Uint8Array
}

/** Bits of the NaN that marks a series as gone; as a sample's value: `[STALE_MARKER, tsMs]`. */
export const STALE_MARKER = 0x7ff0000000000002n

const writeLabels = (w: ProtoWriter, field: number, labels: readonly LabelInput[]): void => {
  for (const [name, value] of labels) w.message(field, () => w.bytes(1, name).bytes(2, value))
}

/** Encodes a `prometheus.WriteRequest` (remote write 1), uncompressed. Fields go out in ascending order. */
export function encodeWriteRequest(input: WriteRequestInput): Uint8Array {
  const w = new ProtoWriter()
  for (const series of input.series ?? []) {
    w.message(1, () => {
      writeLabels(w, 1, series.labels)
      for (const [value, tsMs] of series.samples ?? []) w.message(2, () => w.double(1, value).int64(2, tsMs))
      for (const { labels, value, tsMs } of series.exemplars ?? []) {
        w.message(3, () => {
          writeLabels(w, 1, labels)
          w.double(2, value).int64(3, tsMs)
        })
      }
      for (const histogram of series.histograms ?? []) w.message(4, () => w.raw(histogram))
      if (series.extra !== undefined) w.raw(series.extra)
    })
  }
  for (const { family, type, help, unit } of input.metadata ?? []) {
    w.message(3, () =>
      w
        .int64(1, type ?? 0)
        .bytes(2, family)
        .bytes(4, help ?? '')
        .bytes(5, unit ?? ''),
    )
  }
  if (input.extra !== undefined) w.raw(input.extra)
  return w.finish()
}

/** A small, valid native histogram (schema 0, one positive bucket that holds everything). */
export function encodeHistogram(count: number, sum: number, tsMs: number): Uint8Array {
  const w = new ProtoWriter()
  w.int64(1, count).double(3, sum).double(5, 1e-128)
  w.message(11, () => w.int64(2, 1))
  w.message(12, () =>
    w.raw(
      new ProtoWriter()
        .int64(1, count * 2)
        .finish()
        .subarray(1),
    ),
  )
  return w.int64(15, tsMs).finish()
}

export interface EntryInput {
  /** ns since 1970. */
  readonly tsNs: bigint
  readonly line: string
  /** Structured metadata. */
  readonly metadata?: readonly LabelInput[]
}

export interface StreamInput {
  /** The stream's labels as Loki writes them: `{a="b", c="d"}`. */
  readonly labels: string
  readonly entries: readonly EntryInput[]
  readonly hash?: bigint
  /** Complete fields put at the end of the stream, for example unknown ones. */
  readonly extra?: Uint8Array
}

export interface LokiPushInput {
  readonly streams: readonly StreamInput[]
  /** Complete fields put at the end of the request, for example unknown ones. */
  readonly extra?: Uint8Array
}

/** Encodes a `logproto.PushRequest`, uncompressed. */
export function encodeLokiPush(input: LokiPushInput): Uint8Array {
  const w = new ProtoWriter()
  for (const stream of input.streams) {
    w.message(1, () => {
      w.bytes(1, stream.labels)
      for (const { tsNs, line, metadata } of stream.entries) {
        w.message(2, () => {
          const nanos = ((tsNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
          w.message(1, () => w.int64(1, (tsNs - nanos) / 1_000_000_000n).int64(2, nanos))
          w.bytes(2, line)
          writeLabels(w, 3, metadata ?? [])
        })
      }
      w.int64(3, stream.hash ?? 0n)
      if (stream.extra !== undefined) w.raw(stream.extra)
    })
  }
  if (input.extra !== undefined) w.raw(input.extra)
  return w.finish()
}

/** Compresses into one snappy block, the only form that remote write and Loki's protobuf use. */
export function snappyBlock(bytes: Uint8Array): Buffer {
  return compressSync(bytes, { copyOutputData: true })
}
