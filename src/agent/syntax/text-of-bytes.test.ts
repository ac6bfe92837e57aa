import { expect, test } from 'vitest'
import { textOfBytes } from './text-of-bytes.ts'

test('what is UTF-8 stays, each other byte is half of a pair', () => {
  const check = (bytes: Buffer, want: string): void => expect(textOfBytes(bytes)).toBe(want)
  check(Buffer.from('\ufeffa é 𝒳'), '\ufeffa é 𝒳')
  check(Buffer.from([0x61, 0x80, 0x62]), 'a\udc80b')
  check(Buffer.from([0xc3, 0xa9, 0xc3]), 'é\udcc3')
  check(Buffer.from([0xe0, 0x9f, 0xbf]), '\udce0\udc9f\udcbf')
  check(Buffer.from([0xf0, 0x8f, 0xbf, 0xbf]), '\udcf0\udc8f\udcbf\udcbf')
})
