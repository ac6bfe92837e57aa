import { describe, expect, test } from 'vitest'
import { concat, lengthField, varint } from '../../test/oracle/encode.ts'
import { checkBody, subjectOf } from '../../test/oracle/laws.ts'
import { within } from '../../test/support/cpu.ts'
import { SluiceError } from '../errors.ts'
import { split } from '../tenancy/split.ts'
import { BYTES_PER_ITEM, mostLabels, watchLabels } from './codec.ts'
import { claimedLength, compress, uncompress } from './snappy.ts'
import { remoteWrite1 } from './v1/codec.ts'

// Hostile input at the level of bytes: bombs, giant values, floods of tiny fields, ids made to deceive or to collide.

const text = new TextEncoder()
const label = (name: string, value: string | Uint8Array): Uint8Array =>
  lengthField(
    1,
    concat(lengthField(1, text.encode(name)), lengthField(2, typeof value === 'string' ? text.encode(value) : value)),
  )
const sample = Uint8Array.of(0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 5)
const series = (...fields: Uint8Array[]): Uint8Array => lengthField(1, concat(...fields))
/** `count` copies of a series, the digits of its `000000` replaced by the copy's number modulo `modulus`. */
const numbered = (count: number, one: Uint8Array, modulus: number): Buffer => {
  const digitsAt = Buffer.from(one).indexOf('000000')
  const body = Buffer.alloc(count * one.length, one)
  for (let k = 0; k < count; k++) {
    let rest = k % modulus
    for (let d = 5; d >= 0; d--, rest = Math.floor(rest / 10)) body[k * one.length + digitsAt + d] = 0x30 + (rest % 10)
  }
  return body
}
const repeated = (pattern: readonly number[], bytes: number): Buffer => Buffer.alloc(bytes, Uint8Array.from(pattern))

const thrownBy = (run: () => unknown): SluiceError => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('snappy', () => {
  const limit = 64 << 20

  test('a claim over the limit is refused before anything is allocated', () => {
    const check = (block: Uint8Array, code: string, offset: number | undefined) => {
      const before = process.memoryUsage().arrayBuffers
      const error = within(0.5, () => thrownBy(() => uncompress(block, limit)))
      expect([error.code, error.offset]).toEqual([code, offset])
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20)
    }
    // Within the limit, but nothing that so few bytes can keep.
    check(concat(varint(limit), new Uint8Array(100)), 'BODY_CORRUPT', 0)
    // Over the limit, whether they could keep it or not.
    check(varint(2 ** 32 - 1), 'DECOMPRESSED_TOO_LARGE', undefined)
    check(concat(varint(limit + 1), new Uint8Array(100)), 'DECOMPRESSED_TOO_LARGE', undefined)
    check(concat(varint(limit + 1), new Uint8Array(4 << 20)), 'DECOMPRESSED_TOO_LARGE', undefined)
    check(concat(varint(2 ** 32 - 1), new Uint8Array(202 << 20)), 'DECOMPRESSED_TOO_LARGE', undefined)
  })

  test('an honest bomb unpacks up to the limit and not beyond', () => {
    const bomb = compress(new Uint8Array(limit))
    expect(bomb.length).toBeLessThan(4 << 20)
    expect(claimedLength(bomb)).toBe(limit)
    expect(uncompress(bomb, limit).length).toBe(limit)
    expect(thrownBy(() => uncompress(bomb, limit - 1)).code).toBe('DECOMPRESSED_TOO_LARGE')
  })

  test('a fault is reported at the element that has it', () => {
    const check = (block: readonly number[], offset: number, why: RegExp) => {
      const error = thrownBy(() => uncompress(Uint8Array.from(block), limit))
      expect([error.code, error.offset]).toEqual(['BODY_CORRUPT', offset])
      expect(error.message).toMatch(why)
    }
    const abcd = [0x0c, 0x61, 0x62, 0x63, 0x64] // literal of 4
    check([], 0, /preamble is cut off/)
    check([0x80], 1, /preamble is cut off/)
    check([0xff, 0xff, 0xff, 0xff, 0x10], 4, /over 32 bits/)
    check([0x80, 0x80, 0x80, 0x80, 0x80, 0], 4, /over 32 bits/)
    check([4, 0x0c, 0x61], 1, /literal runs past the end/)
    check([4, 0xf0], 1, /literal’s length is cut off/)
    check([4, 0xfc, 0xff, 0xff, 0xff, 0xff], 1, /literal runs past the end/)
    check([8, ...abcd, 0x01], 6, /copy is cut off/)
    check([8, ...abcd, 0x0e, 4], 6, /copy is cut off/)
    check([8, ...abcd, 0x01, 5], 6, /copy reaches before the start/)
    check([8, ...abcd, 0x01, 0], 6, /copy reaches before the start/)
    check([8, ...abcd, 0x0f, 0, 0, 0, 1], 6, /copy reaches before the start/)
    check([9, ...abcd, 0x01, 4], 8, /ends after 8 of the 9 bytes/)
    check([7, ...abcd, 0x01, 4], 6, /more than the 7 bytes it claims/)
    check([0, ...abcd], 1, /more than the 0 bytes it claims/)
    check([...text.encode('foobar')], 1, /cut off|past the end|before the start/)
  })
})

