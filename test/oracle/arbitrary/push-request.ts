// Generates Loki pushes that every codec must accept, in any legal encoding. Most label texts are plain ones that
// push-laws.ts can read; the rest are for Sluice alone to judge.

import fc from 'fast-check'
import { lengthField } from '../encode.ts'
import { type Bytes, lengthFieldOf, maybeUnknown, message, rarely, uint64, varintFieldOf } from './wire.ts'

const text = new TextEncoder()

const name = fc.constantFrom('app', 'job', '__tenant__', '__tenant__', 'team', '__tenant_id__', '__tenant')
const value = rarely(
  fc.constantFrom('a', 'b', 'team-1', 'web', ''),
  fc.constantFrom('..', 'a|b', 'té', 'v'.repeat(150), 'v'.repeat(151), 'v'.repeat(300)),
)

const plainText = fc
  .array(fc.tuple(name, value), { maxLength: 5 })
  .map((pairs) => `{${pairs.map(([label, text]) => `${label}="${text}"`).join(', ')}}`)

const oddText = fc.oneof(
  fc.constantFrom('', '{', '{}', '{a=b}', '{a="b"', '{a="b",}', '{__tenant__="\\x61"}', '{__tenant__=`a`}', '{a!="b"}'),
  fc.string({ maxLength: 12 }),
)

const labels: Bytes = rarely(plainText, oddText).map((labelText) => text.encode(labelText))

const seconds = rarely(
  fc.bigInt({ min: 1_600_000_000n, max: 1_900_000_000n }),
  fc.oneof(uint64, fc.constantFrom(253_402_300_799n, 253_402_300_800n, 2n ** 64n - 62_135_596_800n)),
)
const nanos = rarely(
  fc.bigInt({ min: 0n, max: 999_999_999n }),
  fc.constantFrom(1_000_000_000n, 2n ** 64n - 1n, 2n ** 32n + 1n),
)
const timestamp: Bytes = message(fc.tuple(varintFieldOf(1, seconds), varintFieldOf(2, nanos)))

const pair: Bytes = message(
  fc.tuple(lengthFieldOf(1, fc.constant(text.encode('trace'))), lengthFieldOf(2, fc.uint8Array({ maxLength: 8 }))),
)

const entry: Bytes = message(
  fc
    .tuple(
      lengthFieldOf(1, timestamp),
      lengthFieldOf(2, rarely(fc.constant(text.encode('hello')), fc.uint8Array({ maxLength: 40 }))),
      rarely(fc.constant<Uint8Array[]>([]), fc.array(lengthFieldOf(3, pair), { maxLength: 2 }), 3),
      rarely(fc.constant<Uint8Array[]>([]), fc.array(lengthFieldOf(4, pair), { maxLength: 2 })),
      maybeUnknown([1, 2, 3, 4]),
    )
    .map((fields) => fields.flat()),
)

const oneField = (field: Bytes): fc.Arbitrary<Uint8Array[]> => field.map((bytes) => [bytes])

const stream: Bytes = message(
  fc
    .tuple(
      rarely(oneField(lengthFieldOf(1, labels)), fc.array(lengthFieldOf(1, labels), { maxLength: 2 })),
      fc.array(lengthFieldOf(2, entry), { maxLength: 3 }),
      rarely(oneField(varintFieldOf(3, uint64)), fc.constant<Uint8Array[]>([]), 2),
      maybeUnknown([1, 2, 3]),
    )
    .map((fields) => fields.flat()),
)

/** Whole pushes of at most `maxStreams` streams. */
export const pushRequest = (maxStreams = 6): Bytes =>
  message(
    fc
      .tuple(
        fc.array(lengthFieldOf(1, stream), { maxLength: maxStreams }),
        rarely(fc.constant<Uint8Array[]>([]), fc.constant<Uint8Array[]>([lengthField(2, text.encode('otlp'))])),
        rarely(fc.constant<Uint8Array[]>([]), maybeUnknown([1, 2]), 3),
      )
      .map((fields) => fields.flat()),
  )
