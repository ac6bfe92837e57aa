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

test('memory is used again, by parts of other sizes', () => {
  const first = new Room()
  first.append(new Uint8Array(33_600))
  const buffers = first.pieces().map(({ buffer }) => buffer)
  first.clear()
  const second = new Room()
  second.append(new Uint8Array(16_384))
  second.append(new Uint8Array(17_000))
  for (const { buffer } of second.pieces()) expect(buffers).toContain(buffer)
  second.append(Buffer.from('more'))
  expect(held(second).subarray(33_384)).toEqual(Buffer.from('more'))
  second.clear()
})

const taken = (length: number, count: number): Room[] =>
  Array.from({ length: count }, () => {
    const room = new Room()
    room.append(new Uint8Array(length))
    return room
  })

test('what is kept has a bound; what was wanted once makes way', () => {
  const usedAgain = (length: number, count: number): number => {
    const rooms = taken(length, count)
    const buffers = new Set(rooms.flatMap((room) => room.pieces().map(({ buffer }) => buffer)))
    for (const room of rooms) room.clear()
    const again = taken(length, count)
    const used = again.filter((room) => room.pieces().some(({ buffer }) => buffers.has(buffer))).length
    for (const room of again) room.clear()
    return used
  }
  const most = (12 << 20) / (16 << 10)
  const used = usedAgain(16 << 10, 2000)
  expect(used).toBeGreaterThan(0.9 * most)
  expect(used).toBeLessThanOrEqual(most)
  expect(usedAgain(2000, 1000)).toBe(1000)
  expect(usedAgain(16 << 10, 500)).toBe(500)
})
