import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLokiPush, encodeLokiPush, type LokiPushInput } from '../../dev/encode.ts'
import { SluiceError } from '../../errors.ts'
import { type Batch, flag, NONE } from '../batch.ts'
import { watchLabels } from '../codec.ts'
import { compress, uncompress } from '../snappy.ts'
import { carriesNothing, lokiPush } from './codec.ts'

// The label names of cortex-tenant's own Loki tests.
const watch = watchLabels(['__tenant__', '__foo__', '__bar__'])
const entry = { tsNs: 1_700_000_000_000_000_001n, line: 'hello' }
const winner = (batch: Batch, i: number): string =>
  Buffer.from(batch.values.subarray(batch.valueStart[i], batch.valueEnd[i])).toString('latin1')
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)
const scan = (input: LokiPushInput) => lokiPush.scan(encodeLokiPush(input), watch)
const tenants = (...labels: string[]): (string | undefined)[] => {
  const batch = scan({ streams: labels.map((text) => ({ labels: text, entries: [entry] })) })
  return labels.map((_, i) => (batch.which[i] === NONE ? undefined : winner(batch, i)))
}

function refusal(work: () => unknown): SluiceError {
  try {
    work()
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('T26, T34: two streams go to two tenants, byte for byte', () => {
  const one = { labels: '{app="web", __tenant__="foobar"}', entries: [entry], hash: 7n }
  const two = { labels: '{app="web", __tenant__="foobaz"}', entries: [entry, entry] }
  const batch = scan({ streams: [one, two] })
  expect([winner(batch, 0), winner(batch, 1)]).toEqual(['foobar', 'foobaz'])
  expect([...batch.samples]).toEqual([1, 2])
  const part = (i: number) => Buffer.from(lokiPush.gather(batch, Uint32Array.of(i), 1, false))
  expect(part(0)).toEqual(Buffer.from(encodeLokiPush({ streams: [one] })))
  expect(part(1)).toEqual(Buffer.from(encodeLokiPush({ streams: [two] })))
})

test('T27: a push without streams, or without entries, carries nothing', () => {
  const check = (streams: LokiPushInput['streams'], want: boolean) =>
    expect(carriesNothing(scan({ streams }))).toBe(want)
  check([], true)
  check([{ labels: '{a="b"}', entries: [] }], true)
  check(
    [
      { labels: '{a="b"}', entries: [] },
      { labels: '{c="d"}', entries: [entry] },
    ],
    false,
  )
  check([{ labels: 'bad', entries: [] }], true)
  check([{ labels: '{bad', entries: [] }], false)
})

test('T28, T29, T33: garbage is refused with the byte, as it is and compressed; what is sent comes back', () => {
  const check = (hex: string, text: string, offset: number) => {
    const error = refusal(() => lokiPush.scan(uncompress(compress(Buffer.from(hex, 'hex')), 1000), watch))
    expect([error.code, error.message, error.offset]).toEqual(['BODY_CORRUPT', `protobuf: ${text}`, offset])
  }
  expect(refusal(() => uncompress(Buffer.from('foobar'), 1000)).code).toBe('BODY_CORRUPT')
  check(Buffer.from('foobar').toString('hex'), 'wire type 6 does not exist (byte 0)', 0)
  check('ff', 'a varint is cut off (byte 0)', 0)
  check('0a05', 'a field of 5 bytes runs past the end (byte 1)', 1)
  check('0801', 'wrong wire type 0 for field 1 of PushRequest (byte 0)', 0)
  check('1001', 'wrong wire type 0 for field 2 of PushRequest (byte 0)', 0)
  check('0a020801', 'wrong wire type 0 for field 1 of StreamAdapter (byte 2)', 2)
  check('0a021001', 'wrong wire type 0 for field 2 of StreamAdapter (byte 2)', 2)
  check('0a021a00', 'wrong wire type 2 for field 3 of StreamAdapter (byte 2)', 2)
  check('0a0412020a05', 'a field of 5 bytes runs past the end (byte 5)', 5)
  check('0a0412020801', 'wrong wire type 0 for field 1 of EntryAdapter (byte 5)', 5)
  check('0a0612040a020a00', 'wrong wire type 2 for field 1 of Timestamp (byte 7)', 7)
  check('0a0612041a020801', 'wrong wire type 0 for field 1 of LabelPairAdapter (byte 7)', 7)
  check('0a06120422020801', 'wrong wire type 0 for field 1 of LabelPairAdapter (byte 7)', 7)
  const body = encodeLokiPush({ streams: [{ labels: '{a="b"}', entries: [entry] }] })
  expect(Buffer.from(uncompress(compress(body), 1000))).toEqual(Buffer.from(body))
})

test('T32: the stream’s labels decide, by preference; empty is absent', () => {
  const check = (labels: string, want: string | undefined) => expect(tenants(labels)[0], labels).toBe(want)
  check('{__tenant__="foobaz"}', 'foobaz')
  check('{__tenantXXX="foobaz"}', undefined)
  check('{__bar__="3", __foo__="2", __tenant__="1"}', '1')
  check('{__bar__="3", __foo__="2", __tenant__=""}', '2')
  check('{__tenant__=""}', undefined)
  check('{__tenant__="a", __tenant__="b"}', 'a')
  check('{__tenant_id__="x"}', undefined)
  check('', undefined)
})

test('a value with escapes stands for its bytes, beside values without any', () => {
  const want = ['a"b', 'plain', 'é', '\xff\xfe', undefined, 'x']
  const latin1 = (text: string | undefined) => (text === 'é' ? '\xc3\xa9' : text)
  expect(
    tenants(
      '{__tenant__="a\\"b"}',
      '{__tenant__="plain"}',
      '{__tenant__="\\u00e9"}',
      '{__tenant__="\\xff\\xfe"}',
      '{a="\\n"}',
      '{"\\x5f_tenant__"=`x`}',
    ),
  ).toEqual(want.map(latin1))
  const plain = scan({ streams: [{ labels: '{__tenant__="a", b="\\n"}', entries: [] }] })
  expect(plain.values).toBe(plain.bytes)
})

test('a stream with a bad label text is faulty alone, and says why', () => {
  const batch = scan({
    streams: [
      { labels: '{__tenant__="a", x="y"}', entries: [entry] },
      { labels: '{__tenant__="b", x=y}', entries: [entry, entry] },
      { labels: '{__tenant__="c", x="y"}', entries: [entry] },
    ],
  })
  expect([...batch.flags]).toEqual([0, flag.faulty, 0])
  expect([...batch.which]).toEqual([0, NONE, 0])
  expect([...batch.samples]).toEqual([1, 2, 1])
  expect([...batch.faults]).toEqual([[1, 'label text: expected a quoted value at byte 19, before "y}"']])
  expect(lokiPush.labels(batch, 1)).toEqual([['__tenant__', 'b']])
})

test('a stream whose timestamp does not exist is faulty alone: Loki would refuse all beside it', () => {
  const field = (tag: number, ...content: readonly number[]) => [tag, content.length, ...content]
  const varint = (tag: number, value: bigint): number[] => {
    const bytes = [tag]
    let rest = BigInt.asUintN(64, value)
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 0x80)
    return [...bytes, Number(rest)]
  }
  const seconds = (value: bigint) => varint(0x08, value)
  const nanos = (value: bigint) => varint(0x10, value)
  const check = (exists: boolean, ...timestamp: readonly number[][]) => {
    for (const rest of [[], [0x12, 0], [0x12, 1, 0x61]]) {
      const body = field(0x0a, ...field(0x12, ...field(0x0a, ...timestamp.flat()), ...rest))
      const fault = lokiPush.scan(Uint8Array.from(body), watch).faults.get(0)
      expect(fault, body.join()).toBe(exists ? undefined : 'entry 1: a timestamp that does not exist (byte 4)')
    }
  }
  check(true)
  check(true, nanos(999_999_999n))
  check(true, seconds(1n), nanos(999_999_999n))
  check(false, nanos(1_000_000_000n))
  check(false, seconds(1n), nanos(1_000_000_000n))
  check(false, seconds(1n), nanos(-1n))
  check(true, nanos(1_000_000_000n), nanos(5n), seconds(1n))
  check(true, seconds(253_402_300_799n))
  check(false, seconds(253_402_300_800n))
  check(true, seconds(-62_135_596_800n))
  check(false, seconds(-62_135_596_801n), nanos(999_999_999n))
  check(false, seconds(2n ** 63n - 1n))
})

test('structured metadata, parsed labels, hash and unknown fields travel; format and unknown top-level fields reach every part', () => {
  const stream = (tenant: string) => ({
    labels: `{__tenant__="${tenant}"}`,
    entries: [{ ...entry, metadata: [['trace_id', tenant]] as const }],
    hash: 18_446_744_073_709_551_615n,
    extra: Buffer.from('7a0161', 'hex'),
  })
  const extra = Buffer.from('12046c6f6b69ca3e0178', 'hex')
  const batch = scan({ streams: [stream('a'), stream('b'), stream('a')], extra })
  const got = Buffer.from(lokiPush.gather(batch, Uint32Array.of(0, 2), 2, false))
  expect(got).toEqual(Buffer.from(encodeLokiPush({ streams: [stream('a'), stream('a')], extra })))
})

test('law: the parts together are the push; each stream is the bytes that came', () => {
  const text = fc.constantFrom('{__tenant__="a"}', '{__tenant__="b", x="y"}', '{__foo__="\\x61"}', '{x="y"}', '')
  const metadata = fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 2 })
  const entries = fc.array(
    fc.record({ tsNs: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), line: fc.string({ unit: 'binary' }), metadata }),
    { maxLength: 3 },
  )
  const stream = fc.record({ labels: text, entries, hash: fc.bigInt(0n, 2n ** 64n - 1n) })
  fc.assert(
    fc.property(fc.array(stream), fc.boolean(), (streams, remove) => {
      const body = encodeLokiPush({ streams })
      const batch = lokiPush.scan(body, watch)
      expect(batch.faults.size).toBe(0)
      expect([...batch.samples]).toEqual(streams.map((s) => s.entries.length))
      const groups = new Map<string, number[]>()
      for (let i = 0; i < batch.count; i++) {
        const tenant = batch.which[i] === NONE ? '' : winner(batch, i)
        groups.set(tenant, [...(groups.get(tenant) ?? []), i])
      }
      const sent: unknown[] = new Array(batch.count)
      for (const [tenant, items] of groups) {
        const part = Buffer.from(lokiPush.gather(batch, Uint32Array.from(items), items.length, remove))
        const again = decodeLokiPush(part).streams
        items.forEach((i, k) => {
          sent[i] = again[k]!.entries
          if (remove && tenant !== '') expect(again[k]!.labels).not.toMatch(/__tenant__|__foo__/)
          else expect(again[k]!.labels).toBe(streams[i]!.labels)
        })
        if (!remove || tenant === '') {
          const pieces = items.map((i) => body.subarray(batch.start[i], batch.end[i]))
          expect(part).toEqual(Buffer.concat(pieces))
        }
      }
      expect(sent).toEqual(decodeLokiPush(body).streams.map((s) => s.entries))
    }),
  )
})

