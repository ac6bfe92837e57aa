// A batch is its bytes and a table; however the table was made, it is the one that a scan of the bytes makes.

import { expect } from 'vitest'
import type { Batch } from '../../src/wire/batch.ts'

/** Fails where any column or range of the batch is another than a scan's. For protocols without symbols. */
export function checkTable(batch: Batch): void {
  const { codec, watch, bytes, values, ...table } = batch
  const scanned = codec.scan(bytes.slice(), watch)
  expect(table).toEqual({ ...scanned, codec: undefined, watch: undefined, bytes: undefined, values: undefined })
  expect(values).toBe(bytes)
}
