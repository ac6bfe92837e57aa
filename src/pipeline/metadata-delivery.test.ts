import { expect, test } from 'vitest'
import { metricsOf, pushOf, startBench } from '../../test/support/pipeline.ts'
import { startQueueBench } from '../../test/support/queue.ts'
import type { MetadataMode } from '../config/tenancy-settings.ts'
import { decodeWriteRequest, encodeWriteRequest, snappyBlock } from '../dev/encode.ts'
import { uncompress } from '../wire/snappy.ts'

type Bench = ReturnType<typeof startBench>
const settle = () => new Promise((resolve) => setImmediate(resolve))
const metadataPush = (...families: string[]) =>
  pushOf(snappyBlock(encodeWriteRequest({ metadata: families.map((family) => ({ family, type: 1, help: 'h' })) })))

/** `tenant: families` of what went upstream since the last look, metadata only. */
async function metadataSent(bench: Bench): Promise<string[]> {
  await settle()
  return bench.sent
    .splice(0)
    .map(({ tenant, request }) => ({ tenant, decoded: decodeWriteRequest(uncompress(request.body, 1 << 20)) }))
    .filter(({ decoded }) => decoded.metadata.length > 0)
    .map(({ tenant, decoded }) => `${tenant}: ${decoded.metadata.map(({ family }) => family).join(' ')}`)
}

async function start(metadata: MetadataMode, fallback = ''): Promise<Bench> {
  const bench = startBench({ tenancy: { metadata, default: fallback } })
  const named = (name: string, tenant: string) => ({
    labels: [
      ['__name__', name],
      ['i', '1'],
      ['tenant', tenant],
    ] as const,
  })
  const series = [named('up', 'a'), named('up', 'b'), named('http_total', 'b')]
  await bench.push(pushOf(metricsOf([], { series })))
  bench.sent.length = 0
  return bench
}

test('a request of metadata alone is answered 200, whatever becomes of it', async () => {
  for (const mode of ['follow', 'broadcast', 'default', 'drop'] as const) {
    const bench = await start(mode)
    bench.upstream = () => 500
    expect((await bench.push(metadataPush('up', 'nobody'))).status).toBe(200)
  }
})

test('follow: to the tenants that sent series of the family, as it came, with all headers of a push', async () => {
  const bench = await start('follow', 'd')
  await bench.push(metadataPush('up', 'http', 'nobody'))
  const { request } = bench.sent[0]!
  expect(request.headers).toMatchObject({
    'user-agent': 'Sluice/test',
    'x-scope-orgid': 'a',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  })
  expect(decodeWriteRequest(uncompress(request.body, 1000)).metadata).toEqual([
    expect.objectContaining({ family: 'up', type: 1, help: 'h' }),
  ])
  expect(await metadataSent(bench)).toEqual(['a: up', 'b: up http'])
  expect(bench.pipeline.families.held).toBe(1)
  expect(bench.tally('sluice_metadata_sent_total')).toBe(3)
})

test('follow: an unknown family waits for its series; after two minutes it goes to the default or is dropped', async () => {
  const check = async (fallback: string, want: string[], dropped: number) => {
    const bench = await start('follow', fallback)
    await bench.push(metadataPush('late', 'never'))
    expect(await metadataSent(bench)).toEqual([])
    bench.clock.now = 60_000
    const series = [
      {
        labels: [
          ['__name__', 'late_sum'],
          ['i', '1'],
          ['tenant', 'b'],
        ] as const,
      },
    ]
    await bench.push(pushOf(metricsOf([], { series })))
    bench.pipeline.keepHouse()
    expect(await metadataSent(bench)).toEqual(['b: late'])
    bench.clock.now = 120_000
    bench.pipeline.keepHouse()
    expect(await metadataSent(bench)).toEqual(want)
    expect(bench.tally('sluice_metadata_dropped_total', { reason: 'unknown_family' })).toBe(dropped)
  }
  await check('', [], 1)
  await check('d', ['d: never'], 0)
})

test('follow: metadata makes no tenant but the default', async () => {
  const bench = await start('follow')
  bench.clock.now = 20 * 60_000
  await bench.push(pushOf(metricsOf(['b'])))
  bench.pipeline.keepHouse()
  bench.sent.length = 0
  const tenants = () => [...bench.pipeline.current.metrics.lanes].map(({ tenant }) => tenant)
  expect(tenants()).toEqual(['b'])
  await bench.push(metadataPush('up'))
  expect([await metadataSent(bench), tenants()]).toEqual([['b: up'], ['b']])
})

