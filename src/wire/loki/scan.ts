// Finds the streams of an uncompressed Loki push and proves the whole body well formed. Entries are stepped over,
// never decoded; of a stream only its label text is read. A bad label text makes its stream faulty, not the push.

import { SluiceError } from '../../errors.ts'
import { addRange, type Batch, flag, NONE, type Range } from '../batch.ts'
import { type Codec, ITEMS_PER_RANGE, type Watch, watchedIndex } from '../codec.ts'
import { corrupt, cursor, LENGTH, readTag, skipValue, VARINT, wrongType } from '../protobuf.ts'
import { proveEntry } from './entry.ts'
import { LabelReader } from './label-text.ts'
import { unquote } from './quoted.ts'
import { ENTRIES, FAULT, HASH, LABELS, mostFaults, pushRequest, stream } from './shapes.ts'

const reader = new LabelReader()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const longestFault = 300

/** What the scan of one body fills; the columns are Batch's. */
interface Columns {
  readonly start: Uint32Array
  readonly end: Uint32Array
  readonly which: Int16Array
  readonly valueStart: Uint32Array
  readonly valueEnd: Uint32Array
  readonly labelStart: Uint32Array
  readonly labelEnd: Uint32Array
  readonly samples: Uint32Array
  readonly flags: Uint8Array
  /** Rows whose value holds escapes, in order. */
  readonly escaped: number[]
  readonly faults: Map<number, string>
}

// How often each watched name occurred in the stream at hand.
let occurrences = new Uint32Array(8)

/** Implements Codec.scan for Loki. Unknown top-level fields, and `format`, are located as unknown. */
export function scan(bytes: Uint8Array, watch: Watch, maxItems: number, codec: Codec): Batch {
  if (occurrences.length < watch.bytes.length) occurrences = new Uint32Array(watch.bytes.length * 2)
  const unknown: Range[] = []
  const count = locate(bytes, unknown, maxItems)
  const columns: Columns = {
    start: new Uint32Array(count),
    end: new Uint32Array(count),
    which: new Int16Array(count),
    valueStart: new Uint32Array(count),
    valueEnd: new Uint32Array(count),
    labelStart: new Uint32Array(count),
    labelEnd: new Uint32Array(count),
    samples: new Uint32Array(count),
    flags: new Uint8Array(count),
    escaped: [],
    faults: new Map(),
  }
  let i = 0
  for (let p = 0; p < bytes.length; ) {
    const tag = readTag(bytes, p, bytes.length)
    const next = skipValue(bytes, cursor.at, bytes.length, tag)
    if (Math.floor(tag / 8) === 1) {
      columns.start[i] = p
      columns.end[i] = next
      scanStream(bytes, cursor.at, next, watch, columns, i++)
    }
    p = next
  }
  const noNames = new Uint32Array(count)
  return {
    codec,
    watch,
    bytes,
    count,
    ...columns,
    values: columns.escaped.length === 0 ? bytes : gatherValues(bytes, columns),
    nameStart: noNames,
    nameEnd: noNames,
    metadata: [],
    unknown,
  }
}

/** Counts the streams and locates every other top-level field. */
function locate(bytes: Uint8Array, unknown: Range[], maxItems: number): number {
  let count = 0
  for (let p = 0; p < bytes.length; ) {
    const tag = readTag(bytes, p, bytes.length)
    const next = skipValue(bytes, cursor.at, bytes.length, tag)
    const field = Math.floor(tag / 8)
    if (pushRequest.fields.has(field) && tag % 8 !== LENGTH) throw wrongType(pushRequest, tag, p)
    if (field === 1) count++
    else addRange(unknown, p, next)
    if (count + unknown.length * ITEMS_PER_RANGE > maxItems) {
      throw new SluiceError('DECOMPRESSED_TOO_LARGE', `the body holds more than ${maxItems} streams or other fields`)
    }
    p = next
  }
  return count
}

