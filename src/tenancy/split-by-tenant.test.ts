import { expect, test } from 'vitest'
import {
  decodeLokiPush,
  decodeWriteRequest,
  encodeLokiPush,
  encodeWriteRequest,
  type LabelInput,
  snappyBlock,
} from '../dev/encode.ts'
import { encodeRequest2 } from '../dev/encode-v2.ts'
import { uncompress } from '../wire/snappy.ts'
import { type SplitOptions, splitByTenant } from './split-by-tenant.ts'

const bodyOf = (...tenants: string[]) =>
  snappyBlock(
    encodeWriteRequest({
      series: tenants.map((tenant, i) => ({
        labels: [
          ['__name__', `m${i}`],
          ['tenant', tenant],
        ] as LabelInput[],
        samples: [[i, 1]],
      })),
      metadata: [{ family: 'm0' }],
    }),
  )
const options: SplitOptions = { labels: ['tenant'] }

test('one complete body for each tenant, and why the rest is in none', () => {
  const { parts, rejected, dropped } = splitByTenant(bodyOf('a', 'b', 'a', 'x|y', ''), {
    ...options,
    onMissing: 'drop',
  })
  const decoded = parts.map(({ tenant, series, body }) => {
    const request = decodeWriteRequest(uncompress(body, 10_000))
    return [tenant, series, request.series.map(({ labels }) => labels.join()), request.metadata.length]
  })
  expect(decoded).toEqual([
    ['a', 2, ['__name__,m0', '__name__,m2'], 0],
    ['b', 1, ['__name__,m1'], 0],
  ])
  expect(rejected.map(({ reason, tenant, series }) => [reason, tenant, series])).toEqual([['invalid_tenant', 'x|y', 1]])
  expect(dropped).toEqual([
    { reason: 'missing_tenant', tenant: undefined, detail: "label(s): {'tenant'} not found", series: 1 },
  ])
})

test('remote write 2: each part has a table of its own, and the metadata of its series', () => {
  const series = ['a', 'b', 'a'].map((tenant, i) => ({
    labels: [['__name__', `m${i}`], ['tenant', tenant]] as const, // biome-ignore format: one line
    samples: [[i, 1]] as const,
    metadata: { type: 1, help: `about ${i}` },
  }))
  const contentType = 'application/x-protobuf; proto="io.prometheus.write.v2.Request"'
  const { parts } = splitByTenant(snappyBlock(encodeRequest2({ series })), { ...options, contentType })
  const want = (...kept: number[]) =>
    Buffer.from(encodeRequest2({ series: kept.map((i) => ({ ...series[i]!, labels: [['__name__', `m${i}`]] })) }))
  expect(parts.map(({ tenant, series }) => [tenant, series])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  expect(want(0, 2).equals(uncompress(parts[0]!.body, 10_000))).toBe(true)
  expect(want(1).equals(uncompress(parts[1]!.body, 10_000))).toBe(true)
})

test('Loki, as protobuf and as JSON', () => {
  const protobuf = snappyBlock(
    encodeLokiPush({ streams: [{ labels: '{tenant="a", job="x"}', entries: [{ tsNs: 1n, line: 'hello' }] }] }),
  )
  const json = Buffer.from('{"streams":[{"stream":{"tenant":"a","job":"x"},"values":[["1","hello"]]}]}')
  for (const [body, more] of [
    [protobuf, { protocol: 'loki' }],
    [json, { contentType: 'application/json; charset=utf-8' }],
  ] as const) {
    const { parts } = splitByTenant(body, { ...options, ...more })
    expect(parts.map(({ tenant, series }) => [tenant, series])).toEqual([['a', 1]])
    expect(decodeLokiPush(uncompress(parts[0]!.body, 10_000)).streams[0]).toMatchObject({
      labels: '{job="x"}',
      entries: [{ line: 'hello' }],
    })
  }
})

test('what can’t be split is an error with its code', () => {
  const check = (body: Uint8Array, more: SplitOptions, code: string) =>
    expect(() => splitByTenant(body, { ...options, ...more })).toThrow(expect.objectContaining({ code }))
  check(bodyOf('a', ''), { strict: true }, 'SERIES_REJECTED')
  check(bodyOf('a', 'b'), { maxTenantsPerRequest: 1 }, 'TOO_MANY_TENANTS')
  check(bodyOf('a'), { contentType: 'text/plain' }, 'UNSUPPORTED_CONTENT_TYPE')
  const version3 = 'application/x-protobuf; proto="io.prometheus.write.v3.Request"'
  check(bodyOf('a'), { contentType: version3 }, 'UNSUPPORTED_CONTENT_TYPE')
  check(bodyOf('a'), { labels: [] }, 'CONFIG_INVALID')
  check(bodyOf('a'), { maxDecompressedSize: 10 }, 'DECOMPRESSED_TOO_LARGE')
  check(Buffer.from('garbage'), {}, 'BODY_CORRUPT')
  for (const none of [new ArrayBuffer(8), 'text', undefined]) check(none as unknown as Uint8Array, {}, 'BAD_REQUEST')
  // Half a million series of two bytes each: the table of them is what would not fit.
  const many = snappyBlock(Buffer.alloc(1 << 20, Uint8Array.of(0x0a, 0)))
  check(many, { maxDecompressedSize: 2 << 20 }, 'DECOMPRESSED_TOO_LARGE')
})

test('the prefix may come from a header; the caller’s buffer is left alone', () => {
  const block = bodyOf('a', 'b')
  const surrounded = Buffer.concat([Buffer.from('before'), block, Buffer.from('after')])
  const copy = Buffer.from(surrounded)
  const { parts } = splitByTenant(surrounded.subarray(6, 6 + block.length), {
    ...options,
    prefixFromHeader: 'X-Env',
    inboundHeaders: { 'x-ENV': 'prod' },
  })
  expect(parts.map(({ tenant }) => tenant)).toEqual(['prod-a', 'prod-b'])
  expect(surrounded).toEqual(copy)
})