test('follow: a tenant that was refused its lane gets no metadata', async () => {
  const bench = startBench({ tenancy: { metadata: 'follow', maxTenants: 1 } })
  await bench.push(pushOf(metricsOf(['a', 'b'])))
  bench.sent.length = 0
  await bench.push(metadataPush('m'))
  expect(await metadataSent(bench)).toEqual(['a: m'])
})

test('broadcast: to every tenant there is; they are not kept alive by it', async () => {
  const bench = await start('broadcast')
  await bench.push(metadataPush('up', 'nobody'))
  const [a, b] = bench.sent.map(({ request }) => request.body)
  expect(a).toBe(b)
  expect(await metadataSent(bench)).toEqual(['a: up nobody', 'b: up nobody'])
  for (let minute = 1; minute <= 15; minute++) {
    bench.clock.now = minute * 60_000
    await bench.push(metadataPush('up'))
    await settle()
    bench.pipeline.keepHouse()
  }
  await bench.push(metadataPush('up'))
  expect(bench.tally('sluice_metadata_dropped_total', { reason: 'no_tenant' })).toBe(1)
})

test('default: to the default tenant, or nowhere; drop: nowhere', async () => {
  const withDefault = await start('default', 'd')
  await withDefault.push(metadataPush('up', 'nobody'))
  expect(await metadataSent(withDefault)).toEqual(['d: up nobody'])
  const without = await start('default')
  await without.push(metadataPush('up'))
  expect(without.tally('sluice_metadata_dropped_total', { reason: 'unknown_family' })).toBe(1)
  const dropping = await start('drop', 'd')
  await dropping.push(metadataPush('up', 'x'))
  expect(dropping.tally('sluice_metadata_dropped_total', { reason: 'policy' })).toBe(2)
  expect([...(await metadataSent(without)), ...(await metadataSent(dropping))]).toEqual([])
})

test('metadata beside series goes after them, in a request of its own, and has no say in the answer', async () => {
  const bench = startBench({ tenancy: { metadata: 'follow' } })
  bench.upstream = ({ body }) => (decodeWriteRequest(uncompress(body, 1000)).metadata.length > 0 ? 500 : 204)
  const answer = await bench.push(pushOf(metricsOf(['a'], { metadata: [{ family: 'm' }] })))
  expect(answer.status).toBe(204)
  const bodies = bench.sent.map(({ request }) => decodeWriteRequest(uncompress(request.body, 1000)))
  expect(bodies.map(({ series, metadata }) => [series.length, metadata.length])).toEqual([
    [1, 0],
    [0, 1],
  ])
  await settle()
  expect(bench.tally('sluice_metadata_dropped_total', { reason: 'upstream' })).toBe(1)
})

test('a tenant that is paused or fails is left alone; the metadata is counted as dropped', async () => {
  const bench = await startQueueBench({ upstream: (_request, tenant) => (tenant === 'bad' ? 503 : 200) })
  const told = bench.put(['paused/up', 'bad/up', 'good/up'], 1)
  await bench.pass(20)
  expect(await told).toBe('204')
  await bench.commands.pause({ tenant: 'paused' })
  bench.sent.length = 0
  await bench.push(metadataPush('up'))
  expect(await metadataSent(bench)).toEqual(['good: up'])
  expect(bench.tally('sluice_metadata_dropped_total', { reason: 'upstream' })).toBe(2)
  await bench.commands.resume({ tenant: 'paused' })
  await bench.push(metadataPush('up'))
  expect(await metadataSent(bench)).toEqual(['paused: up', 'good: up'])
})

test('while upstream hangs, a tenant’s metadata under way is bounded; what is more is dropped, counted, and ends with it', async () => {
  let answer: (status: number) => void = () => undefined
  const hangs = new Promise<number>((resolve) => (answer = resolve))
  const bench = startBench({ tenancy: { metadata: 'follow' } })
  await bench.push(pushOf(metricsOf(['a', 'b'])))
  bench.upstream = (_request, tenant) => (tenant === 'a' ? hangs : 200)
  for (let k = 0; k < 70; k++) await bench.push(metadataPush('m'))
  const dropped = () => bench.tally('sluice_metadata_dropped_total', { reason: 'in_flight' })
  expect([dropped(), bench.tally('sluice_metadata_sent_total')]).toEqual([6, 70])
  answer(200)
  await settle()
  await bench.push(metadataPush('m'))
  await settle()
  expect([dropped(), bench.tally('sluice_metadata_sent_total')]).toEqual([6, 70 + 64 + 2])
})
