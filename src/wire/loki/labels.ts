// Reads the labels of one stream, for people and for the rare path.

import type { Batch } from '../batch.ts'
import { type Label, mostLabels, watchedIndex } from '../codec.ts'
import { LabelReader } from './label-text.ts'

const reader = new LabelReader()
// A leading U+FEFF is part of a name or value: without it `route` would see another label than `scan` did.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Implements Codec.labels: as the label text has them, repeated names included; up to the fault in a malformed text. */
export function labels(batch: Batch, i: number): Label[] {
  const found: Label[] = []
  const seen = new Set<number>()
  reader.open(batch.bytes, batch.labelStart[i]!, batch.labelEnd[i]!)
  while (reader.next()) {
    const which = watchedIndex(batch.watch, reader.names, reader.nameAt, reader.nameEnd)
    if (found.length >= mostLabels && seen.has(which)) continue
    const name = decoder.decode(reader.names.subarray(reader.nameAt, reader.nameEnd))
    found.push([name, decoder.decode(reader.value())])
    seen.add(which)
  }
  return found
}
