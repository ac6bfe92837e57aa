import { expect, test } from 'vitest'
import { at, series, write } from '../../../test/support/bodies.ts'
import { scraped, specOf, startFlowBench, startUpstream, tenancy } from '../../../test/support/flow.ts'
import { standIn } from '../../../test/support/stand-in.ts'
import { until } from '../../../test/support/until.ts'
import { defaultHttpClient } from '../../config/http-client/settle-http-client.ts'
import { noTenancy } from '../../config/tenancy-settings.ts'
import { encodeWriteRequest, type SeriesInput } from '../../dev/encode.ts'
import { RelabelStage } from '../../relabel/relabel-stage.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { fanOut } from './fan-out.ts'

/** Snappy as no compressor writes it: one literal, of at most 60 bytes that repeat themselves. */
function literalBlock(item: SeriesInput): Buffer {
  const padded = { ...item, labels: [...item.labels, ['z', 'yyyyyyyyyyyyyyyy'] as const] }
  const bytes = encodeWriteRequest({ series: [padded] })
  expect(bytes.length).toBeLessThanOrEqual(60)
  return Buffer.concat([Buffer.from([bytes.length, (bytes.length - 1) << 2]), bytes])
}

const a = '__tenant_id__=a'
const b = '__tenant_id__=b'

async function one(more: Partial<EndpointSpec> = {}) {
  const bench = startFlowBench()
  const upstream = await startUpstream()
  const put = async (next: Partial<EndpointSpec>) => {
    const [receiver] = await bench.endpoints.put('rw', [specOf('rw/0', upstream.url, next)])
    return receiver!
  }
  const receiver = await put(more)
  return { ...bench, upstream, put, receiver, push: await bench.listen(receiver) }
}

test('without tenancy all goes as one stream without a tenant’s header, and without __tenant_id__', async () => {
  const { upstream, push, registry } = await one({ tenancy: noTenancy })
  const body = write([series('__name__=m', a, 'z=1'), series('__name__=n'), series('__name__=o', b)], {
    metadata: [{ family: 'm', type: 1 }],
  })
  expect((await push(body, { 'x-scope-orgid': 'evil' })).status).toBe(200)
  await until(() => upstream.got.length === 2, { what: 'series and metadata are there' })
  expect(upstream.got.sort()).toEqual([': ', ': m{z="1"} n o'])
  expect(upstream.headers.every((headers) => headers['x-scope-orgid'] === undefined)).toBe(true)
  expect(registry.meter.tally('sluice_tenant_samples_total', { tenant: '__none__', signal: 'metrics' }).value).toBe(3)
  upstream.answer = () => ({ status: 400, body: 'no' })
  const refused = await push(write([at(2, series('__name__=m'))]))
  expect([refused.status, refused.text]).toEqual([400, '1 of 1 parts failed\nrw/0: 400 no\n'])
})

test('__tenant_id__ never leaves, though it is named and labels are kept; another label that is kept stays', async () => {
  const check = async (labels: readonly string[], want: string) => {
    const { upstream, push } = await one({ tenancy: tenancy({ labels, keepLabel: true, default: 'd' }) })
    expect((await push(write([series('__name__=m', a, 'team=t')]))).status).toBe(200)
    expect(upstream.got).toEqual([want])
  }
  await check(['__tenant_id__'], 'a: m{team="t"}')
  await check(['team'], 't: m{team="t"}')
  await check(['team', '__tenant_id__'], 't: m{team="t"}')
  await check(['other'], 'd: m{team="t"}')
})

test('external labels and rules come before tenancy: a label that they set names the tenant, the series’ own wins', async () => {
  const prepareWith = (externalLabels: readonly (readonly [string, string])[]) => ({
    of: externalLabels,
    make: () => {
      const stage = new RelabelStage([], { externalLabels })
      return (batch: Parameters<RelabelStage['apply']>[0]) => stage.apply(batch)
    },
  })
  const labels = ['__tenant_id__', 'team']
  const { upstream, push, put } = await one({
    tenancy: tenancy({ labels }),
    prepare: prepareWith([['__tenant_id__', 'ext']]),
  })
  expect((await push(write([series('__name__=m'), series('__name__=n', a)]))).status).toBe(200)
  expect(upstream.got.splice(0).sort()).toEqual(['a: n', 'ext: m'])
  await put({ tenancy: tenancy({ labels }), prepare: prepareWith([['team', 'tea']]) })
  expect((await push(write([at(2, series('__name__=m', 'zone=z'))]))).status).toBe(200)
  expect(upstream.got).toEqual(['tea: m{zone="z"}'])
})

test('exemplars and native histograms stay behind where the endpoint says so; an override says otherwise', async () => {
  const withheld = { exemplars: true, histograms: true }
  const override = [{ tenants: ['b'], sendNativeHistograms: true }]
  const { upstream, push, registry } = await one({ withheld, tenancy: tenancy({ override }) })
  // A timestamp alone.
  const histograms = [Buffer.from([0x78, 1])]
  const labels = (tenant: string) =>
    [
      ['__name__', 'h'],
      ['__tenant_id__', tenant],
    ] as const
  const body = write([
    { labels: labels('a'), histograms },
    { labels: labels('b'), histograms },
  ])
  expect((await push(body)).status).toBe(200)
  expect(upstream.got).toEqual(['b: h'])
  const reason = 'native_histograms_off'
  expect(registry.meter.tally('sluice_dropped_total', { signal: 'metrics', reason }).value).toBe(1)
})

