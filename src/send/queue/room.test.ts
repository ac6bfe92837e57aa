import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Room } from './room.ts'

const held = (room: Room): Buffer => Buffer.concat(room.pieces())

test('it holds what was put into it, one behind the other, however it is cut; others are left alone', () => {
  const size = fc.oneof(fc.nat(3000), fc.constantFrom(0, 1023, 1024, 1025, 16_384, 17_408, 50_000))
  fc.assert(
    fc.property(fc.array(fc.array(size, { maxLength: 6 }), { maxLength: 5 }), (batches) => {
      let next = 0
      const expected: { room: Room; bytes: Buffer }[] = []
      for (const sizes of batches) {
        const room = new Room()
        const parts = sizes.map((length) => Buffer.alloc(length, ++next))
        for (const part of parts) room.append(part)
        expected.push({ room, bytes: Buffer.concat(parts) })
      }
      for (const { room, bytes } of expected) expect(held(room).equals(bytes)).toBe(true)
      for (const { room } of expected) room.clear()
      for (const { room } of expected) expect(room.pieces()).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('memory is used again, by any size of part', () => {
  const first = new Room()
  first.append(new Uint8Array(100_000))
  const buffers = first.pieces().map(({ buffer }) => buffer)
  first.clear()
  const second = new Room()
  second.append(new Uint8Array(1000))
  second.append(new Uint8Array(30_000))
  for (const { buffer } of second.pieces()) expect(buffers).toContain(buffer)
  second.append(Buffer.from('more'))
  expect(held(second).subarray(31_000)).toEqual(Buffer.from('more'))
  second.clear()
})

test('what is kept has a bound', () => {
  const taken = new Room()
  taken.append(new Uint8Array(32 << 20))
  const buffers = new Set(taken.pieces().map(({ buffer }) => buffer))
  taken.clear()
  const again = new Room()
  again.append(new Uint8Array(32 << 20))
  const used = again.pieces().filter(({ buffer }) => buffers.has(buffer)).length
  again.clear()
  expect(used).toBe(1 + (14 << 20) / (16 << 10))
})
