import { expect, test } from 'vitest'
import { decodeWriteRequest } from '../src/dev/decode.ts'
import { encodeWriteRequest } from '../src/dev/encode.ts'
import { uncompress } from '../src/wire/snappy.ts'
import { LaterBody } from './later.ts'

const bodyAt = (...times: number[]): Uint8Array =>
  encodeWriteRequest({ series: times.map((ms, n) => ({ labels: [['__name__', `s${n}`]], samples: [[n, ms]] })) })

test('times rise together, nothing else changes', () => {
  const check = (times: number[], ms: number, want: number[]) => {
    const later = new LaterBody(bodyAt(...times))
    expect(later.raw(ms - 15_000)).not.toEqual(Buffer.from(bodyAt(...want)))
    expect(later.raw(ms)).toEqual(Buffer.from(bodyAt(...want)))
    expect(decodeWriteRequest(uncompress(later.compressed(ms), 2 ** 20))).toEqual(decodeWriteRequest(bodyAt(...want)))
  }
  check([1_790_000_000_000], 1_800_000_000_127, [1_800_000_000_127])
  check([1_790_000_060_000, 1_790_000_000_000], 1_800_000_000_000, [1_800_000_060_000, 1_800_000_000_000])
})

test('times of another length are refused', () => {
  expect(() => new LaterBody(bodyAt(1))).toThrow('takes 1 bytes, not 6')
})
