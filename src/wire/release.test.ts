import { expect, test } from 'vitest'
import { release } from './release.ts'
import { compress, uncompress } from './snappy.ts'

const big = 8 << 20

test('big bytes are freed at once', () => {
  const check = (bytes: Uint8Array, left: number): void => {
    release(bytes)
    expect(bytes.length).toBe(left)
  }
  check(new Uint8Array(big), 0)
  check(Buffer.alloc(big), 0)
  check(uncompress(compress(new Uint8Array(big)), big), 0)
  // What is small, or shares its memory, stays.
  check(new Uint8Array(1000), 1000)
  check(new Uint8Array(big + 1).subarray(1), big)
  check(new Uint8Array(new SharedArrayBuffer(big)), big)
})

test('freeing twice, or nothing, does no harm', () => {
  const bytes = new Uint8Array(big)
  release(bytes)
  release(bytes)
  release(new Uint8Array(0))
  expect(bytes.length).toBe(0)
})

test('memory does not grow with what was freed', () => {
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 50; n++) {
    const bytes = new Uint8Array(big).fill(n)
    release(bytes)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * big)
})
