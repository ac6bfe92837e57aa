// What each message inside a Loki push must look like (logproto's push.proto), for proving only.

import { type Shape, shape } from '../protobuf.ts'

/** Tags of a push's streams, of what they hold, of an entry's time and of its parts. */
export const streamTag = 0x0a
export const labelsTag = 0x0a
export const entryTag = 0x12
export const timestampTag = 0x0a
export const secondsTag = 0x08
export const nanosTag = 0x10

/** Field numbers of a stream. */
export const LABELS = 1
export const ENTRIES = 2
export const HASH = 3
/**
 * Why a stream that came as JSON is malformed: text that json.ts leaves for the scan, in a stream that is never sent.
 * Protobuf keeps the numbers from 19000 to 19999 to itself, so no schema can give it another meaning.
 */
export const FAULT = 19_000

/** A push with more faulty streams is refused whole: a text for each would cost more memory than the push. */
export const mostFaults = 10_000

const timestamp = shape('Timestamp', { 1: 'varint', 2: 'varint' })
const labelPair = shape('LabelPairAdapter', { 1: 'bytes', 2: 'bytes' })
export const entry: Shape = shape('EntryAdapter', { 1: timestamp, 2: 'bytes', 3: labelPair, 4: labelPair })
export const stream: Shape = shape('StreamAdapter', {
  [LABELS]: 'bytes',
  [ENTRIES]: entry,
  [HASH]: 'varint',
  [FAULT]: 'bytes',
})
/** Field 2 is the `format` that only Loki's own components set; it travels with the unknown fields. */
export const pushRequest: Shape = shape('PushRequest', { 1: stream, 2: 'bytes' })
