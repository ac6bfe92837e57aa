import { randomBytes } from 'node:crypto'
import { compressSync, uncompressSync } from 'snappy'
import { expect, test } from 'vitest'
import { compress } from './snappy.ts'

const mebibyte = 1 << 20

test('giant bytes are packed slice by slice into what the library makes of the whole', () => {
  const noise = randomBytes(9 * mebibyte)
  const check = (bytes: Uint8Array): void => {
    const whole = compressSync(bytes as Buffer, { copyOutputData: true })
    expect(Buffer.compare(compress(bytes), whole)).toBe(0)
    expect(Buffer.compare(uncompressSync(whole, { copyOutputData: true }) as Buffer, bytes)).toBe(0)
  }
  check(noise.subarray(0, 4 * mebibyte))
  check(noise.subarray(0, 4 * mebibyte + 1))
  check(noise)
  check(new Uint8Array(8 * mebibyte).fill(120))
  const lines = Array.from(
    { length: 120_000 },
    (_, i) => `http_requests_total{job="api",instance="10.0.${i % 256}.7"} ${i}\n`,
  )
  check(Buffer.from(lines.join('')))
})