test('law: of any bytes, what is taken is what the full decoder sees', () => {
  const whole = encodeLokiPush({
    streams: ['{__tenant__="a", b="c"}', '{__foo__="\\x41"}'].map((labels) => ({
      labels,
      entries: [{ ...entry, metadata: [['k', 'v']] as const }, entry],
      hash: 300n,
    })),
    extra: Buffer.from('12046c6f6b69', 'hex'),
  })
  const change = fc.record({ at: fc.nat(whole.length), how: fc.constantFrom('set', 'cut', 'add'), to: fc.nat(255) })
  let taken = 0
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let bytes: Buffer = Buffer.from(whole)
      for (const { at, how, to } of changes) {
        const rest = bytes.subarray(how === 'add' ? at : at + 1)
        bytes = Buffer.concat([bytes.subarray(0, at), ...(how === 'cut' ? [] : [Buffer.of(to)]), rest])
      }
      let batch: Batch
      try {
        batch = lokiPush.scan(bytes, watch)
      } catch (error) {
        expect(error instanceof SluiceError && error.code).toBe('BODY_CORRUPT')
        expect((error as SluiceError).offset).toBeLessThanOrEqual(bytes.length)
        return
      }
      taken++
      const seen = decodeLokiPush(bytes)
      expect(batch.count).toBe(seen.streams.length)
      expect([...batch.samples]).toEqual(seen.streams.map((s) => s.entries.length))
      const kept = decodeLokiPush(lokiPush.gather(batch, all(batch.count), batch.count, true))
      expect(kept.streams.map((s) => s.entries)).toEqual(seen.streams.map((s) => s.entries))
    }),
    { numRuns: 3000 },
  )
  expect(taken).toBeGreaterThan(100)
})