test('the prefix that a header gives reaches the ids', async () => {
  const { upstream, push } = await one({ tenancy: tenancy({ prefixFromHeader: 'X-Source' }) })
  const body = write([series('__name__=m', a)])
  expect((await push(body, { 'x-source': 'eu' })).status).toBe(200)
  expect((await push(body)).status).toBe(200)
  expect(upstream.got).toEqual(['eu-a: m', 'a: m'])
})

test('where no sender waits refused is dropped; the log names the metric it happened to most, and what ends it', async () => {
  const { receiver, upstream, log, registry } = await one({ tenancy: tenancy({ strict: true }) })
  const items = ['rare', 'often', 'often', 'often', 'rare'].map((name) => series(`__name__=${name}`))
  const bytes = encodeWriteRequest({
    series: [...items, series('__name__=m', a), series('__name__=m', '__tenant_id__=a|b')],
  })
  const settled = await scraped(receiver, bytes)
  expect([settled.parts.map(({ status }) => status), settled.rejected]).toEqual([[200], []])
  expect(upstream.got).toEqual(['a: m'])
  expect(log.map(({ key, fields }) => [key, fields.metric, fields.count, fields.hint, fields.endpoint])).toEqual([
    [
      'rw/0 dropped missing_tenant',
      'often',
      5,
      'set tenancy.default, or tenancy.on_missing = "drop" to stop refusing',
      'rw/0',
    ],
    ['rw/0 dropped invalid_tenant', 'm', 1, 'mend the label, or set tenancy.on_invalid', 'rw/0'],
  ])
  const tally = (name: 'sluice_dropped_total' | 'sluice_rejected_total') =>
    registry.meter.tally(name, { signal: 'metrics', reason: 'missing_tenant' }).value
  expect([tally('sluice_dropped_total'), tally('sluice_rejected_total')]).toEqual([5, 0])
})

test('what is unchanged keeps its pipeline, what changed swaps settings, what is gone ends; a bad one changes nothing', async () => {
  const { endpoints } = startFlowBench()
  const up = await startUpstream()
  const specs = ['x', 'y', 'z'].map((name) => specOf(`rw/${name}`, up.url))
  await endpoints.put('rw', specs)
  const [x, y, z] = endpoints.live()
  const [genX, genY] = [x!.pipeline.current.number, y!.pipeline.current.number]
  const changed = { ...specs[1]!, timeoutMs: 1234 }
  await endpoints.put('rw', [changed, specs[0]!, specOf('rw/new', up.url)])
  expect(endpoints.live().map(({ id }) => id)).toEqual(['rw/y', 'rw/x', 'rw/new'])
  expect(endpoints.live().slice(0, 2)).toEqual([y, x])
  expect([x!.pipeline.current.number, y!.pipeline.current.number]).toEqual([genX, genY + 1])
  const tls = {
    cert: { kind: 'file', path: '/nowhere/cert.pem' },
    key: { kind: 'file', path: '/nowhere/key.pem' },
  } as const
  const to = specs[0]!.to as { client: object }
  const bad = {
    ...specs[2]!,
    to: { url: up.url, client: { ...to.client, tls: { ...tls, ca: { kind: 'inline', secret: 1 } } } },
  } as never
  await expect(endpoints.put('rw', [specs[0]!, bad])).rejects.toThrow()
  expect(endpoints.live().map(({ id }) => id)).toEqual(['rw/y', 'rw/x', 'rw/new'])
  await endpoints.ended()
  await expect((z as never as { receive(flow: unknown): Promise<unknown> }).receive({})).rejects.toMatchObject({
    code: 'SHUTTING_DOWN',
    status: 503,
  })
})

test('what goes nowhere else and needs no rewriting goes out as the very bytes that came in', async () => {
  const { put, listen } = await one()
  const bodies: Buffer[] = []
  const { url } = await standIn(({ body }) => {
    bodies.push(body)
    return {}
  })
  const check = async (more: Partial<EndpointSpec>, body: Buffer, isSame: boolean) => {
    const push = await listen(await put({ ...more, to: { url, client: defaultHttpClient } }))
    expect((await push(body)).status).toBe(200)
    expect(bodies.pop()?.equals(body)).toBe(isSame)
  }
  const plain = literalBlock(series('__name__=m'))
  await check({ tenancy: noTenancy }, plain, true)
  await check({ tenancy: tenancy({ default: 'd' }) }, plain, true)
  await check({ tenancy: tenancy({ default: 'd' }) }, literalBlock(series('__tenant_id__=a')), false)
})

test('an endpoint that was removed and is back remembers nothing of before: its data may have gone elsewhere', async () => {
  const bench = startFlowBench()
  const [first, next, failing] = [await startUpstream(), await startUpstream(), await startUpstream()]
  failing.answer = () => ({ status: 503 })
  const start = async (url: string) => {
    const receivers = await bench.endpoints.put('rw', [specOf('rw/x', url), specOf('rw/y', failing.url)])
    return bench.listen(fanOut('rw', 'metrics', receivers))
  }
  const body = write([series('__name__=m', a)])
  expect((await (await start(first.url))(body)).status).toBe(503)
  await bench.endpoints.remove('rw', 1000)
  expect((await (await start(next.url))(body)).status).toBe(503)
  expect([first.got, next.got]).toEqual([['a: m'], ['a: m']])
})
