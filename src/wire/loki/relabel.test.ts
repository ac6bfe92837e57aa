import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pushRequest } from '../../../test/oracle/arbitrary/push-request.ts'
import { decode, encode, schemas } from '../../../test/oracle/codec.ts'
import { checkLaw } from '../../../test/oracle/law.ts'
import { decision, relabelled } from '../../../test/support/relabelled.ts'
import type { Label } from '../codec.ts'
import { lokiPush } from './codec.ts'

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
      const body = relabelled(lokiPush, Uint8Array.of(0x0a, 0), () => labels).result
      expect(body.faults.size).toBe(0)
      expect(lokiPush.labels(body, 0)).toEqual(labels)
    }),
    { numRuns: 250 },
  )
})

test('other labels without the hash of the old ones, and everything else as it was', () => {
  checkLaw(
    fc.tuple(pushRequest(), fc.array(decision, { minLength: 1, maxLength: 6 })),
    { runs: 250, least: 50 },
    ([body, chosen]) => {
      const { batch, decisions, result } = relabelled(lokiPush, body, (i) => chosen[i % chosen.length])
      if (decisions.every((one) => one === 'same')) {
        expect(result).toBe(batch)
        return false
      }
      const want = decode(schema, body)
      const got = decode(schema, result.bytes)
      if (want === undefined || got === undefined) return false
      want.streams = want.streams.flatMap((stream, i) => {
        const decided = decisions[i]
        if (decided === undefined) return []
        if (decided !== 'same') {
          stream.labels = lokiPush.encodeLabels(decided)
          stream.hash = 0n
        }
        return [stream]
      })
      expect(Buffer.compare(encode(schema, got), encode(schema, want))).toBe(0)
      return true
    },
  )
})
