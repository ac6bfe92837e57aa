import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tenantLabels, writeRequest } from '../../../test/oracle/arbitrary/write-request.ts'
import { concat, lengthField } from '../../../test/oracle/encode.ts'
import { checkTable } from '../../../test/oracle/table.ts'
import type { Batch } from '../batch.ts'
import { LABEL_MARKS, type Label, watchLabels } from '../codec.ts'
import { Output, viewOf } from '../copy.ts'
import { Stamp } from '../stamp.ts'
import { remoteWrite1 } from './codec.ts'
import { keepLabels } from './marks.ts'

// The law of rewriting without a second look: the table of what was written is what a scan of it makes, whatever the
// encoding of what came, whatever names are watched, and whether labels came with marks or without.

const watches = [[], ['team'], ['__tenant_id__'], ['__name__', 'a'], [...tenantLabels, 'job']].map((names) =>
  watchLabels(names),
)
const watched = fc.constantFrom(...watches)

/** What a series becomes: new labels, those of a series (by its number, in whatever encoding they have), itself, or nothing. */
type Decision = readonly Label[] | number | 'same' | undefined

const label: fc.Arbitrary<Label> = fc.tuple(
  fc.constantFrom('', 'a', '__name__', ...tenantLabels, ...tenantLabels, 'x'.repeat(127), 'ünï'),
  fc.constantFrom('', 'a', 'b', 'v'.repeat(400)),
)
const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.constant('same' as const),
  fc.constant(undefined),
  fc.nat(7),
  fc.array(label, { maxLength: 5 }),
)

const shownLabels = (batch: Batch, i: number): Uint8Array => {
  const rewriter = remoteWrite1.rewriter(batch, new Output())
  rewriter.locate(i)
  return rewriter.bytes.slice(rewriter.start, rewriter.end)
}

test('the table of a rewritten body is what a scan of it makes', () => {
  let changed = 0
  const decisions = fc.array(fc.tuple(decision, fc.boolean()), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(writeRequest(), watched, decisions, (body, watch, decided) => {
      const batch = remoteWrite1.scan(body, watch)
      const rewriter = remoteWrite1.rewriter(batch, new Output())
      for (let i = 0; i < batch.count; i++) {
        const [what, isMarked] = decided[i % decided.length]!
        rewriter.locate(i)
        if (what === 'same') rewriter.keep()
        else if (what !== undefined) {
          const own =
            typeof what === 'number' ? shownLabels(batch, what % batch.count) : remoteWrite1.encodeLabels(what)
          // They lie anywhere in memory, and so do marks.
          const marks = new Int32Array(LABEL_MARKS + 2).fill(77)
          const kept = isMarked ? keepLabels(own, rewriter, watch, marks.subarray(1)) : own
          const labels = concat(Uint8Array.of(0x0a, 1, 2), kept, Uint8Array.of(4))
          const end = 3 + kept.length
          const before = rewriter.end - rewriter.start
          const grown = rewriter.relabel(labels, viewOf(labels), 3, end, isMarked ? marks : undefined, 1)
          expect([grown, marks[0], marks.at(-1)]).toEqual([own.length - before, 77, 77])
        }
      }
      const result = rewriter.finish()
      if (result !== batch) changed++
      checkTable(result)
    }),
    { numRuns: 1000 },
  )
  expect(changed).toBeGreaterThan(500)
})

test('and so it is where a label is stamped on series, or taken off', () => {
  const stamp = new Stamp()
  fc.assert(
    fc.property(writeRequest(), watched, fc.constantFrom(undefined, '', 'a'), (body, watch, value) => {
      checkTable(stamp.apply(remoteWrite1.scan(body, watch), value))
    }),
    { numRuns: 500 },
  )
})

test('metadata and unknown fields that lay apart', () => {
  const unknown = lengthField(9, Uint8Array.of(1, 2))
  const metadata = lengthField(3, lengthField(2, Uint8Array.of(0x75)))
  const one = lengthField(1, concat(remoteWrite1.encodeLabels([['team', 'a']]), lengthField(2, Uint8Array.of())))
  const batch = remoteWrite1.scan(concat(unknown, one, metadata, unknown, one, one, metadata, unknown), watches[1]!)
  const rewriter = remoteWrite1.rewriter(batch, new Output())
  for (const i of [1, 2]) {
    rewriter.locate(i)
    rewriter.keep()
  }
  const result = rewriter.finish()
  expect([result.count, result.metadata.length, result.unknown.length]).toEqual([2, 2, 1])
  checkTable(result)
})

test('more series than the table has rows at first', () => {
  const one = lengthField(1, concat(remoteWrite1.encodeLabels([['team', 'a']]), lengthField(2, Uint8Array.of())))
  const batch = remoteWrite1.scan(concat(...Array.from({ length: 10_000 }, () => one)), watches[1]!)
  const rewriter = remoteWrite1.rewriter(batch, new Output())
  const other = remoteWrite1.encodeLabels([['team', 'bb']])
  for (let i = 0; i < batch.count; i++) {
    rewriter.locate(i)
    if (i % 3 === 0) rewriter.keep()
    if (i % 3 === 1) rewriter.relabel(other, viewOf(other), 0, other.length)
  }
  const result = rewriter.finish()
  expect(result.count).toBe(6667)
  checkTable(result)
})
