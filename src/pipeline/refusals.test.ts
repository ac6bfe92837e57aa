import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { metricsOf, pushOf, startBench, textOf } from '../../test/support/pipeline.ts'
import { decodeLokiPush, encodeLokiPush, encodeWriteRequest, snappyBlock } from '../dev/encode.ts'
import type { Push } from '../receive/push.ts'
import { uncompress } from '../wire/snappy.ts'

const tenantsOf = (bench: ReturnType<typeof startBench>) => bench.sent.map(({ tenant }) => tenant)

test('a rejected series is told with an example, the rest is delivered; a dropped one is only counted', async () => {
  const bench = startBench({ tenancy: { onMissing: 'drop' } })
  const answer = await bench.push(pushOf(metricsOf(['a', 'x|y', '', 'b', 'x|z'])))
  expect([answer.status, textOf(answer)]).toEqual([
    400,
    [
      '2 series rejected',
      `rejected invalid_tenant (2): tenant id "x|y" is refused: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * ' ( ); ` +
        'for example {__name__="m", i="1", tenant="x|y"}',
      '',
    ].join('\n'),
  ])
  expect(tenantsOf(bench)).toEqual(['a', 'b'])
  expect(bench.tally('sluice_rejected_total', { signal: 'metrics', reason: 'invalid_tenant' })).toBe(2)
  expect(bench.tally('sluice_dropped_total', { signal: 'metrics', reason: 'missing_tenant' })).toBe(1)
  expect(
    bench.rejections.list().map(({ reason, tenant, metric, sender, count }) => [reason, tenant, metric, sender, count]),
  ).toEqual([
    ['missing_tenant', undefined, 'm', '192.0.2.1', 1],
    ['invalid_tenant', 'x|z', 'm', '192.0.2.1', 1],
    ['invalid_tenant', 'x|y', 'm', '192.0.2.1', 1],
  ])
  expect(bench.lines[0]).toMatch(/^series rejected: tenant id "x\|y" is refused/)
})

test('everything dropped by policy: 204', async () => {
  const bench = startBench({ tenancy: { onMissing: 'drop', onInvalid: 'drop' } })
  expect((await bench.push(pushOf(metricsOf(['', 'x|y'])))).status).toBe(204)
})

test('a failing part decides the status, and the refused series are told all the same', async () => {
  const bench = startBench({ upstream: () => 503 })
  const answer = await bench.push(pushOf(metricsOf(['a', ''])))
  expect([answer.status, textOf(answer)]).toEqual([
    503,
    `1 of 1 tenants failed, 1 series rejected\ntenant a: 503\nrejected missing_tenant (1): label(s): {'tenant'} not found; ` +
      'for example {__name__="m", i="1"}\n',
  ])
})

test('strict: one bad series refuses the request, and nothing is sent', async () => {
  const bench = startBench({ tenancy: { strict: true } })
  expect((await bench.push(pushOf(metricsOf(['a', 'b', ''], { metadata: [{ family: 'm' }] })))).status).toBe(400)
  const { pipeline, sent } = bench
  expect([sent.length, pipeline.families.held, pipeline.current.metrics.lanes.size]).toEqual([0, 0, 0])
  expect((await bench.push(pushOf(metricsOf(['a', 'b'])))).status).toBe(200)
  const dropping = startBench({ tenancy: { strict: true, onMissing: 'drop' } })
  expect((await dropping.push(pushOf(metricsOf(['a', ''])))).status).toBe(200)
})

test('beyond max_tenants: rejected, never the default, while those that are known go on', async () => {
  const bench = startBench({ tenancy: { maxTenants: 2, default: 'a' } })
  await bench.push(pushOf(metricsOf(['a', 'b'])))
  const answer = await bench.push(pushOf(metricsOf(['c', 'a', 'c'])))
  expect(answer.status).toBe(400)
  expect(textOf(answer)).toBe(
    '2 series rejected\nrejected max_tenants (2): there are 2 tenants already (tenancy.max_tenants); "c" is one more; ' +
      'for example {__name__="m", i="0", tenant="c"}\n',
  )
  expect(tenantsOf(bench)).toEqual(['a', 'b', 'a'])
  bench.clock.now = 15 * 60_000
  expect((await bench.push(pushOf(metricsOf(['c'])))).status).toBe(200)
})

