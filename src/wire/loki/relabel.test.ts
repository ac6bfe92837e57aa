import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pushRequest } from '../../../test/oracle/arbitrary/push-request.ts'
import { decode, encode, schemas } from '../../../test/oracle/codec.ts'
import { flag } from '../batch.ts'
import { type Label, watchLabels } from '../codec.ts'
import { Output, viewOf } from '../copy.ts'
import { lokiPush } from './codec.ts'

const watch = watchLabels(['team'])
const schema = schemas.pushRequestRaw
const textOf = (labels: readonly Label[]) => Buffer.from(lokiPush.encodeLabels(labels)).toString()

test('labels are written as Loki reads them', () => {
  const check = (labels: Label[], want: string) => expect(textOf(labels)).toBe(want)
  check([], '{}')
  check(
    [
      ['app', 'web'],
      ['zone', 'a b'],
    ],
    '{app="web", zone="a b"}',
  )
  check([['a', 'x"y\\z\n\0\x7f']], '{a="x\\"y\\\\z\\u000a\\u0000\\u007f"}')
  check([['a', 'té😀']], '{a="té😀"}')
  check([['a', '\ufffd']], '{a="\\ufffd"}')
  check(
    [
      ['a.b', '1'],
      ['0a', '2'],
      ['', '3'],
    ],
    '{"a.b"="1", "0a"="2", ""="3"}',
  )
})

test('what is written is read as the same labels', () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('', 'a', '"', '\\', '\n', '`', '\ufffd', '#', '}'),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(part, part), { maxLength: 5 }), (labels) => {
      const body = relabelled(Uint8Array.of(0x0a, 0), () => labels).result
      expect(body.faults.size).toBe(0)
      expect(lokiPush.labels(body, 0)).toEqual(labels)
    }),
    { numRuns: 250 },
  )
})

type Decision = readonly Label[] | 'same' | undefined

const relabelled = (body: Uint8Array, decide: (i: number) => Decision) => {
  const batch = lokiPush.scan(body, watch)
  const rewriter = lokiPush.rewriter(batch, new Output())
  const decisions = Array.from({ length: batch.count }, (_, i) => (batch.flags[i]! & flag.faulty ? 'same' : decide(i)))
  for (const [i, decision] of decisions.entries()) {
    rewriter.locate(i)
    if (decision === 'same') rewriter.keep()
    else if (decision !== undefined) {
      const labels = lokiPush.encodeLabels(decision)
      rewriter.relabel(labels, viewOf(labels), 0, labels.length)
    }
  }
  return { batch, decisions, result: rewriter.finish() }
}

test('other labels without the hash of the old ones, and everything else as it was', () => {
  let compared = 0
  const decision: fc.Arbitrary<Decision> = fc.oneof(
    fc.constant('same' as const),
    fc.constant(undefined),
    fc.constantFrom<Label[]>([['team', 'a']], [['x', 'v'.repeat(400)]], []),
  )
  fc.assert(
    fc.property(pushRequest(), fc.array(decision, { minLength: 1, maxLength: 6 }), (body, chosen) => {
      const { batch, decisions, result } = relabelled(body, (i) => chosen[i % chosen.length])
      if (decisions.every((one) => one === 'same')) {
        expect(result).toBe(batch)
        return
      }
      const want = decode(schema, body)
      const got = decode(schema, result.bytes)
      if (want === undefined || got === undefined) return
      want.streams = want.streams.flatMap((stream, i) => {
        const decided = decisions[i]
        if (decided === undefined) return []
        if (decided !== 'same') {
          stream.labels = lokiPush.encodeLabels(decided)
          stream.hash = 0n
        }
        return [stream]
      })
      compared++
      expect(Buffer.compare(encode(schema, got), encode(schema, want))).toBe(0)
    }),
    { numRuns: 250 },
  )
  expect(compared).toBeGreaterThan(50)
})