/** Scans one stream's fields in `bytes[at … end)` into row `i`. */
function scanStream(bytes: Uint8Array, at: number, end: number, watch: Watch, columns: Columns, i: number): void {
  let textAt = at
  let textEnd = at
  let entries = 0
  let fault: string | undefined
  for (let p = at; p < end; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, end)
    const field = Math.floor(tag / 8)
    if (field === HASH ? tag % 8 !== VARINT : stream.fields.has(field) && tag % 8 !== LENGTH) {
      throw wrongType(stream, tag, fieldAt)
    }
    p = skipValue(bytes, cursor.at, end, tag)
    // For a field with a length: where its content begins.
    const inner = cursor.at
    if (field === ENTRIES) {
      entries++
      if (!proveEntry(bytes, inner, p)) fault ??= `entry ${entries}: a timestamp that does not exist (byte ${inner})`
    } else if (field === LABELS) {
      textAt = inner
      textEnd = p
    } else if (field === FAULT) {
      fault ??= decoder.decode(bytes.subarray(inner, Math.min(p, inner + longestFault)))
    }
  }
  columns.samples[i] = entries
  columns.labelStart[i] = textAt
  columns.labelEnd[i] = textEnd
  if (textAt === textEnd) {
    columns.which[i] = NONE
  } else {
    findTenant(bytes, watch, columns, i)
    fault ??= reader.fault
  }
  if (fault === undefined) return
  columns.which[i] = NONE
  columns.valueStart[i] = columns.valueEnd[i] = 0
  columns.flags[i] = flag.faulty
  columns.faults.set(i, fault)
  if (columns.faults.size > mostFaults) {
    throw corrupt(`over ${mostFaults} streams are malformed; the last: ${fault}`, columns.start[i]!)
  }
}

/** Reads row `i`'s label text for the watched names. A malformed text leaves `reader.fault`. */
function findTenant(bytes: Uint8Array, watch: Watch, columns: Columns, i: number): void {
  const watched = watch.bytes
  const occurred = occurrences.fill(0)
  let best = watched.length
  let escaped = false
  let labels = 0
  reader.open(bytes, columns.labelStart[i]!, columns.labelEnd[i]!)
  columns.which[i] = NONE
  while (reader.next()) {
    labels++
    const k = watchedIndex(watch, reader.names, reader.nameAt, reader.nameEnd)
    if (k < 0 || occurred[k]!++ > 0 || k >= best || k >= watch.names.length || reader.valueEnd === reader.valueAt) {
      continue
    }
    best = k
    columns.which[i] = k
    columns.valueStart[i] = reader.valueAt
    columns.valueEnd[i] = reader.valueEnd
    escaped = reader.valueEscaped
  }
  if (reader.fault !== undefined) return
  if (escaped) columns.escaped.push(i)
  const reserved = occurred[watch.reserved]!
  const winning = best < watched.length ? occurred[best]! : 0
  const both = best === watch.reserved ? winning : winning + reserved
  let bits = 0
  if (winning > 1) bits |= flag.repeated
  if (reserved > 0) bits |= flag.reserved
  if (both > 0 && both === labels) bits |= flag.bare
  if (reserved > 0 && reserved === labels) bits |= flag.reservedOnly
  columns.flags[i] = bits
}

/** Moves every winner's value into one buffer of its own, since some of them lie nowhere in the body. */
function gatherValues(bytes: Uint8Array, columns: Columns): Uint8Array {
  const { valueStart, valueEnd, escaped } = columns
  let size = 0
  for (let i = 0; i < valueStart.length; i++) size += valueEnd[i]! - valueStart[i]!
  const values = new Uint8Array(size)
  let at = 0
  let next = 0
  for (let i = 0; i < valueStart.length; i++) {
    const start = valueStart[i]!
    const end = valueEnd[i]!
    const isEscaped = escaped[next] === i
    if (isEscaped) next++
    const value = isEscaped ? unquote(bytes, start, end, bytes[start - 1]!) : bytes.subarray(start, end)
    values.set(value, at)
    valueStart[i] = at
    valueEnd[i] = at += value.length
  }
  return values
}
