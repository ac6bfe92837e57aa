// Decodes a remote write 2 body in full, for the test receiver and for tests: references resolved, and everything that is
// wrong with them and with the symbol table told. Independent of wire/, as decode.ts is.

import {
  type DecodedExemplar,
  type DecodedLabel,
  type DecodedSample,
  type DecodedSeries,
  type DecodedWriteRequest,
  numberOfBits,
  readHistogram,
} from './decode.ts'
import { ProtoReader } from './proto-reader.ts'

export interface DecodedSample2 extends DecodedSample {
  /** When its series began, in ms since 1970; 0: not said. */
  readonly startMs: number
}

export interface DecodedMetadata2 {
  type: number
  help: string
  unit: string
}

export interface DecodedSeries2 extends DecodedSeries {
  readonly samples: DecodedSample2[]
  metadata?: DecodedMetadata2
  /** Why its references can't be resolved. */
  fault?: string
}

export interface DecodedRequest2 {
  readonly symbols: readonly string[]
  readonly series: readonly DecodedSeries2[]
  /** What is wrong with the symbol table: one of each kind. */
  readonly tableFaults: readonly TableFault[]
  readonly unknown: DecodedWriteRequest['unknown']
  readonly badUtf8: number
}

export interface TableFault {
  readonly kind: 'first' | 'duplicate' | 'unused'
  readonly text: string
}

type Reference = (ref: number) => string

/** Reads an uncompressed `io.prometheus.write.v2.Request`. Throws SluiceError BODY_CORRUPT. */
export function decodeRequest2(bytes: Uint8Array): DecodedRequest2 {
  const symbols: string[] = []
  const unknown: DecodedWriteRequest['unknown'] = []
  const pending: ProtoReader[] = []
  const reader = new ProtoReader(bytes)
  reader.fields('Request', (field, skipped) => {
    if (field.number === 4) symbols.push(reader.string(field, 'Request.symbols'))
    else if (field.number === 5) pending.push(reader.message(field, 'TimeSeries'))
    else unknown.push({ number: field.number, raw: skipped() })
    return true
  })
  const used = new Set([0])
  const symbolOf: Reference = (ref) => {
    used.add(ref)
    const symbol = symbols[ref]
    if (symbol === undefined) throw new RangeError(`reference ${ref} is outside of ${symbols.length} symbols`)
    return symbol
  }
  const series = pending.map((one) => readSeries(one, symbolOf))
  return { symbols, series, tableFaults: faultsOf(symbols, used), unknown, badUtf8: reader.faults.badUtf8 }
}

function faultsOf(symbols: readonly string[], used: ReadonlySet<number>): TableFault[] {
  const faults: TableFault[] = []
  if (symbols[0] !== '') faults.push({ kind: 'first', text: 'the first symbol is not the empty string' })
  const seen = new Set<string>()
  const repeated = symbols.find((symbol) => seen.size === seen.add(symbol).size)
  if (repeated !== undefined)
    faults.push({ kind: 'duplicate', text: `symbol ${JSON.stringify(repeated)} is there twice` })
  const idle = symbols.findIndex((_, ref) => !used.has(ref))
  if (idle >= 0) faults.push({ kind: 'unused', text: `symbol ${idle}, ${JSON.stringify(symbols[idle])}, is not used` })
  return faults
}

function readSeries(reader: ProtoReader, symbolOf: Reference): DecodedSeries2 {
  const series: DecodedSeries2 = { labels: [], samples: [], exemplars: [], histograms: [], unknown: [] }
  const refs: number[] = []
  const resolve = <T>(what: string, empty: T, read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      series.fault ??= `${what}: ${error.message}`
      return empty
    }
  }
  reader.fields('TimeSeries', (field, skipped) => {
    if (field.number === 1) refs.push(...reader.varints(field, 'TimeSeries.labels_refs'))
    else if (field.number === 2) series.samples.push(readSample(reader.message(field, 'Sample')))
    else if (field.number === 3) series.histograms.push(readHistogram(reader.message(field, 'Histogram')))
    else if (field.number === 4) {
      const { refs: own, ...rest } = readExemplar(reader.message(field, 'Exemplar'))
      series.exemplars.push({ ...rest, labels: resolve('exemplar', [], () => labelsOf(own, symbolOf)) })
    } else if (field.number === 5) {
      const { type, help, unit } = readMetadata(reader.message(field, 'Metadata'))
      series.metadata = resolve('metadata', { type, help: '', unit: '' }, () => {
        return { type, help: symbolOf(help), unit: symbolOf(unit) }
      })
    } else series.unknown.push({ number: field.number, raw: skipped() })
    return true
  })
  series.labels.push(...resolve('labels', [], () => labelsOf(refs, symbolOf)))
  return series
}

function labelsOf(refs: readonly number[], symbolOf: Reference): DecodedLabel[] {
  const texts = refs.map(symbolOf)
  if (texts.length % 2 !== 0) throw new RangeError(`${texts.length} references are not pairs`)
  return Array.from({ length: texts.length / 2 }, (_, k) => [texts[2 * k]!, texts[2 * k + 1]!])
}

function readSample(reader: ProtoReader): DecodedSample2 {
  let bits = 0n
  let tsMs = 0
  let startMs = 0
  reader.fields('Sample', (field) => {
    if (field.number === 1) bits = reader.bits(field, 'Sample.value')
    else if (field.number === 2) tsMs = reader.int64(field, 'Sample.timestamp')
    else if (field.number === 3) startMs = reader.int64(field, 'Sample.start_timestamp')
    else return false
    return true
  })
  return { value: numberOfBits(bits), bits, tsMs, startMs }
}

function readExemplar(reader: ProtoReader): Omit<DecodedExemplar, 'labels'> & { readonly refs: readonly number[] } {
  const refs: number[] = []
  let bits = 0n
  let tsMs = 0
  reader.fields('Exemplar', (field) => {
    if (field.number === 1) refs.push(...reader.varints(field, 'Exemplar.labels_refs'))
    else if (field.number === 2) bits = reader.bits(field, 'Exemplar.value')
    else if (field.number === 3) tsMs = reader.int64(field, 'Exemplar.timestamp')
    else return false
    return true
  })
  return { refs, value: numberOfBits(bits), tsMs }
}

function readMetadata(reader: ProtoReader): { type: number; help: number; unit: number } {
  const metadata = { type: 0, help: 0, unit: 0 }
  reader.fields('Metadata', (field) => {
    if (field.number === 1) metadata.type = reader.int64(field, 'Metadata.type')
    else if (field.number === 3) metadata.help = reader.int64(field, 'Metadata.help_ref')
    else if (field.number === 4) metadata.unit = reader.int64(field, 'Metadata.unit_ref')
    else return false
    return true
  })
  return metadata
}
