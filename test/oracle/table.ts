// A batch is its bytes and a table; however the table was made, it is the one that a scan of the bytes makes.

import { expect } from 'vitest'
import type { Batch } from '../../src/wire/batch.ts'
import type { LeanBatch } from '../../src/wire/v1/lean-batch.ts'

/** Fails where any column or range of the batch is another than a scan's. For protocols without symbols. */
export function checkTable(batch: Batch): void {
  if (batch.lean !== undefined) {
    checkLean(batch, batch.lean)
    return
  }
  const { codec, watch, bytes, values, ...table } = batch
  const scanned = codec.scan(bytes.slice(), watch)
  expect(table).toEqual({ ...scanned, codec: undefined, watch: undefined, bytes: undefined, values: undefined })
  expect(values).toBe(bytes)
}

/** The batch says of tenants what its whole body says, and its lean form goes on as the whole does. */
function checkLean(batch: Batch, lean: Batch): void {
  checkTable(lean)
  const { codec, watch } = batch
  const whole = codec.scan(batch.bytes.slice(), watch)
  checkTable((batch as LeanBatch).whole)
  const { count, which, samples, flags, faults, start, end, labelStart, labelEnd, nameStart, nameEnd } = batch
  const columns = { count, which, samples, flags, faults, start, end, labelStart, labelEnd, nameStart, nameEnd }
  expect({ ...columns, metadata: batch.metadata, unknown: batch.unknown }).toMatchObject({
    ...columnsOf(whole),
    metadata: whole.metadata,
    unknown: whole.unknown,
  })
  const valuesOf = (of: Batch) =>
    Array.from({ length: count }, (_, i) => Buffer.from(of.values.subarray(of.valueStart[i], of.valueEnd[i])))
  expect(valuesOf(batch)).toEqual(valuesOf(whole))
  for (const names of [['job', '__name__'], ['__tenant_id__']]) {
    const named = names.map((name) => Buffer.from(name))
    for (let i = 0; i < count; i++) expect(codec.labelValues(batch, i, named)).toBe(codec.labelValues(whole, i, named))
  }
  for (let i = 0; i < count; i++) expect(codec.labels(batch, i)).toEqual(codec.labels(whole, i))
  const indexes = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => i % 3 !== 1)
  for (const watched of [watch, { ...watch, namesReserved: false }]) {
    const other = watched === watch ? batch : (batch as LeanBatch).watchedBy(watched)
    for (const removes of [true, false]) {
      const gathered = (of: Batch) =>
        Buffer.from(codec.gather({ ...of, watch: watched }, indexes, indexes.length, removes))
      expect(Buffer.compare(gathered(whole), Buffer.from(codec.gather(other, indexes, indexes.length, removes)))).toBe(
        0,
      )
    }
  }
}

const columnsOf = ({
  count,
  which,
  samples,
  flags,
  faults,
  start,
  end,
  labelStart,
  labelEnd,
  nameStart,
  nameEnd,
}: Batch) => {
  return { count, which, samples, flags, faults, start, end, labelStart, labelEnd, nameStart, nameEnd }
}