test('beyond max_tenants_per_request nothing is sent', async () => {
  const bench = startBench({ tenancy: { maxTenantsPerRequest: 2 } })
  expect((await bench.push(pushOf(metricsOf(['a', 'b', 'a', '|', '/'])))).status).toBe(400)
  expect(tenantsOf(bench)).toEqual(['a', 'b'])
  const answer = await bench.push(pushOf(metricsOf(['a', 'b', 'c'])))
  expect([answer.status, textOf(answer)]).toEqual([
    400,
    'the request is for more than 2 tenants (tenancy.max_tenants_per_request); nothing was sent',
  ])
  expect(bench.sent).toHaveLength(2)
})

test('a tenant’s rate limit answers 429 with the time to wait, the others are delivered', async () => {
  const override = [{ tenants: ['a'], rateLimit: { samplesPerSecond: 1, burst: 2 } }]
  const bench = startBench({ tenancy: { override } })
  const push = (value: number) => bench.push(pushOf(metricsOf(['a', 'a', 'b'], { value })))
  expect((await push(1)).status).toBe(200)
  const limited = await push(2)
  expect([limited.status, limited.headers?.['retry-after']]).toEqual([429, '2'])
  expect(tenantsOf(bench)).toEqual(['a', 'b', 'b'])
})

test('overrides: url and headers of the first that matches', async () => {
  const override = [
    {
      tenants: ['x-*'],
      url: 'http://elsewhere/',
      headers: { 'X-Own': '1' },
    },
  ]
  const bench = startBench({ tenancy: { override } })
  await bench.push(pushOf(metricsOf(['x-1', 'a'])))
  const [own, general] = bench.sent.map(({ request }) => request)
  expect([own?.url, general?.url]).toEqual(['http://elsewhere/', 'http://up/metrics'])
  expect(own?.headers).toMatchObject({
    'x-own': '1',
    'x-fixed': 'yes',
    'x-scope-orgid': 'x-1',
  })
  expect(general?.headers).not.toHaveProperty('x-own')
})

test('what can’t be read is refused as a whole', async () => {
  const check = async (push: Push, status: number, text: RegExp, more = {}) => {
    const bench = startBench(more)
    const answer = await bench.push(push)
    expect([answer.status, bench.sent.length]).toEqual([status, 0])
    expect(textOf(answer)).toMatch(text)
  }
  await check(pushOf(Buffer.from('garbage')), 400, /snappy: .*byte/)
  await check(pushOf(Buffer.alloc(0)), 400, /snappy/)
  await check(pushOf(snappyBlock(Buffer.from([0x0a, 0x05]))), 400, /byte/)
  await check(pushOf(snappyBlock(new Uint8Array(0))), 400, /^No timeseries found in the request$/)
  const small = { settings: { maxDecompressedBytes: 100 } }
  await check(pushOf(metricsOf(['a', 'b', 'c'])), 413, /receive.max_decompressed_size/, small)
  await check(pushOf(metricsOf(['a']), { reserve: () => false }), 503, /receive.max_in_flight_bytes/)
})

const entries = [{ tsNs: 1_700_000_000_000_000_001n, line: 'hello', metadata: [['trace', 'x'] as const] }]
const lokiBody = (...labels: string[]) => encodeLokiPush({ streams: labels.map((text) => ({ labels: text, entries })) })
const loki = (body: Uint8Array, more: Partial<Push> = {}) =>
  pushOf(body, { kind: 'loki', path: '/loki/push', headers: { 'content-type': 'application/x-protobuf' }, ...more })

test('Loki: protobuf in snappy or gzip, JSON plain or in gzip; always protobuf in snappy out', async () => {
  const protobuf = lokiBody('{tenant="a", job="x"}', '{tenant="b"}')
  const json = Buffer.from(
    JSON.stringify({
      streams: [
        { stream: { tenant: 'a', job: 'x' }, values: [['1700000000000000001', 'hello', { trace: 'x' }]] },
        { stream: { tenant: 'b', job: 'x' }, values: [['1700000000000000001', 'hello', { trace: 'x' }]] },
      ],
    }),
  )
  const check = async (push: Push, rejected: boolean) => {
    const bench = startBench()
    const answer = await bench.push(push)
    expect(answer.status).toBe(rejected ? 400 : 200)
    const first = bench.sent[0]!
    expect([first.tenant, first.request.url, first.request.headers['content-encoding']]).toEqual([
      'a',
      'http://up/logs',
      'snappy',
    ])
    const { streams } = decodeLokiPush(uncompress(first.request.body, 1 << 20))
    expect(streams).toHaveLength(1)
    expect(streams[0]?.labels).toMatch(/^\{job="x"\}$/)
    expect(streams[0]?.entries[0]).toMatchObject({ line: 'hello', tsNs: 1_700_000_000_000_000_001n })
    expect(streams[0]?.entries[0]?.metadata).toEqual([['trace', 'x']])
  }
  // The second stream of the protobuf body has no other label: it is refused, alone.
  await check(loki(snappyBlock(protobuf)), true)
  await check(loki(gzipSync(protobuf), { encoding: 'gzip' }), true)
  await check(loki(json, { encoding: 'identity', format: 'json' }), false)
  await check(loki(gzipSync(json), { encoding: 'gzip', format: 'json' }), false)
})

