import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSize, parseSize } from './size.ts'

test('sizes', () => {
  const check = (text: string, bytes: number | undefined) => expect(parseSize(text), text).toBe(bytes)
  check('0', 0)
  check('65536', 65_536)
  check('32MiB', 33_554_432)
  check('64MB', 64_000_000)
  check('1.5 gib', 1_610_612_736)
  check('2kB', 2000)
  check('1TiB', 1_099_511_627_776)
  check('10B', 10)
  check('', undefined)
  check('-1', undefined)
  check('MiB', undefined)
  check('1ib', undefined)
  check('1k', undefined)
  check('1e3', undefined)
  check('99999999TiB', undefined)
})

test('law: a formatted size reads back', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(1, 2 ** 10, 2 ** 20), (n, unit) => {
      expect(parseSize(formatSize(n * unit))).toBe(n * unit)
    }),
  )
  expect(formatSize(33_554_432)).toBe('32MiB')
  expect(formatSize(1000)).toBe('1000')
})
