import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pushRequest } from '../../test/oracle/arbitrary/push-request.ts'
import { request2 } from '../../test/oracle/arbitrary/request-2.ts'
import { writeRequest } from '../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../test/oracle/codec.ts'
import { checkLaw } from '../../test/oracle/law.ts'
import { partIs } from '../../test/oracle/request-2-laws.ts'
import { readStrictly } from '../../test/oracle/strict.ts'
import { type PlainContent, readPlainly } from '../../test/oracle/symbols.ts'
import type { Batch } from './batch.ts'
import type { Codec } from './codec.ts'
import { watchLabels } from './codec.ts'
import { cutBody } from './cut.ts'
import { joinBodies, joinCompressed } from './join.ts'
import { lokiPush } from './loki/codec.ts'
import { compress, joinBlocks, uncompress } from './snappy.ts'
import { remoteWrite1 } from './v1/codec.ts'
import { remoteWrite2 } from './v2/codec.ts'

// What queues need of the codecs, against the generated ones: times, values of labels, cutting and joining.

const watch = watchLabels([])
const scanned = (codec: Codec, body: Uint8Array) => {
  try {
    return codec.scan(body, watch)
  } catch {
    return undefined
  }
}

test('remote write 1: the oldest and the newest time are those of the generated codec', () => {
  checkLaw(writeRequest(), { runs: 500, least: 100 }, (body) => {
    const message = decode(schemas.writeRequestRaw, body)
    if (message === undefined || scanned(remoteWrite1, body) === undefined) return false
    const all = message.timeseries.flatMap((one) => [...one.samples, ...one.histograms])
    const times = all.map(({ timestamp }) => Number(timestamp))
    const { oldestMs, newestMs } = remoteWrite1.times(body)
    expect([oldestMs, newestMs]).toEqual([Math.min(...times), Math.max(...times)])
    return times.length > 0
  })
})

test('Loki: likewise, in ms', () => {
  checkLaw(pushRequest(), { runs: 500, least: 50 }, (body) => {
    const message = decode(schemas.pushRequestRaw, body)
    if (message === undefined || scanned(lokiPush, body) === undefined) return false
    const times = message.streams
      .flatMap(({ entries }) => entries)
      .map(({ timestamp }) => Number(timestamp?.seconds ?? 0n) * 1000 + (timestamp?.nanos ?? 0) / 1e6)
    // A timestamp that does not exist makes its stream one that is never sent.
    if (message.streams.flatMap(({ entries }) => entries).some(({ timestamp }) => odd(timestamp))) return false
    const { oldestMs, newestMs } = lokiPush.times(body)
    expect([oldestMs, newestMs]).toEqual([Math.min(...times), Math.max(...times)])
    return times.length > 0
  })
})

test('remote write 2: the oldest and the newest time, and values of labels, are those of the generated codec', () => {
  const names = ['job', 'zone'].map((name) => Buffer.from(name))
  checkLaw(request2(), { runs: 500, least: 100 }, (body) => {
    const message = decode(schemas.request2Raw, body)
    const batch = sound2(body)
    if (message === undefined || batch === undefined) return false
    const times = message.timeseries
      .flatMap((one) => [...one.samples, ...one.histograms])
      .map(({ timestamp }) => Number(timestamp))
    const { oldestMs, newestMs } = remoteWrite2.times(body)
    expect([oldestMs, newestMs]).toEqual([Math.min(...times), Math.max(...times)])
    const series = plainSeries(body)
    const wanted = series.map(({ labels }) =>
      names.map((name) => labels.find((label) => label.name === name.toString() && label.value !== '')?.value ?? ''),
    )
    const got = wanted.map((_, i) => remoteWrite2.labelValues(batch, i, names))
    for (let i = 0; i < got.length; i++) {
      expect(got[i] === '').toBe(wanted[i]!.join('') === '')
      for (let k = 0; k < i; k++) {
        expect(got[i] === got[k]).toBe(JSON.stringify(wanted[i]) === JSON.stringify(wanted[k]))
      }
    }
    return times.length > 0
  })
})