test('Loki: a malformed stream is refused alone; a push without entries is 422', async () => {
  const bench = startBench()
  const answer = await bench.push(loki(snappyBlock(lokiBody('{tenant="a", job="x"}', '{nope'))))
  expect([answer.status, tenantsOf(bench)]).toEqual([400, ['a']])
  expect(textOf(answer)).toMatch(/^1 stream rejected\nrejected malformed \(1\): label text: /)
  const empty = (labels: string[]) => encodeLokiPush({ streams: labels.map((text) => ({ labels: text, entries: [] })) })
  expect((await bench.push(loki(snappyBlock(empty([]))))).status).toBe(422)
  expect((await bench.push(loki(snappyBlock(empty(['{tenant="a", b="c"}']))))).status).toBe(422)
  expect((await bench.push(loki(Buffer.from('{"streams":[]}'), { encoding: 'identity', format: 'json' }))).status).toBe(
    422,
  )
})

test('gzip: what it unpacks to is bounded and reserved, whatever its trailer says', async () => {
  const protobuf = lokiBody(`{tenant="a", job="${'x'.repeat(5000)}"}`)
  let reserved = 0
  const reserve = (bytes: number) => {
    reserved += bytes
    return true
  }
  const bench = startBench({ settings: { maxDecompressedBytes: 100_000 } })
  expect((await bench.push(loki(gzipSync(protobuf), { encoding: 'gzip', reserve }))).status).toBe(200)
  expect(reserved).toBeGreaterThanOrEqual(protobuf.length)
  const lying = gzipSync(Buffer.alloc(1 << 20))
  lying.writeUInt32LE(1, lying.length - 4)
  expect((await bench.push(loki(lying, { encoding: 'gzip' }))).status).toBe(413)
  expect((await bench.push(loki(gzipSync(Buffer.alloc(1 << 20)), { encoding: 'gzip' }))).status).toBe(413)
  const broken = gzipSync(protobuf)
  broken[broken.length - 8]! ^= 1
  expect((await bench.push(loki(broken, { encoding: 'gzip' }))).status).toBe(400)
  expect((await bench.push(loki(Buffer.from('no gzip'), { encoding: 'gzip' }))).status).toBe(400)
})

test('what JSON becomes is reserved too', async () => {
  const json = Buffer.from(`{"streams":[{"stream":{"tenant":"a","b":"c"},"values":[["1","${'x'.repeat(10_000)}"]]}]}`)
  let reserved = 0
  const bench = startBench()
  const reserve = (bytes: number) => {
    reserved += bytes
    return true
  }
  await bench.push(loki(json, { encoding: 'identity', format: 'json', reserve }))
  expect(reserved).toBeGreaterThan(10_000)
})

test('texts of hostile series are noted short', async () => {
  const bench = startBench()
  const giant = 'g'.repeat(100_000)
  const labels = [
    ['__name__', giant],
    [giant, 'x'],
    ['tenant', `|${giant}`],
  ] as const
  await bench.push(pushOf(snappyBlock(encodeWriteRequest({ series: [{ labels }] }))))
  const [entry] = bench.rejections.list()
  expect(JSON.stringify(entry).length).toBeLessThan(3000)
  expect(bench.lines.join().length).toBeLessThan(1000)
})

test('hostile ids leave nothing behind: no lane, no metric label beyond the tenants there are', async () => {
  const bench = startBench({ tenancy: { maxTenants: 3, prefixFromHeader: 'x-source' } })
  for (let k = 0; k < 50; k++) {
    const tenants = Array.from({ length: 20 }, (_, i) => `t-${k}-${i}`)
    await bench.push(pushOf(metricsOf([...tenants, `bad|${k}`]), { headers: { 'x-source': `p${k}` } }))
  }
  const { metrics } = bench.pipeline.current
  expect(metrics.lanes.size).toBe(3)
  expect(bench.pipeline.families.pairs).toBe(3)
  expect(bench.sent).toHaveLength(3)
})
