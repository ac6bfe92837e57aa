import { expect, test } from 'vitest'
import { LABEL_MARKS } from '../wire/codec.ts'
import { viewOf } from '../wire/copy.ts'
import { CacheGeneration } from './cache-generation.ts'
import { SeriesCache } from './series-cache.ts'

const text = new TextEncoder()
const marked = { marks: new Int32Array(LABEL_MARKS), marksAt: 0 }
const bytesOf = (key: string) => text.encode(key)

/** Looks a key up; where it is not known, adds `labels` for it. Returns what the cache says then. */
const ask = (cache: SeriesCache, key: string, labels = `${key}!`, variant = 0): string => {
  // Keys lie anywhere in a body.
  const bytes = bytesOf(`___${key}_`)
  const view = viewOf(bytes)
  const isKnown = cache.find(variant, view, 3, bytes.length - 1)
  const marks = new Int32Array(LABEL_MARKS)
  marks[0] = bytes[3]!
  marks[LABEL_MARKS - 1] = labels.length
  if (!isKnown) cache.add(variant, key.length, view, 3, bytes.length - 1, bytesOf(labels), marks)
  expect(cache.kind).toBe(key.length)
  expect(cache.marks[cache.marksAt]).toBe(bytes[3])
  expect(cache.marks[cache.marksAt + LABEL_MARKS - 1]).toBe(labels.length)
  expect(cache.labelsView.byteLength).toBe(cache.labels.byteLength)
  return `${isKnown ? 'known' : 'new'} ${Buffer.from(cache.labels.subarray(cache.labelsStart, cache.labelsEnd))}`
}

test('what was added is found by the same bytes, and by no others', () => {
  const cache = new SeriesCache(1 << 20)
  const check = (key: string, want: string, variant = 0) => expect(ask(cache, key, `${key}!`, variant)).toBe(want)
  check('a', 'new a!')
  check('a', 'known a!')
  check('', 'new !')
  check('', 'known !')
  check('b', 'new b!')
  check('abcdefghi', 'new abcdefghi!')
  check('abcdefghj', 'new abcdefghj!')
  check('abcdefghi', 'known abcdefghi!')
  // Another protocol's bytes mean other labels.
  check('a', 'new a!', 1)
  check('a', 'known a!', 1)
  expect([cache.hits, cache.misses, cache.count]).toEqual([4, 6, 6])
})

test('what did not come between two ages is forgotten', () => {
  const cache = new SeriesCache(1 << 20)
  for (const key of ['a', 'b']) ask(cache, key)
  cache.age()
  expect(ask(cache, 'a')).toBe('known a!')
  cache.age()
  expect([ask(cache, 'a'), ask(cache, 'b')]).toEqual(['known a!', 'new b!'])
  expect(cache.count).toBe(3)
})

test('thousands of series, each with its own labels', () => {
  const cache = new SeriesCache(64 << 20)
  const keys = Array.from({ length: 20_000 }, (_, k) => 'x'.repeat(k % 50) + k)
  for (const key of keys) expect(ask(cache, key)).toBe(`new ${key}!`)
  for (const key of keys) expect(ask(cache, key)).toBe(`known ${key}!`)
  expect(cache.count).toBe(keys.length)
})

test('what comes in the order of last time, in another, or in both: known, and remembered once', () => {
  const cache = new SeriesCache(1 << 20)
  const keys = ['a', 'b', 'c', 'd', 'e']
  const check = (...order: string[]) => {
    for (const key of order) expect(ask(cache, key)).toBe(`known ${key}!`)
  }
  for (const key of keys) ask(cache, key)
  check(...keys, ...keys)
  check(...keys.toReversed(), 'c', 'd', 'd', 'a', 'b')
  expect(cache.count).toBe(5)
  cache.age()
  check('b', 'c', ...keys, ...keys)
  expect([cache.count, cache.misses]).toEqual([10, 5])
  // The same bytes of another protocol, right where the others were expected.
  expect([ask(cache, 'a'), ask(cache, 'b', 'b!', 1)]).toEqual(['known a!', 'new b!'])
})

test('two series with one hash never get each other’s labels', () => {
  const generation = new CacheGeneration(1 << 20)
  const add = (key: string, labels: string) => {
    const view = viewOf(bytesOf(key))
    const own = bytesOf(labels)
    const place = { start: 0, end: key.length, labelsStart: 0, labelsEnd: own.length }
    generation.add({ hash: 7, variant: 0, view, kind: 1, labels: own, ...place, ...marked })
  }
  const find = (key: string) => generation.find(7, 0, viewOf(bytesOf(key)), 0, key.length)
  add('one', '1')
  expect(find('one')).toBe(0)
  expect(find('two')).toBe(-1)
  expect(generation.find(7, 1, viewOf(bytesOf('one')), 0, 3)).toBe(-1)
  add('two', '2')
  expect([find('one'), find('two')]).toEqual([0, 1])
})

test('hashes made to meet cost no search, and are forgotten rather than searched for', () => {
  const generation = new CacheGeneration(1 << 20)
  const one = bytesOf('k')
  const place = { start: 0, end: 1, labelsStart: 0, labelsEnd: 1 }
  const entry = { variant: 0, view: viewOf(one), kind: 1, labels: one, ...place, ...marked }
  // Equal in all bits that choose a place.
  for (let k = 0; k < 1000; k++) generation.add({ ...entry, hash: k << 16 })
  expect(generation.count).toBe(64)
  expect(generation.find(3 << 16, 0, entry.view, 0, 1)).toBe(3)
  expect(generation.find(999 << 16, 0, entry.view, 0, 1)).toBe(-1)
})

test('it stays within its bytes, keeps what is asked for and lets go of the rest', () => {
  const maxBytes = 100_000
  const cache = new SeriesCache(maxBytes)
  const regular = Array.from({ length: 100 }, (_, k) => `regular-${k}`)
  for (const key of regular) ask(cache, key)
  let largest = 0
  const missesBefore = cache.misses
  for (let k = 0; k < 20_000; k++) {
    expect(ask(cache, `once-${k}`)).toBe(`new once-${k}!`)
    expect(ask(cache, regular[k % regular.length]!)).toBe(`known ${regular[k % regular.length]}!`)
    largest = Math.max(largest, cache.size)
  }
  expect(cache.misses - missesBefore).toBe(20_000)
  expect(largest).toBeLessThanOrEqual(maxBytes)
  expect(largest).toBeGreaterThan(maxBytes / 2)
  expect(ask(cache, 'once-0')).toBe('new once-0!')
})

test('a giant is not kept, but what it becomes is told', () => {
  const cache = new SeriesCache(100_000)
  ask(cache, 'small')
  const giant = 'g'.repeat(10_000)
  expect(ask(cache, giant)).toBe(`new ${giant}!`)
  expect(ask(cache, giant)).toBe(`new ${giant}!`)
  expect(ask(cache, 'small')).toBe('known small!')
})
