// Reads the values of a few named labels of one series, and the hash of them all. Expects what a scan has proved.

import type { Batch } from '../batch.ts'
import { Writer } from '../convert/writer.ts'
import { hashBytes, plainSeeds } from '../label-hash.ts'
import { LabelValues, latin1 } from '../label-values.ts'
import { isAt } from '../same-bytes.ts'
import { LabelReader } from './label-reader.ts'

const reader = new LabelReader()
const values = new LabelValues()
const labels = new Writer()

/** Implements Codec.labelValues. */
export function labelValues(batch: Batch, i: number, names: readonly Uint8Array[]): string {
  const { bytes } = batch
  const symbols = batch.symbols!
  values.begin(names.length)
  reader.open(batch, i)
  while (reader.next()) {
    const size = symbols.size[reader.name]!
    const at = symbols.start[reader.name]!
    const which = names.findIndex((wanted) => wanted.length === size && isAt(bytes, at, wanted))
    const valueAt = symbols.start[reader.value]!
    if (which >= 0) values.add(which, latin1.call(bytes, valueAt, valueAt + symbols.size[reader.value]!))
  }
  return values.text()
}

/**
 * Implements Codec.labelHash: of the labels as remote write 1 usually encodes them, so that a series stays in its lane
 * when its sender, or its symbols' numbers, change.
 */
export function labelHash(batch: Batch, i: number): number {
  const { bytes } = batch
  const { start, size, view } = batch.symbols!
  labels.begin()
  reader.open(batch, i)
  while (reader.next()) {
    const { name, value } = reader
    const nameAt = start[name]!
    const valueAt = start[value]!
    labels.pair(0x0a, bytes, view, nameAt, nameAt + size[name]!, valueAt, valueAt + size[value]!)
  }
  return labels.at === 0 ? 0 : hashBytes(labels.view, 0, labels.at, plainSeeds)
}