/** A batch without malformed series. */
function sound2(body: Uint8Array): Batch | undefined {
  const batch = scanned(remoteWrite2, body)
  return batch !== undefined && batch.faults.size === 0 ? batch : undefined
}

const lengths = (bodies: readonly Uint8Array[]) => () => bodies.map(({ length }) => length)
const plainOf = (body: Uint8Array) => readPlainly(body, readStrictly(schemas.request2Raw, body).fields)
const plainSeries = (body: Uint8Array): PlainContent[] => plainOf(body).series.map(({ content }) => content!)

test('remote write 2: labels have the same hash in a body of their own', () => {
  const kept = watchLabels(['__tenant_id__'])
  checkLaw(request2(), { runs: 200, least: 40 }, (body) => {
    if (sound2(body) === undefined) return false
    const batch = remoteWrite2.scan(body, kept)
    for (let i = 0; i < batch.count; i++) {
      const alone = remoteWrite2.scan(remoteWrite2.gather(batch, Uint32Array.of(i), 1, false).slice(), kept)
      expect(remoteWrite2.labelHash(alone, 0)).toBe(remoteWrite2.labelHash(batch, i))
    }
    return batch.count > 0
  })
})

test('remote write 2: a body that is cut, and joined again, holds what it held', () => {
  checkLaw(fc.tuple(request2(), fc.infiniteStream(fc.nat(4))), { runs: 400, least: 70 }, ([body, sizes]) => {
    const batch = sound2(body)
    if (batch === undefined || batch.count === 0) return false
    const { unknown } = plainOf(body)
    const series = plainSeries(body)
    const chosen: number[] = []
    for (let left = batch.count; left > 0; left -= chosen.at(-1)!) chosen.push(Math.min(left, sizes.next().value + 1))
    const cuts = cutBody(remoteWrite2, compress(body), chosen)
    const pieces = cuts.map((cut) => uncompress(cut.body, 1 << 24))
    let at = 0
    for (const [k, size] of chosen.entries()) {
      partIs(pieces[k]!, series.slice(at, at + size), unknown, `piece ${k}`)
      at += size
    }
    const joined = chosen.length === 1 ? pieces[0]! : joinBodies(remoteWrite2, pieces, lengths(pieces))
    partIs(joined, series, Buffer.concat(pieces.map(() => unknown)), 'the whole')
    const again = uncompress(
      joinCompressed(
        remoteWrite2,
        cuts.map((cut) => cut.body),
      ),
      1 << 24,
    )
    partIs(again, series, Buffer.concat(pieces.map(() => unknown)), 'the whole of blocks')
    // As it came, with a table that no good sender makes.
    const twice = joinBodies(remoteWrite2, [body, body], lengths([body, body]))
    partIs(twice, [...series, ...series], Buffer.concat([unknown, unknown]), 'twice')
    return true
  })
})

const odd = (time: { nanos: number; seconds: bigint } | undefined) =>
  time !== undefined && (time.nanos < 0 || time.nanos > 999_999_999 || Math.abs(Number(time.seconds)) > 1e12)

test('values of labels agree where, and only where, those of the generated codec do', () => {
  const names = ['job', 'zone'].map((name) => Buffer.from(name))
  checkLaw(writeRequest(), { runs: 300, least: 100 }, (body) => {
    const message = decode(schemas.writeRequestRaw, body)
    const batch = scanned(remoteWrite1, body)
    if (message === undefined || batch === undefined) return false
    const wanted = message.timeseries.map(({ labels }) =>
      names.map((name) => {
        const found = labels.find((label) => name.equals(label.name) && label.value.length > 0)
        return Buffer.from(found?.value ?? []).toString('hex')
      }),
    )
    const got = wanted.map((_, i) => remoteWrite1.labelValues(batch, i, names))
    for (let i = 0; i < got.length; i++) {
      expect(got[i] === '').toBe(wanted[i]!.join('') === '')
      for (let k = 0; k < i; k++) expect(got[i] === got[k]).toBe(wanted[i]!.join() === wanted[k]!.join())
    }
    return got.length > 0
  })
})

