// MetricMetadata records of a remote write 1 request: whose family each is.

import type { Batch, Range } from '../batch.ts'
import { fieldOf } from './labels.ts'

const decoder = new TextDecoder()
const familyName = 2

/** One record: its family, and its bytes as they came, tag and length included. */
export interface MetadataRecord {
  readonly family: string
  readonly bytes: Uint8Array
}

export function metadataRecords(batch: Batch): MetadataRecord[] {
  return batch.metadata.map(({ start, end }: Range) => ({
    family: decoder.decode(fieldOf(batch.bytes, start, end, familyName)),
    bytes: batch.bytes.subarray(start, end),
  }))
}
