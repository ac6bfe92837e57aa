import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeRequest } from '../../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../../test/oracle/codec.ts'
import { concat, lengthField, tag, varint } from '../../../test/oracle/encode.ts'
import { LabelSchema } from '../../../test/oracle/gen/prometheus_raw_pb.ts'
import { checkLaw } from '../../../test/oracle/law.ts'
import { decision, relabelled } from '../../../test/support/relabelled.ts'
import { type Label, watchLabels } from '../codec.ts'
import { Output, viewOf } from '../copy.ts'
import { remoteWrite1 } from './codec.ts'

const watch = watchLabels(['team'])
const text = new TextEncoder()
const schema = schemas.writeRequestRaw
const rawLabels = (labels: readonly Label[]) =>
  labels.map(([name, value]) => create(LabelSchema, { name: text.encode(name), value: text.encode(value) }))

test('other labels, and everything else as it was, whatever the encoding', () => {
  checkLaw(
    fc.tuple(writeRequest(), fc.array(decision, { minLength: 1, maxLength: 8 })),
    { runs: 400, least: 50 },
    ([body, chosen]) => {
      const { batch, decisions, result } = relabelled(remoteWrite1, body, (i) => chosen[i % chosen.length])
      if (decisions.every((one) => one === 'same')) {
        expect(result).toBe(batch)
        return false
      }
      expect(result.metadata.length).toBe(batch.metadata.length)
      const want = decode(schema, body)
      const got = decode(schema, result.bytes)
      if (want === undefined || got === undefined) return false
      want.timeseries = want.timeseries.flatMap((series, i) => {
        const decided = decisions[i]
        if (decided === undefined) return []
        if (decided !== 'same') series.labels = rawLabels(decided)
        return [series]
      })
      expect(Buffer.compare(encode(schema, got), encode(schema, want))).toBe(0)
      return true
    },
  )
})

test('labels are shown in one piece and, encoded again, as they were', () => {
  const labels: Label[] = [
    ['__name__', 'up'],
    ['team', 'v'.repeat(300)],
  ]
  const [first, second] = labels.map((one) => remoteWrite1.encodeLabels([one])) as [Uint8Array, Uint8Array]
  const sample = Uint8Array.of(0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 5)
  const unknown = lengthField(9, Uint8Array.of(1, 2))
  const check = (...fields: Uint8Array[]) => {
    const batch = remoteWrite1.scan(lengthField(1, concat(...fields)), watch)
    const rewriter = remoteWrite1.rewriter(batch, new Output())
    rewriter.locate(0)
    const shown = rewriter.bytes.slice(rewriter.start, rewriter.end)
    expect(Buffer.compare(shown, concat(first, second))).toBe(0)
    expect(rewriter.view.getUint8(rewriter.start)).toBe(0x0a)
    const other = remoteWrite1.encodeLabels([['a', 'b']])
    rewriter.relabel(other, viewOf(other), 0, other.length)
    const kept = fields.filter((field) => field !== first && field !== second)
    // The new labels take the place of the first.
    kept.splice(fields.indexOf(first), 0, other)
    expect(Buffer.compare(rewriter.finish().bytes, lengthField(1, concat(...kept)))).toBe(0)
  }
  check(first, second, sample)
  check(sample, first, second)
  check(unknown, first, second, sample, unknown)
  check(first, sample, second)
  check(first, unknown, sample, second, sample)
  check(unknown, first, sample, second, unknown)
  const padded = concat(tag(1, 2, 1), varint(2, 2), Uint8Array.of(0x0a, 0))
  const batch = remoteWrite1.scan(lengthField(1, padded), watch)
  const rewriter = remoteWrite1.rewriter(batch, new Output())
  rewriter.locate(0)
  expect(Buffer.compare(rewriter.bytes.subarray(rewriter.start, rewriter.end), padded)).toBe(0)
})

test('a series without labels gets some, in front', () => {
  const sample = Uint8Array.of(0x12, 0)
  const { result } = relabelled(remoteWrite1, lengthField(1, sample), () => [['a', 'b']])
  expect(Buffer.compare(result.bytes, lengthField(1, concat(remoteWrite1.encodeLabels([['a', 'b']]), sample)))).toBe(0)
  expect(remoteWrite1.labels(result, 0)).toEqual([['a', 'b']])
})

test('one output serves one body after another, however much they grow', () => {
  const output = new Output()
  const wide = remoteWrite1.encodeLabels([['a', 'v'.repeat(100_000)]])
  for (const count of [1, 50, 3]) {
    const body = concat(...Array.from({ length: count }, () => lengthField(1, Uint8Array.of(0x12, 0))))
    const batch = remoteWrite1.scan(body, watch)
    const rewriter = remoteWrite1.rewriter(batch, output)
    for (let i = 0; i < count; i++) {
      rewriter.locate(i)
      rewriter.relabel(wide, viewOf(wide), 0, wide.length)
    }
    const one = lengthField(1, concat(wide, Uint8Array.of(0x12, 0)))
    expect(Buffer.compare(rewriter.finish().bytes, concat(...Array.from({ length: count }, () => one)))).toBe(0)
  }
})
