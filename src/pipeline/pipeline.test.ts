import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { metricsOf, pushOf, startBench, textOf } from '../../test/support/pipeline.ts'
import { decodeWriteRequest } from '../dev/encode.ts'
import { compress, uncompress } from '../wire/snappy.ts'

const unpacked: WeakRef<ArrayBufferLike>[] = []
vi.mock('../wire/snappy.ts', async (original) => {
  const real = await original<typeof import('../wire/snappy.ts')>()
  const uncompressNoted: typeof real.uncompress = (block, max) => {
    const bytes = real.uncompress(block, max)
    unpacked.push(new WeakRef(bytes.buffer))
    return bytes
  }
  return { ...real, uncompress: uncompressNoted }
})

const seriesIn = (body: Uint8Array) =>
  decodeWriteRequest(uncompress(body, 1 << 20)).series.map(({ labels }) =>
    labels.map((pair) => pair.join('=')).join(' '),
  )

test('each tenant gets its series under its own header, without the label', async () => {
  const bench = startBench()
  const answer = await bench.push(pushOf(metricsOf(['a', 'b', 'a'])))
  expect(answer).toMatchObject({ status: 200, headers: {} })
  expect(bench.sent.map(({ tenant, request }) => [tenant, request.url, seriesIn(request.body)])).toEqual([
    ['a', 'http://up/metrics', ['__name__=m i=0', '__name__=m i=2']],
    ['b', 'http://up/metrics', ['__name__=m i=1']],
  ])
})

test('headers: those of the protocol and the settings; of the sender’s three travel and no other', async () => {
  const bench = startBench()
  const headers = {
    'content-type': 'application/x-protobuf',
    'user-agent': 'Prometheus/3.0',
    'retry-attempt': '2',
    traceparent: '00-x',
    authorization: 'Basic x',
    cookie: 'a=b',
    'x-scope-orgid': 'other',
    'x-forwarded-for': '192.0.2.9',
    'x-fixed': 'no',
    host: 'proxy',
  }
  await bench.push(pushOf(metricsOf(['a']), { headers }))
  const fixed = {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-fixed': 'yes',
    'x-prometheus-remote-write-version': '0.1.0',
    'x-scope-orgid': 'a',
  }
  const travelled = { 'user-agent': 'Prometheus/3.0', 'retry-attempt': '2', traceparent: '00-x' }
  expect(bench.sent[0]?.request.headers).toEqual({ ...fixed, ...travelled })
  await bench.push(pushOf(metricsOf(['a'], { value: 2 })))
  expect(bench.sent[1]?.request.headers).toEqual({ ...fixed, 'user-agent': 'Sluice/test' })
})

test('a request of one tenant that needs no rewriting goes out as the very bytes that came in', async () => {
  const check = async (tenancy: object, tenants: string[], same: boolean, more = {}) => {
    const bench = startBench({ tenancy })
    const body = metricsOf(tenants, more)
    await bench.push(pushOf(body))
    expect(bench.sent[0]?.request.body === body).toBe(same)
  }
  await check({ keepLabel: true }, ['a', 'a'], true)
  await check({ default: 'd' }, ['', ''], true)
  await check({ default: 'd', keepLabel: true }, ['', 'd'], true)
  await check({}, ['a', 'a'], false)
  await check({ keepLabel: true }, ['a', 'b'], false)
  await check({ keepLabel: true }, ['a', 'a|b'], false)
  await check({ keepLabel: true, onMissing: 'drop' }, ['a', ''], false)
  await check({ keepLabel: true }, ['a'], false, { metadata: [{ family: 'm' }] })
})

test('the header that prefix_from_header names is judged with the id', async () => {
  const bench = startBench({ tenancy: { prefixFromHeader: 'X-Source', default: 'd' } })
  const push = (source: string) =>
    bench.push(pushOf(metricsOf(['a', '']), { headers: { 'x-source': source } })).then(({ status }) => status)
  expect(await push('eu')).toBe(200)
  expect(await push('a|b')).toBe(400)
  expect(await push('e\u0301')).toBe(400)
  expect(await push('')).toBe(200)
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['eu-a', 'eu-d', 'a', 'd'])
})

