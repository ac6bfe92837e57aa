// What each message inside a remote write 1 request must look like (prompb/types.proto), for proving only.

import { type Shape, shape } from '../protobuf.ts'

/** Tags of a request's series, and of a series' known fields. */
export const SERIES = 0x0a
export const LABEL = 0x0a
export const SAMPLE = 0x12
export const EXEMPLAR = 0x1a
export const HISTOGRAM = 0x22

export const label: Shape = shape('Label', { 1: 'bytes', 2: 'bytes' })
export const sample: Shape = shape('Sample', { 1: 'double', 2: 'varint' })
export const exemplar: Shape = shape('Exemplar', { 1: label, 2: 'double', 3: 'varint' })
const span = shape('BucketSpan', { 1: 'varint', 2: 'varint' })
export const histogram: Shape = shape('Histogram', {
  1: 'varint',
  2: 'double',
  3: 'double',
  4: 'varint',
  5: 'double',
  6: 'varint',
  7: 'double',
  8: span,
  9: 'varints',
  10: 'doubles',
  11: span,
  12: 'varints',
  13: 'doubles',
  14: 'varint',
  15: 'varint',
  16: 'doubles',
})
export const timeSeries: Shape = shape('TimeSeries', { 1: label, 2: sample, 3: exemplar, 4: histogram })
export const metadata: Shape = shape('MetricMetadata', { 1: 'varint', 2: 'bytes', 4: 'bytes', 5: 'bytes' })
export const writeRequest: Shape = shape('WriteRequest', { 1: timeSeries, 3: metadata })