test('a body of more streams or other fields than there is room for is refused before a table is made', () => {
  const check = (hex: string, count: number, maxItems: number, want: number | string) => {
    const body = Buffer.from(hex.repeat(count), 'hex')
    const run = () => lokiPush.scan(body, watch, maxItems).count
    if (typeof want === 'number') expect(run()).toBe(want)
    else expect(refusal(run).message).toBe(want)
  }
  check('0a00', 1000, 1000, 1000)
  check('0a00', 1001, 1000, 'the body holds more than 1000 streams or other fields')
  check('0a001a00', 111, 1000, 111)
  check('0a001a00', 112, 1000, 'the body holds more than 1000 streams or other fields')
  check('1a00', 100_000, 1000, 0)
  const bad = '0a040a027b61'
  check(bad, 10_000, 20_000, 10_000)
  check(
    bad,
    10_001,
    20_000,
    'protobuf: over 10000 streams are malformed; the last: label text: expected "=" after the label name at byte 2, before the end (byte 60000)',
  )
})

test('labels() of a stream with a million of them lists those that decide', () => {
  const text = `{${'a="b",'.repeat(5000)}__foo__="1",${'a="b",__foo__="2",'.repeat(5000)}__bar__="3"}`
  const batch = scan({ streams: [{ labels: text, entries: [] }] })
  const labels = lokiPush.labels(batch, 0)
  expect(labels.length).toBe(1002)
  expect(labels.slice(1000)).toEqual([
    ['__foo__', '1'],
    ['__bar__', '3'],
  ])
})
