// Decodes a Loki protobuf push in full, for the test receiver and for tests that look at what was sent.
// Independent of wire/ like decode.ts.

import { type DecodedLabel, readLabel, type UnknownField } from './decode.ts'
import { type Field, ProtoReader } from './proto-reader.ts'

export interface DecodedEntry {
  /** ns since 1970. */
  tsNs: bigint
  line: string
  /** Structured metadata. */
  readonly metadata: DecodedLabel[]
}

export interface DecodedStream {
  labels: string
  readonly entries: DecodedEntry[]
  readonly unknown: UnknownField[]
}

export interface DecodedLokiPush {
  readonly streams: DecodedStream[]
  readonly unknown: UnknownField[]
  /** Strings that are not UTF-8. */
  readonly badUtf8: number
  /** Timestamps whose nanoseconds are not within a second. */
  readonly badNanos: number
}

/** Reads an uncompressed `logproto.PushRequest`. Throws SluiceError BODY_CORRUPT. */
export function decodeLokiPush(bytes: Uint8Array): DecodedLokiPush {
  const streams: DecodedStream[] = []
  const unknown: UnknownField[] = []
  const reader = new ProtoReader(bytes)
  reader.fields('PushRequest', (field, skipped) => {
    if (field.number === 1) streams.push(readStream(reader.message(field, 'Stream')))
    else unknown.push({ number: field.number, raw: skipped() })
    return true
  })
  return { streams, unknown, ...reader.faults }
}

function readStream(reader: ProtoReader): DecodedStream {
  const stream: DecodedStream = { labels: '', entries: [], unknown: [] }
  reader.fields('Stream', (field, skipped) => {
    if (field.number === 1) stream.labels = reader.string(field, 'Stream.labels')
    else if (field.number === 2) stream.entries.push(readEntry(reader.message(field, 'Entry')))
    else if (field.number !== 3) stream.unknown.push({ number: field.number, raw: skipped() })
    else return false
    return true
  })
  return stream
}

function readEntry(reader: ProtoReader): DecodedEntry {
  const entry: DecodedEntry = { tsNs: 0n, line: '', metadata: [] }
  reader.fields('Entry', (field) => {
    if (field.number === 1) entry.tsNs = readTimestamp(reader.message(field, 'Entry.timestamp'))
    else if (field.number === 2) entry.line = reader.string(field, 'Entry.line')
    else if (field.number === 3) entry.metadata.push(readLabel(reader.message(field, 'Entry.structuredMetadata')))
    else return false
    return true
  })
  return entry
}

function readTimestamp(reader: ProtoReader): bigint {
  let seconds = 0
  let nanos = 0
  const read = (field: Field): boolean => {
    if (field.number === 1) seconds = reader.int64(field, 'Timestamp.seconds')
    else if (field.number === 2) nanos = reader.int64(field, 'Timestamp.nanos')
    else return false
    return true
  }
  reader.fields('Timestamp', read)
  if (nanos < 0 || nanos > 999_999_999) reader.faults.badNanos++
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
}
