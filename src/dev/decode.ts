// Decodes a remote write 1 body in full, for the test receiver and for tests that look at what was sent. Independent of
// wire/ on purpose: the judge must not share the defects of what it judges.

import { ProtoReader } from './proto-reader.ts'

export type DecodedLabel = [name: string, value: string]

export interface DecodedSample {
  readonly value: number
  /** The value's eight bytes, most significant first: `7ff0000000000002` is the stale marker. */
  readonly bits: bigint
  /** ms since 1970; exact within 2^53. */
  readonly tsMs: number
}

export interface DecodedExemplar {
  readonly labels: DecodedLabel[]
  readonly value: number
  readonly tsMs: number
}

export interface DecodedHistogram {
  readonly tsMs: number
  /** The Histogram message as it came. */
  readonly raw: Uint8Array
}

/** A field that the schema does not know, tag included. */
export interface UnknownField {
  readonly number: number
  readonly raw: Uint8Array
}

export interface DecodedSeries {
  readonly labels: DecodedLabel[]
  readonly samples: DecodedSample[]
  readonly exemplars: DecodedExemplar[]
  readonly histograms: DecodedHistogram[]
  readonly unknown: UnknownField[]
}

export interface DecodedMetadata {
  family: string
  type: number
  help: string
  unit: string
}

export interface DecodedWriteRequest {
  readonly series: DecodedSeries[]
  readonly metadata: DecodedMetadata[]
  readonly unknown: UnknownField[]
  /** Strings that are not UTF-8. */
  readonly badUtf8: number
}

/** A double from its 64 bits. NaN payloads are lost in a number: keep the bits beside it. */
export function numberOfBits(bits: bigint): number {
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}
const view = new DataView(new ArrayBuffer(8))

/** Reads an uncompressed `prometheus.WriteRequest`. Throws SluiceError BODY_CORRUPT. */
export function decodeWriteRequest(bytes: Uint8Array): DecodedWriteRequest {
  const series: DecodedSeries[] = []
  const metadata: DecodedMetadata[] = []
  const unknown: UnknownField[] = []
  const reader = new ProtoReader(bytes)
  reader.fields('WriteRequest', (field, skipped) => {
    if (field.number === 1) series.push(readSeries(reader.message(field, 'TimeSeries')))
    else if (field.number === 3) metadata.push(readMetadata(reader.message(field, 'MetricMetadata')))
    else unknown.push({ number: field.number, raw: skipped() })
    return true
  })
  return { series, metadata, unknown, badUtf8: reader.faults.badUtf8 }
}

function readSeries(reader: ProtoReader): DecodedSeries {
  const series: DecodedSeries = { labels: [], samples: [], exemplars: [], histograms: [], unknown: [] }
  reader.fields('TimeSeries', (field, skipped) => {
    if (field.number === 1) series.labels.push(readLabel(reader.message(field, 'Label')))
    else if (field.number === 2) series.samples.push(readSample(reader.message(field, 'Sample')))
    else if (field.number === 3) series.exemplars.push(readExemplar(reader.message(field, 'Exemplar')))
    else if (field.number === 4) series.histograms.push(readHistogram(reader.message(field, 'Histogram')))
    else series.unknown.push({ number: field.number, raw: skipped() })
    return true
  })
  return series
}

/** A Label of remote write, a LabelPair of Loki: they are alike. */
export function readLabel(reader: ProtoReader): DecodedLabel {
  const label: DecodedLabel = ['', '']
  reader.fields('Label', (field) => {
    if (field.number === 1) label[0] = reader.string(field, 'Label.name')
    else if (field.number === 2) label[1] = reader.string(field, 'Label.value')
    else return false
    return true
  })
  return label
}

function readSample(reader: ProtoReader): DecodedSample {
  let bits = 0n
  let tsMs = 0
  reader.fields('Sample', (field) => {
    if (field.number === 1) bits = reader.bits(field, 'Sample.value')
    else if (field.number === 2) tsMs = reader.int64(field, 'Sample.timestamp')
    else return false
    return true
  })
  return { value: numberOfBits(bits), bits, tsMs }
}

function readExemplar(reader: ProtoReader): DecodedExemplar {
  const labels: DecodedLabel[] = []
  let bits = 0n
  let tsMs = 0
  reader.fields('Exemplar', (field) => {
    if (field.number === 1) labels.push(readLabel(reader.message(field, 'Exemplar.labels')))
    else if (field.number === 2) bits = reader.bits(field, 'Exemplar.value')
    else if (field.number === 3) tsMs = reader.int64(field, 'Exemplar.timestamp')
    else return false
    return true
  })
  return { labels, value: numberOfBits(bits), tsMs }
}

/** Only the timestamp is read, and that the rest is well formed. */
export function readHistogram(reader: ProtoReader): DecodedHistogram {
  const raw = reader.rest()
  let tsMs = 0
  reader.fields('Histogram', (field) => {
    if (field.number !== 15) return false
    tsMs = reader.int64(field, 'Histogram.timestamp')
    return true
  })
  return { tsMs, raw }
}

function readMetadata(reader: ProtoReader): DecodedMetadata {
  const metadata: DecodedMetadata = { family: '', type: 0, help: '', unit: '' }
  reader.fields('MetricMetadata', (field) => {
    if (field.number === 1) metadata.type = reader.int64(field, 'MetricMetadata.type')
    else if (field.number === 2) metadata.family = reader.string(field, 'MetricMetadata.metric_family_name')
    else if (field.number === 4) metadata.help = reader.string(field, 'MetricMetadata.help')
    else if (field.number === 5) metadata.unit = reader.string(field, 'MetricMetadata.unit')
    else return false
    return true
  })
  return metadata
}
