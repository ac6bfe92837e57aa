import { expect, test } from 'vitest'
import { concat, lengthField } from '../../../test/oracle/encode.ts'
import { subjectOf } from '../../../test/oracle/laws.ts'
import { checkRequest2 } from '../../../test/oracle/request-2-laws.ts'
import { within } from '../../../test/support/cpu.ts'
import { encodeRequest2 } from '../../dev/encode-v2.ts'
import { SluiceError } from '../../errors.ts'
import { split } from '../../tenancy/split.ts'
import { BYTES_PER_ITEM, watchLabels } from '../codec.ts'
import { toRemoteWrite1 } from '../convert/to-v1.ts'
import { toRemoteWrite2 } from '../convert/to-v2.ts'
import { remoteWrite2 } from './codec.ts'
import { firstByText, firstOfEach } from './duplicates.ts'

// Hostile remote write 2: floods of symbols, references and pieces, symbols made to collide, one giant symbol that many
// refer to.

const watch = watchLabels(['t'])
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)
const repeated = (pattern: readonly number[], bytes: number): Buffer => Buffer.alloc(bytes, Uint8Array.from(pattern))
const text = (symbol: string) => new TextEncoder().encode(symbol)
const table = (...symbols: (string | Uint8Array)[]) =>
  concat(...symbols.map((symbol) => lengthField(4, typeof symbol === 'string' ? text(symbol) : symbol)))

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code
    throw thrown
  }
  return 'accepted'
}

/** `count` different symbols of four bytes. */
const manySymbols = (count: number): Buffer => {
  const fields = repeated([0x22, 4, 0, 0, 0, 0], 6 * count)
  for (let k = 0; k < count; k++) fields.writeUInt32LE(k + 1, 6 * k + 2)
  return fields
}

test('a million symbols cost a million symbols, used or not', () => {
  const symbols = concat(table('', 't', 'a'), manySymbols(1_000_000))
  const one = lengthField(5, lengthField(1, Uint8Array.of(1, 2, 0x80, 0x80, 1, 3)))
  const few = within(5, () => {
    const batch = remoteWrite2.scan(concat(symbols, one), watch)
    return remoteWrite2.gather(batch, all(1), 1, true).length
  })
  expect(few).toBeLessThan(50)
  const refs = Buffer.alloc(3_000_006, Uint8Array.of(0x80, 0x80, 0))
  for (let k = 0; k < 1_000_002; k++) {
    refs[3 * k] = 0x80 | ((k + 1) & 0x7f)
    refs[3 * k + 1] = 0x80 | (((k + 1) >> 7) & 0x7f)
    refs[3 * k + 2] = (k + 1) >> 14
  }
  const whole = concat(symbols, lengthField(5, lengthField(1, refs)))
  const part = within(5, () => remoteWrite2.gather(remoteWrite2.scan(whole, watch), all(1), 1, false))
  // Shorter only by what the low numbers need.
  expect(whole.length - part.length).toBe(127 * 2 + (16_384 - 128))
})

test('more symbols or fields than the budget has room for are refused, without room taken for them', () => {
  const bytes = 8 << 20
  const check = (pattern: readonly number[]) => {
    const before = process.memoryUsage().arrayBuffers
    const body = repeated(pattern, bytes)
    const run = () => remoteWrite2.scan(body, watch, Math.floor(bytes / BYTES_PER_ITEM))
    expect(within(5, () => codeOf(run))).toBe('DECOMPRESSED_TOO_LARGE')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * bytes)
  }
  check([0x22, 0]) // empty symbols
  check([0x2a, 0]) // empty series
  check([0x22, 0, 0x08, 1]) // symbols and unknown fields in turn
})

test('one giant symbol: taken where few refer to it, refused where it would leave in many parts', () => {
  const giant = new Uint8Array(60 << 20).fill(0x76)
  const own = (count: number) => Array.from({ length: count }, (_, k) => [1, 3 + k, 2, count + 3])
  const bodyFor = (count: number) =>
    concat(
      table('', 't', 'z', ...Array.from({ length: count }, (_, k) => `team-${k}`), giant),
      ...own(count).map((refs) =>
        lengthField(
          5,
          lengthField(1, Uint8Array.from(refs.flatMap((r) => (r < 128 ? [r] : [(r & 127) | 128, r >> 7])))),
        ),
      ),
    )
  const few = bodyFor(2)
  const batch = remoteWrite2.scan(few, watch)
  expect(remoteWrite2.gather(batch, Uint32Array.of(1), 1, true).length - giant.length).toBeLessThan(30)
  const many = bodyFor(1000)
  const scan = (body: Uint8Array) => codeOf(() => remoteWrite2.scan(body, watch, 1_000_000))
  expect(within(5, () => scan(many))).toBe('DECOMPRESSED_TOO_LARGE')
  expect(within(5, () => codeOf(() => toRemoteWrite1(many)))).toBe('DECOMPRESSED_TOO_LARGE')
  // One of our own is cut, not refused.
  expect(codeOf(() => remoteWrite2.scan(many, watch))).toBe('accepted')
  // The same by the help text, and by exemplars.
  const refer = (field: Uint8Array) =>
    concat(table('', giant), ...Array.from({ length: 1000 }, () => lengthField(5, field)))
  const help = refer(lengthField(5, Uint8Array.of(0x18, 1)))
  expect(scan(help)).toBe('DECOMPRESSED_TOO_LARGE')
  const exemplars = refer(lengthField(4, lengthField(1, Uint8Array.of(0, 1))))
  expect(scan(exemplars)).toBe('DECOMPRESSED_TOO_LARGE')
})