test('the merged answer, end to end', async () => {
  const check = async (statuses: Record<string, number>, status: number, text: string) => {
    const bench = startBench({ upstream: (_request, tenant) => statuses[tenant] ?? 200 })
    const answer = await bench.push(pushOf(metricsOf(Object.keys(statuses))))
    expect([answer.status, textOf(answer)]).toEqual([status, text])
  }
  await check({ a: 200, b: 204 }, 204, '')
  await check({ a: 200, b: 500 }, 500, '1 of 2 tenants failed\ntenant b: 500\n')
  await check({ a: 429, b: 503 }, 503, '2 of 2 tenants failed\ntenant a: 429\ntenant b: 503\n')
  await check({ a: 400, b: 429 }, 429, '2 of 2 tenants failed\ntenant a: 400\ntenant b: 429\n')
  await check({ a: 422 }, 422, '1 of 1 tenants failed\ntenant a: 422\n')
  await check({ a: 200, b: 422 }, 400, '1 of 2 tenants failed\ntenant b: 422\n')
  await check({ a: 200, b: 302 }, 502, '1 of 2 tenants failed\ntenant b: 302\n')
})

test('a retry sends only what failed; the same bytes under another tenant header are another push', async () => {
  const bench = startBench({ upstream: (_request, tenant) => (tenant === 'b' ? 500 : 200) })
  const body = metricsOf(['a', 'b'])
  const push = (org: string) =>
    bench.push(pushOf(Buffer.from(body), { headers: { 'x-scope-orgid': org } })).then(({ status }) => status)
  const sentNow = () => bench.sent.splice(0).map(({ tenant }) => tenant)
  expect([await push('one'), sentNow()]).toEqual([500, ['a', 'b']])
  expect([await push('one'), sentNow()]).toEqual([500, ['b']])
  expect([await push('two'), sentNow()]).toEqual([500, ['a', 'b']])
  bench.upstream = () => 200
  expect([await push('one'), sentNow()]).toEqual([200, ['b']])
  expect([await push('two'), sentNow()]).toEqual([200, ['b']])
  expect([await push('one'), sentNow()]).toEqual([200, ['a', 'b']])
  expect(bench.tally('sluice_tenant_samples_total', { tenant: 'a', signal: 'metrics' })).toBe(3)
})

test('a repeat during the first attempt makes no second copy', async () => {
  let open: (status: number) => void = () => undefined
  const bench = startBench({
    upstream: () =>
      new Promise((resolve) => {
        open = resolve
      }),
  })
  const body = metricsOf(['a'])
  const both = [bench.push(pushOf(body)), bench.push(pushOf(Buffer.from(body)))]
  open(202)
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([202, 202])
  expect(bench.sent).toHaveLength(1)
})

test('Retry-After is handed on up to the limit, and kept to for the same bytes', async () => {
  const bench = startBench({ upstream: () => ({ status: 429, headers: { 'retry-after': '100' } }) })
  const push = () => bench.push(pushOf(metricsOf(['a'])))
  expect((await push()).headers?.['retry-after']).toBe('30')
  bench.clock.now = 85_000
  expect((await push()).headers?.['retry-after']).toBe('15')
  expect(bench.sent).toHaveLength(1)
  bench.clock.now = 100_000
  await push()
  expect(bench.sent).toHaveLength(2)
})

test('a repeat refused for lack of room forgets nothing of what was delivered', async () => {
  const bench = startBench({ upstream: (_request, tenant) => (tenant === 'b' ? 500 : 200) })
  const body = metricsOf(['a', 'b'])
  await bench.push(pushOf(body))
  const noRoom = await bench.push(pushOf(body, { reserve: () => false }))
  expect([noRoom.status, noRoom.headers?.['retry-after']]).toEqual([503, '1'])
  bench.sent.length = 0
  await bench.push(pushOf(body))
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['b'])
})

