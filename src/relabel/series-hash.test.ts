import fc from 'fast-check'
import { expect, test } from 'vitest'
import { viewOf } from '../wire/copy.ts'
import { equalBytes, seriesHash } from './series-hash.ts'

/** The same bytes somewhere else in memory. */
const placed = (bytes: Uint8Array, at: number): DataView => {
  const memory = new Uint8Array(at + bytes.length + 3).fill(0xaa)
  memory.set(bytes, at)
  return viewOf(memory)
}

const check = (one: Uint8Array, other: Uint8Array, a = 0, b = 0) => {
  const want = Buffer.compare(one, other) === 0
  expect(equalBytes(placed(one, a), a, placed(other, b), b, one.length)).toBe(want)
  if (want) {
    const hashes = [
      seriesHash(placed(one, a), a, a + one.length, 3),
      seriesHash(placed(other, b), b, b + one.length, 3),
    ]
    expect(hashes[0]).toBe(hashes[1])
  }
}

test('bytes are equal where each is, wherever they lie, and differ where one does', () => {
  const place = fc.nat(20)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), place, place, fc.nat(79), fc.nat(255), (bytes, a, b, at, value) => {
      check(bytes, bytes, a, b)
      const changed = bytes.slice()
      if (at < changed.length) changed[at] = value
      check(bytes, changed, a, b)
    }),
    { numRuns: 1000 },
  )
})

test('bytes that are equal or unequal as doubles, but not as bytes', () => {
  const doubles = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0x80],
    [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    [1, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    [1, 0, 0, 0, 0, 0, 0xf0, 0x7f],
    [255, 255, 255, 255, 255, 255, 255, 255],
    [1, 0, 0, 0, 0, 0, 0, 0],
    [97, 98, 99, 100, 101, 102, 103, 104],
  ]
  const pairs = doubles.flatMap((first) => doubles.map((second) => Uint8Array.of(...first, ...second)))
  for (const one of pairs) for (const other of pairs) check(one, other)
})
