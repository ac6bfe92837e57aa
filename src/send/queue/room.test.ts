import { expect, test } from 'vitest'
import { copyInRoom, giveBack } from './room.ts'

test('a copy is what was copied, in memory that was given back where there is some', () => {
  const check = (length: number, size: number) => {
    const bytes = Uint8Array.from({ length }, (_, k) => k)
    const copy = copyInRoom(bytes)
    expect(copy).toEqual(bytes)
    expect(copy.buffer.byteLength).toBe(size)
    giveBack(copy)
    const again = copyInRoom(bytes)
    expect(again).toEqual(bytes)
    expect(again.buffer).toBe(copy.buffer)
    expect(copyInRoom(bytes).buffer).not.toBe(copy.buffer)
  }
  check(1, 1024)
  check(1024, 1024)
  check(1025, 2048)
  check(100_000, 131_072)
})

test('what is kept has a bound; beyond it the memory goes at once', () => {
  const copies = Array.from({ length: 10 }, () => copyInRoom(new Uint8Array(1 << 20)))
  for (const copy of copies) giveBack(copy)
  expect(copies.filter(({ length }) => length === 0).length).toBeGreaterThan(0)
})
