// fast-check generators of protobuf fields in every legal encoding: usual most of the time, odd often enough.

import fc from 'fast-check'
import { concat, fixed32Field, fixed64Field, group, lengthField, tag, varint } from '../encode.ts'

export type Bytes = fc.Arbitrary<Uint8Array>

/** Bytes by which a varint is longer than it has to be. */
const padding = fc.oneof(
  { weight: 14, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
)

/** Mostly `usual`; one in `rarity` times `odd`. */
export function rarely<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, rarity = 12): fc.Arbitrary<T> {
  return fc.oneof({ weight: rarity - 1, arbitrary: usual }, { weight: 1, arbitrary: odd })
}

export const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
)

/** Timestamps in ms, usual and hostile, as the 64 bits that int64 has on the wire. */
export const timestamp = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 1_600_000_000_000n, max: 1_900_000_000_000n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n) },
)

/** The 64 bits of a double: usual numbers, zeros, infinities, NaNs with payloads, the stale marker. */
export const doubleBits = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(
    0n,
    0x8000000000000000n,
    0x3ff0000000000000n,
    0x7ff0000000000002n,
    0x7ff8000000000001n,
    0x7ff0000000000000n,
    0xfff4000000000003n,
  ),
)

export const varintOf = (value: fc.Arbitrary<bigint>): Bytes =>
  fc.tuple(value, padding).map(([v, pad]) => varint(v, pad))

export const varintFieldOf = (number: number, value: fc.Arbitrary<bigint>): Bytes =>
  fc.tuple(varintOf(value), padding).map(([v, pad]) => concat(tag(number, 0, pad), v))

export const doubleFieldOf = (number: number): Bytes => doubleBits.map((bits) => fixed64Field(number, bits))

export const lengthFieldOf = (number: number, content: Bytes): Bytes =>
  fc.tuple(content, padding, padding).map(([bytes, pad, lengthPad]) => lengthField(number, bytes, pad, lengthPad))

/** A repeated number, packed, unpacked, or both; `one` is an element without its tag. */
export const repeatedOf = (number: number, type: 0 | 1, one: Bytes): Bytes =>
  fc
    .array(fc.tuple(fc.array(one, { maxLength: 3 }), fc.boolean()), { maxLength: 2 })
    .map((runs) =>
      concat(
        ...runs.map(([elements, packed]) =>
          packed
            ? lengthField(number, concat(...elements))
            : concat(...elements.map((e) => concat(tag(number, type), e))),
        ),
      ),
    )

/** Fields one after the other, now and then in another order. */
export const message = (fields: fc.Arbitrary<readonly Uint8Array[]>): Bytes =>
  fields.chain((list) =>
    rarely(
      fc.constant(concat(...list)),
      fc.shuffledSubarray([...list], { minLength: list.length }).map((mixed) => concat(...mixed)),
    ),
  )

/** A field that a schema with these known numbers does not have: any wire type, groups too. */
export const unknownField = (known: readonly number[]): Bytes =>
  fc
    .tuple(
      fc.constantFrom(2, 3, 6, 15, 16, 17, 99, 1000, 18_999, 2 ** 29 - 1).filter((number) => !known.includes(number)),
      fc.constantFrom(0, 1, 2, 3, 5),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.uint8Array({ maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      padding,
    )
    .map(([number, type, bits, bytes, depth, pad]) => {
      if (type === 0) return concat(tag(number, 0, pad), varint(bits, pad))
      if (type === 1) return fixed64Field(number, bits)
      if (type === 2) return lengthField(number, bytes, pad, pad)
      if (type === 5) return fixed32Field(number, Number(bits & 0xffff_ffffn))
      return group(number, depth, lengthField(1, bytes))
    })

/** No unknown field most of the time. */
export const maybeUnknown = (known: readonly number[]): fc.Arbitrary<Uint8Array[]> =>
  rarely(fc.constant<Uint8Array[]>([]), fc.array(unknownField(known), { minLength: 1, maxLength: 2 }))
