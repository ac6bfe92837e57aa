import { expect, test } from 'vitest'
import { encodeWriteRequest } from '../dev/encode.ts'
import { encodeRequest2 } from '../dev/encode-v2.ts'
import type { Codec } from './codec.ts'
import { watchLabels } from './codec.ts'
import { joinBodies } from './join.ts'
import { remoteWrite1 } from './v1/codec.ts'
import { remoteWrite2 } from './v2/codec.ts'

test('the last body may be what was just gathered, however many there are', () => {
  const check = (codec: Codec, encode: typeof encodeWriteRequest | typeof encodeRequest2) => {
    const watch = watchLabels(['t'])
    const series = (k: number) => ({ labels: [['n', `${k}`.repeat(300)] as const], samples: [[1, k] as const] })
    const gathered = (count: number): Uint8Array => {
      const batch = codec.scan(encode({ series: Array.from({ length: count }, (_, k) => series(k)) }), watch)
      return codec.gather(
        batch,
        Uint32Array.from({ length: count }, (_, k) => k),
        count,
        false,
      )
    }
    for (const others of [1, 10, 100]) {
      const first = new Uint8Array(gathered(others * 100))
      const last = gathered(10)
      const joined = joinBodies(codec, [first, last], () => [first.length, last.length])
      expect(codec.scan(joined, watch).count).toBe(others * 100 + 10)
    }
  }
  check(remoteWrite1, encodeWriteRequest)
  check(remoteWrite2, encodeRequest2)
})
