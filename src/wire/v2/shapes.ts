// What each message inside a remote write 2 request must look like (io/prometheus/write/v2/types.proto), for proving
// only. References are proved where the symbols are known (scan.ts, refs.ts).

import { type Shape, shape } from '../protobuf.ts'
import { histogram as histogram1 } from '../v1/shapes.ts'

/** Tags of a request's known fields. */
export const SYMBOLS = 0x22
export const SERIES = 0x2a

/** Tags of a series' known fields. */
export const LABELS = 0x0a
export const SAMPLES = 0x12
export const HISTOGRAMS = 0x1a
export const EXEMPLARS = 0x22
export const METADATA = 0x2a
/** A label reference that is not packed; in exemplars too. */
export const ONE_LABEL = 0x08

/** Tags of a series' metadata: its type, and the references. */
export const TYPE = 0x08
export const HELP = 0x18
export const UNIT = 0x20

/** 3: the start timestamp. */
export const sample: Shape = shape('Sample', { 1: 'double', 2: 'varint', 3: 'varint' })
/** Remote write 1's, and 17: the start timestamp. */
export const histogram: Shape = { name: 'Histogram', fields: new Map([...histogram1.fields, [17, 'varint']]) }
export const exemplar: Shape = shape('Exemplar', { 1: 'varints', 2: 'double', 3: 'varint' })
export const metadata: Shape = shape('Metadata', { 1: 'varint', 3: 'varint', 4: 'varint' })
/** Before 2.0-rc.4 field 6 was the start timestamp of all samples; unknown now, it travels as it came. */
export const timeSeries: Shape = shape('TimeSeries', {
  1: 'varints',
  2: sample,
  3: histogram,
  4: exemplar,
  5: metadata,
})
export const request: Shape = shape('Request', { 4: 'bytes', 5: timeSeries })

/** A request with more malformed series is refused whole: a text for each would cost more memory than the request. */
export const mostFaults = 10_000
