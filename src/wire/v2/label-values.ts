// Reads the values of a few named labels of one series, and the hash of them all. Expects what a scan has proved.

import type { Batch } from '../batch.ts'
import { hashByte, hashBytes, hashStart, hashVarint } from '../label-hash.ts'
import { LabelValues } from '../label-values.ts'
import { varintSize } from '../protobuf.ts'
import { LabelReader } from './label-reader.ts'
import { symbolOf } from './labels.ts'

const reader = new LabelReader()
const values = new LabelValues()

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
    if (which >= 0) values.add(which, symbolOf(bytes, symbols, reader.value))
  }
  return values.text()
}

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let k = 0; k < wanted.length; k++) if (bytes[at + k] !== wanted[k]) return false
  return true
}

/**
 * Implements Codec.labelHash: of the labels as remote write 1 usually encodes them, so that a series stays in its lane
 * when its sender, or its symbols' numbers, change.
 */
export function labelHash(batch: Batch, i: number): number {
  const { bytes } = batch
  const { start, size } = batch.symbols!
  let hash = hashStart
  reader.open(batch, i)
  while (reader.next()) {
    const { name, value } = reader
    const nameSize = size[name]!
    const valueSize = size[value]!
    hash = hashByte(hash, 0x0a)
    hash = hashVarint(hash, 2 + varintSize(nameSize) + nameSize + varintSize(valueSize) + valueSize)
    hash = hashVarint(hashByte(hash, 0x0a), nameSize)
    hash = hashBytes(hash, bytes, start[name]!, start[name]! + nameSize)
    hash = hashVarint(hashByte(hash, 0x12), valueSize)
    hash = hashBytes(hash, bytes, start[value]!, start[value]! + valueSize)
  }
  return hash
}
