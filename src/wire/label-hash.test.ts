import { expect, test } from 'vitest'
import { viewOf } from './copy.ts'
import { hashBytes, plainSeeds } from './label-hash.ts'

const hashOf = (text: string, before = ''): number => {
  const bytes = Buffer.from(`${before}${text}`)
  return hashBytes(viewOf(bytes), before.length, bytes.length, plainSeeds)
}

test('equal bytes make equal hashes, wherever they lie; others make others', () => {
  const seen = new Set<number>()
  for (let size = 0; size < 40; size++) {
    const text = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH'.slice(0, size)
    const hash = hashOf(text)
    for (const before of ['-', '--', '---', '-----']) expect(hashOf(text, before)).toBe(hash)
    seen.add(hash)
    for (let k = 0; k < size; k++) seen.add(hashOf(`${text.slice(0, k)}?${text.slice(k + 1)}`))
  }
  expect(seen.size).toBe(40 + (39 * 40) / 2)
})

test('series that differ in one number are spread evenly, over any number of lanes', () => {
  for (const lanes of [2, 3, 4, 7, 8, 64]) {
    for (const textOf of [(i: number) => `instance-${i}`, (i: number) => `${i}.host.example:9100`]) {
      const counts = new Array<number>(lanes).fill(0)
      for (let i = 0; i < 6400; i++) counts[(hashOf(textOf(i)) >>> 0) % lanes]!++
      const even = 6400 / lanes
      for (const count of counts) expect(Math.abs(count - even)).toBeLessThan(6 * Math.sqrt(even))
    }
  }
})