describe('protobuf', () => {
  const subject = subjectOf({ labels: ['t'] })
  const watch = watchLabels(['t'])

  test('200,000 short series in one body are split, each to its tenant and nothing lost', () => {
    const body = numbered(200_000, series(label('t', '000000'), label('z', 'y'), sample), 500)
    within(5, () => {
      const batch = remoteWrite1.scan(body, watch)
      const got = split(batch, subject.router, '', subject.cache)
      expect(got.parts.length).toBe(500)
      expect(got.rejected.length + got.dropped.length).toBe(0)
      const alone = series(label('z', 'y'), sample)
      const expected = Buffer.alloc(400 * alone.length, alone)
      for (const [k, part] of got.parts.entries()) {
        expect([part.tenant, part.count, part.samples]).toEqual([String(k).padStart(6, '0'), 400, 400])
        expect(Buffer.compare(remoteWrite1.gather(batch, part.indexes, part.count, true), expected)).toBe(0)
      }
    })
  })

  test('200,000 series of as many tenants are split too', () => {
    const { router, cache } = subjectOf({ labels: ['t'], maxTenantsPerRequest: 200_000 })
    const body = numbered(200_000, series(label('t', '000000'), label('z', 'y')), 200_000)
    const got = within(5, () => split(remoteWrite1.scan(body, watch), router, '', cache))
    expect(got.parts.length).toBe(200_000)
  })

  test('long values that begin alike cost what others cost', () => {
    const body = numbered(30_000, series(label('t', `${'v'.repeat(300)}000000`), label('z', 'y')), 30_000)
    const got = within(5, () => split(remoteWrite1.scan(body, watch), subject.router, '', subject.cache))
    expect(got.parts.length).toBe(0)
    expect(got.rejected.reduce((sum, refusal) => sum + refusal.count, 0)).toBe(30_000)
    expect(got.rejected.length).toBeLessThanOrEqual(101)
  })

  test('giant values and names travel untouched; a giant id is refused in few words', () => {
    const giant = new Uint8Array(1 << 20).fill(0x76)
    const body = concat(
      series(label('__name__', 'up'), label('t', 'a'), label('z', giant), sample),
      series(label('z'.repeat(1 << 20), 'z'), label('t', 'a'), sample),
      series(label('t', giant), label('z', 'y'), sample),
    )
    expect(checkBody(body, subject)).toBe('accepted')
    const got = split(remoteWrite1.scan(body, watch), subject.router, '', subject.cache)
    expect(got.rejected.map(({ outcome, count }) => [outcome.reason, count])).toEqual([['invalid_tenant', 1]])
    expect(JSON.stringify(got.rejected).length).toBeLessThan(1000)
  })

  test('hostile ids reach no tenant', () => {
    const hostile = [
      '.',
      '..',
      '__mimir_cluster',
      'a|b',
      'a/b',
      'a\\b',
      '../a',
      'a b',
      ' a',
      'a\r\nX-Evil: 1',
      'a\0',
      'té',
      '\ufeffa',
      'a:b=c',
      '%61',
      'v'.repeat(151),
    ]
    const bad = [...hostile.map((id) => text.encode(id)), Uint8Array.of(0x61, 0xff), Uint8Array.of(0xc0, 0x80)]
    const body = concat(
      ...[...bad, text.encode('fine'), text.encode('v'.repeat(150))].map((id) => series(label('t', id), sample)),
    )
    const kept = subjectOf({ labels: ['t'], keepLabel: true, default: 'fallback' })
    checkBody(body, kept)
    const got = split(remoteWrite1.scan(body, watch), kept.router, '', kept.cache)
    expect(got.parts.map((part) => part.tenant)).toEqual(['fine', 'v'.repeat(150)])
    expect(got.rejected.reduce((sum, refusal) => sum + refusal.count, 0)).toBe(bad.length)
  })

  test('a name that a careless decoder would take for the tenant label decides nothing, now or later', () => {
    const kept = subjectOf({ labels: ['t'], default: 'fallback' })
    const check = (body: Uint8Array, tenants: string[]) => {
      checkBody(body, kept)
      const got = split(remoteWrite1.scan(body, watch), kept.router, '', kept.cache)
      expect(got.parts.map((part) => part.tenant)).toEqual(tenants)
    }
    check(series(label('\ufefft', 'stolen'), label('z', 'y')), ['fallback'])
    check(series(label('z', 'y')), ['fallback'])
    check(series(label('t\0', 'stolen'), label('T', 'stolen'), label('z', 'y')), ['fallback'])
  })

  test('labels whose lengths are one byte off, or look like another encoding, are read by the letter', () => {
    const value = (size: number) => lengthField(2, new Uint8Array(size).fill(0x76))
    const name = lengthField(1, text.encode('t'))
    const keepers = [subjectOf({ labels: ['t'], keepLabel: true, default: 'd' })]
    // Names long enough for two bytes of length, one of them with what looks like a value's tag at its end.
    for (const long of [`${'x'.repeat(129)}\x12`, `\x01${'x'.repeat(129)}`]) {
      keepers.push(subjectOf({ labels: [long, 't'], keepLabel: true, default: 'd' }))
    }
    const check = (body: Uint8Array, outcome: string) => {
      for (const keeper of keepers) expect(checkBody(body, keeper)).toBe(outcome)
    }
    for (const size of [0, 1, 126, 127, 128, 129, 16_383, 16_384, 16_385]) {
      const whole = concat(name, value(size))
      check(series(lengthField(1, whole)), 'accepted')
      // The label claims a byte less than its value needs, and one more.
      check(series(lengthField(1, whole.subarray(0, -1)), label('z', 'y')), 'overrun')
      check(series(lengthField(1, concat(whole, Uint8Array.of(0)))), 'refused')
    }
    for (const last of ['\x12', 'x']) {
      check(series(label(`${'x'.repeat(129)}${last}`, 'v'.repeat(17)), label('t', 'a'), sample), 'accepted')
    }
    // A label of 1281 bytes, whose length 81 0a, name and value read as a short label's to whoever skips a byte.
    const mimic = concat(lengthField(1, text.encode('aaaaaaaaa\x12sbbbbbbbb')), label('z', 'y'))
    const filler = lengthField(2, new Uint8Array(1281 - mimic.length - 3).fill(0x0a))
    check(series(lengthField(1, concat(mimic, filler)), label('t', 'a'), sample), 'accepted')
  })

  test('more series or fields than the budget has room for are refused, without room taken for them', () => {
    const bytes = 8 << 20
    const maxItems = Math.floor(bytes / BYTES_PER_ITEM)
    const check = (pattern: readonly number[]) => {
      const before = process.memoryUsage().arrayBuffers
      const body = repeated(pattern, bytes)
      const error = within(5, () => thrownBy(() => remoteWrite1.scan(body, watch, maxItems)))
      expect(error.code).toBe('DECOMPRESSED_TOO_LARGE')
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * bytes)
    }
    check([0x0a, 0]) // empty series
    check([0x1a, 0]) // empty metadata
    check([0x1a, 0, 0x10, 1]) // metadata and unknown fields in turn
    check([0x0a, 0, 0x10, 1])
  })

  test('unknown fields side by side are one range', () => {
    const batch = within(5, () => remoteWrite1.scan(repeated([0x10, 1], 4 << 20), watch, 1000))
    expect(batch.unknown).toEqual([{ start: 0, end: 4 << 20 }])
  })

  test('a series of a million labels is routed as any other, and not listed whole', () => {
    const empty = repeated([0x0a, 0], 1 << 20)
    const body = series(
      empty,
      label('t', 'a'),
      empty,
      label('t', 'b'),
      label('__tenant_id__', 'c'),
      label('z', 'y'),
      sample,
    )
    const batch = remoteWrite1.scan(body, watch)
    const got = within(5, () => split(batch, subject.router, '', subject.cache))
    const rest = series(empty, empty, label('z', 'y'), sample)
    expect(
      Buffer.compare(
        within(5, () => remoteWrite1.gather(batch, got.parts[0]!.indexes, 1, true)),
        rest,
      ),
    ).toBe(0)
    const listed = remoteWrite1.labels(batch, 0)
    expect(listed.length).toBeLessThan(mostLabels + 4)
    expect(listed.filter(([name]) => name !== '')).toEqual([
      ['t', 'a'],
      ['__tenant_id__', 'c'],
    ])
    // Only tenant labels at first, and one other behind a million of them: it is not left without labels.
    const late = series(repeated([...label('t', 'a')], 1 << 20), label('z', 'y'))
    expect(split(remoteWrite1.scan(late, watch), subject.router, '', subject.cache).parts[0]?.tenant).toBe('a')
  })
})