test('accept_all: 204 whatever upstream says; what has no tenant is still refused', async () => {
  const bench = startBench({
    settings: { acceptAll: true },
    upstream: (_request, tenant) => (tenant === 'a' ? 500 : { status: 200, body: Buffer.from('text') }),
  })
  expect(await bench.push(pushOf(metricsOf(['a', 'b'])))).toEqual({ status: 204, headers: {}, body: '' })
  const answer = await bench.push(pushOf(metricsOf(['a', ''])))
  expect([answer.status, textOf(answer)]).toEqual([
    400,
    `1 series rejected\nrejected missing_tenant (1): label(s): {'tenant'} not found; for example {__name__="m", i="1"}\n`,
  ])
  expect(bench.sent).toHaveLength(3)
})

test('dry run: everything but sending, and 204', async () => {
  const bench = startBench({ settings: { dryRun: true } })
  const body = metricsOf(['a', 'a', 'b', 'x|y', ''], { metadata: [{ family: 'm' }] })
  expect(await bench.push(pushOf(body))).toEqual({ status: 204, headers: {}, body: '' })
  expect(bench.sent).toEqual([])
  expect(bench.tally('sluice_dry_run_total', { signal: 'metrics' })).toBe(1)
  expect(bench.tally('sluice_dry_run_samples_total', { signal: 'metrics', tenant: 'a' })).toBe(2)
  expect(bench.tally('sluice_rejected_total', { signal: 'metrics', reason: 'invalid_tenant' })).toBe(1)
  expect([...bench.pipeline.current.metrics.lanes].map(({ tenant }) => tenant)).toEqual(['a', 'b'])
})

test('counts: what came, what went, what the cache knew', async () => {
  const bench = startBench()
  await bench.push(pushOf(metricsOf(['a', 'b', 'a', '|'])))
  await bench.push(pushOf(metricsOf(['a', 'b', 'a', '|'])))
  const signal = 'metrics'
  expect(bench.tally('sluice_items_received_total', { signal })).toBe(8)
  expect(bench.tally('sluice_samples_received_total', { signal })).toBe(8)
  expect(bench.tally('cortex_tenant_timeseries_received', { tenant: 'a' })).toBe(4)
  expect(bench.tally('sluice_route_cache_misses_total')).toBe(3)
  expect(bench.tally('sluice_route_cache_hits_total')).toBe(5)
  expect(bench.tally('sluice_upstream_sent_bytes_total', { signal })).toBe(
    bench.sent.reduce((sum, { request }) => sum + request.body.length, 0),
  )
})

test('nothing uncompressed is kept while upstream takes its time', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const bench = startBench({ upstream: () => new Promise(() => undefined) })
  unpacked.length = 0
  const big = {
    labels: [
      ['__name__', 'm'],
      ['tenant', 'a'],
      ['x', 'y'.repeat(200_000)],
    ] as const,
  }
  void bench.push(pushOf(metricsOf(['a', 'b', '|'], { series: [big], metadata: [{ family: 'unknown' }] })))
  expect(bench.sent).toHaveLength(2)
  expect(bench.pipeline.families.held).toBe(1)
  for (let k = 0; k < 20 && unpacked[0]?.deref() !== undefined; k++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  expect(unpacked).toHaveLength(1)
  expect(unpacked[0]?.deref()).toBeUndefined()
})

test('big bodies are read one in a turn of the loop, and small ones in between', async () => {
  const bench = startBench()
  const padding = Buffer.concat([Buffer.from([0x9a, 0x06, 0x80, 0x80, 0x80, 0x09]), Buffer.alloc(9 << 21)])
  const order: string[] = []
  const big = (tenant: string) => {
    const plain = uncompress(metricsOf([tenant]), 1 << 20)
    return bench.push(pushOf(compress(Buffer.concat([plain, padding])))).then(() => order.push(tenant))
  }
  const bigOnes = ['big-1', 'big-2', 'big-3'].map(big)
  const small = bench.push(pushOf(metricsOf(['small']))).then(() => order.push('small'))
  await Promise.all([...bigOnes, small])
  expect(order.indexOf('small')).toBeLessThan(2)
  expect(order.filter((tenant) => tenant !== 'small')).toEqual(['big-1', 'big-2', 'big-3'])
})
