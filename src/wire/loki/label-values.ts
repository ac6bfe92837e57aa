// Reads the values of a few named labels of one stream, and the hash of its label text. Expects what a scan has proved.

import type { Batch } from '../batch.ts'
import { viewOf } from '../copy.ts'
import { hashBytes, plainSeeds } from '../label-hash.ts'
import { LabelValues, latin1 } from '../label-values.ts'
import { LabelReader } from './label-text.ts'

const reader = new LabelReader()
const values = new LabelValues()

/** Implements Codec.labelValues. */
export function labelValues(batch: Batch, i: number, names: readonly Uint8Array[]): string {
  values.begin(names.length)
  reader.open(batch.bytes, batch.labelStart[i]!, batch.labelEnd[i]!)
  while (reader.next()) {
    const name = Buffer.from(reader.names.buffer, reader.names.byteOffset, reader.names.length)
    const which = names.findIndex((wanted) => name.subarray(reader.nameAt, reader.nameEnd).equals(wanted))
    if (which < 0) continue
    const value = reader.value()
    values.add(which, latin1.call(value, 0, value.length))
  }
  return values.text()
}

/** Implements Codec.labelHash. */
export function labelHash(batch: Batch, i: number): number {
  return hashBytes(viewOf(batch.bytes), batch.labelStart[i]!, batch.labelEnd[i]!, plainSeeds)
}