test('millions of references, packed, in pieces or one by one', () => {
  const subject = subjectOf({ labels: ['t'], keepLabel: true })
  const check = (flood: Uint8Array) => {
    const series = lengthField(5, concat(flood, lengthField(1, Uint8Array.of(1, 2))))
    const body = concat(table('', 't', 'a'), series)
    within(5, () => {
      const batch = remoteWrite2.scan(body, watch)
      const got = split(batch, subject.router, '', subject.cache)
      expect(got.parts.map(({ tenant }) => tenant)).toEqual(['a'])
      expect(remoteWrite2.gather(batch, all(1), 1, false).length).toBeGreaterThan(10)
      expect(remoteWrite2.labels(batch, 0).at(-1)).toEqual(['t', 'a'])
    })
  }
  check(lengthField(1, new Uint8Array(1 << 20)))
  check(repeated([0x0a, 0], 1 << 20))
  check(repeated([0x08, 0], 1 << 20))
  check(repeated([0x0a, 1, 0], 3 << 20))
})

test('references of 32 bits and more reach nothing', () => {
  const subject = subjectOf({ labels: ['t'], default: 'd' })
  for (const ref of [3, 127, 128, 2 ** 16, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
    const body = encodeRequest2({ symbols: ['', 't', 'a'], series: [{ labelRefs: [1, ref] }, { labelRefs: [ref, 2] }] })
    expect(checkRequest2(body, subject)).toBe('accepted')
    expect(remoteWrite2.scan(body, watch).faults.size).toBe(2)
  }
})

test('too many malformed series are refused whole', () => {
  const check = (count: number, code: string) => {
    const body = repeated([...lengthField(5, lengthField(1, Uint8Array.of(9)))], 5 * count)
    expect(codeOf(() => remoteWrite2.scan(body, watch))).toBe(code)
  }
  check(10_000, 'accepted')
  check(10_001, 'BODY_CORRUPT')
})

/** Texts that any start of the hash makes meet: a bit that one word changes, the next one changes back. */
const colliding = (bits: number): Uint8Array[] =>
  Array.from({ length: 2 ** bits }, (_, n) => {
    const words = new DataView(new ArrayBuffer(bits * 8))
    for (let k = 0; k < bits; k++) {
      const flips = (n >> k) & 1
      words.setUint32(8 * k, flips === 0 ? 0 : 0x8000_0000, true)
      words.setUint32(8 * k + 4, flips === 0 ? 0 : 0x8001_0000, true)
    }
    return new Uint8Array(words.buffer)
  })

test('symbols made to collide cost what others cost', () => {
  const symbols = colliding(14)
  const body = encodeRequest2({
    symbols: ['', ...symbols],
    series: [{ labelRefs: symbols.map((_, k) => k + 1), samples: [[1, 1]] }],
  })
  const part = within(5, () => remoteWrite2.gather(remoteWrite2.scan(body, watch), all(1), 1, false))
  expect(Buffer.compare(part, body)).toBe(0)
  const one = within(5, () => toRemoteWrite1(body).body.slice())
  expect(
    Buffer.compare(
      within(5, () => toRemoteWrite2(one).body),
      body,
    ),
  ).toBe(0)
})

test('both ways of finding what is the same agree', () => {
  const texts = ['a', '', 'b', 'a', 'ab', '', 'b', 'ab', 'a\0', '\x80', '€']
  const bytes = Buffer.from(texts.join(''))
  let at = 0
  const size = Uint32Array.from(texts, (each) => Buffer.byteLength(each))
  const start = size.map((each) => (at += each) - each)
  expect([...firstOfEach(bytes, start, size)]).toEqual([0, 0, 2, 0, 4, 0, 2, 4, 8, 9, 10])
  expect(firstByText(bytes, start, size)).toEqual(firstOfEach(bytes, start, size))
})