test('values of labels: the text that is compared', () => {
  const check = (labels: string, want: string) => {
    const bytes = encode(
      schemas.pushRequestRaw,
      create(schemas.pushRequestRaw, { streams: [{ labels: Buffer.from(labels) }] }),
    )
    const names = ['cluster', 'b'].map((name) => Buffer.from(name))
    expect(lokiPush.labelValues(lokiPush.scan(bytes, watch), 0, names)).toBe(want)
  }
  check('{a="1"}', '')
  check('{cluster="eu", a="1"}', '2:eu,0:')
  check('{b="x,y", cluster=`e`}', '1:e,3:x,y')
  check('{cluster="\\x61"}', '1:a,0:')
})

test('the hash of labels is that of the labels alone', () => {
  checkLaw(writeRequest(), { runs: 200, least: 60 }, (body) => {
    const message = decode(schemas.writeRequestRaw, body)
    const batch = scanned(remoteWrite1, body)
    if (message === undefined || batch === undefined || batch.count === 0) return false
    const again = remoteWrite1.scan(encode(schemas.writeRequestRaw, message), watch)
    const bare = create(schemas.writeRequestRaw, { timeseries: message.timeseries.map(({ labels }) => ({ labels })) })
    const without = remoteWrite1.scan(encode(schemas.writeRequestRaw, bare), watch)
    for (let i = 0; i < again.count; i++) {
      expect(remoteWrite1.labelHash(again, i)).toBe(remoteWrite1.labelHash(without, i))
    }
    return again.count > 0
  })
})

test('a body that is cut holds, piece by piece, what it held', () => {
  checkLaw(fc.tuple(writeRequest(), fc.infiniteStream(fc.nat(4))), { runs: 300, least: 60 }, ([body, sizes]) => {
    const batch = scanned(remoteWrite1, body)
    if (batch === undefined || batch.count === 0 || batch.metadata.length > 0) return false
    const chosen: number[] = []
    for (let left = batch.count; left > 0; left -= chosen.at(-1)!) chosen.push(Math.min(left, sizes.next().value + 1))
    const cuts = cutBody(remoteWrite1, compress(body), chosen)
    const pieces = cuts.map((cut) => remoteWrite1.scan(uncompress(cut.body, 1 << 24), watch))
    expect(pieces.map(({ count }) => count)).toEqual(chosen)
    const items = (one: typeof batch) =>
      Array.from({ length: one.count }, (_, i) =>
        Buffer.from(one.bytes.subarray(one.start[i], one.end[i])).toString('hex'),
      )
    expect(pieces.flatMap(items)).toEqual(items(batch))
    expect(cuts.map(({ samples }) => samples)).toEqual(pieces.map((one) => one.samples.reduce((a, b) => a + b, 0)))
    return true
  })
})

test('sizes that do not fit the body are refused', () => {
  const body = compress(encode(schemas.writeRequest, create(schemas.writeRequest, { timeseries: [{}, {}] })))
  expect(() => cutBody(remoteWrite1, body, [1])).toThrow(RangeError)
  expect(() => cutBody(remoteWrite1, compress(Buffer.from([10])), [1])).toThrow(/protobuf/)
})

test('joined blocks unpack to what each of them does, one behind the other', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }).chain((bytes) => fc.nat(40).map((n) => repeated(bytes, n))))
  fc.assert(
    fc.property(pieces, fc.boolean(), (all, isLong) => {
      if (all.length === 0) return
      const blocks = all.map((bytes) => (isLong ? longer(compress(bytes)) : compress(bytes)))
      expect(Buffer.compare(uncompress(joinBlocks(blocks), 1 << 24), Buffer.concat(all))).toBe(0)
    }),
  )
})

const repeated = (bytes: Uint8Array, times: number) => Buffer.concat(Array.from({ length: times }, () => bytes))

/** The same block with its length in one byte more than it needs. */
function longer(block: Uint8Array): Uint8Array {
  const end = block.findIndex((byte) => byte < 0x80)
  return Buffer.concat([block.subarray(0, end), Uint8Array.of(block[end]! | 0x80, 0), block.subarray(end + 1)])
}
