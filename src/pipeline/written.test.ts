import { expect, test } from 'vitest'
import { type BenchOptions, metricsOf, pushOf, startBench } from '../../test/support/pipeline.ts'
import { contentType2, read2, request2, series2, written2 } from '../../test/support/request-2.ts'
import { encodeHistogram } from '../dev/encode.ts'
import type { SeriesInput2 } from '../dev/encode-v2.ts'
import type { Push } from '../receive/push.ts'

const push2 = (series: readonly SeriesInput2[]): Push =>
  pushOf(request2(series), {
    protocol: 'remote-write-2',
    headers: { 'content-type': contentType2, 'content-encoding': 'snappy' },
  })
const of = (tenant: string, ts = 1): SeriesInput2 => series2(ts, '__name__=m', `tenant=${tenant}`)
const countsOf = (headers: Readonly<Record<string, unknown>> = {}) =>
  ['samples', 'histograms', 'exemplars'].map((what) => headers[`x-prometheus-remote-write-${what}-written`])
const told = async (options: BenchOptions, push: Push) => {
  const { status, headers } = await startBench(options).push(push)
  return [status, ...countsOf(headers)]
}
const exemplar = { labels: [['trace_id', 'x']] as const, value: 1, tsMs: 1 }
const withAll: SeriesInput2 = { ...of('b'), samples: [[1, 1], [2, 2]], exemplars: [exemplar] } // biome-ignore format: one line
const histogram: SeriesInput2 = {
  labels: [['__name__', 'h'], ['tenant', 'c']], // biome-ignore format: one line
  histograms: [encodeHistogram(1, 1, 1)],
}

test('what upstreams say of their parts is added up; each part is a body of its own', async () => {
  const bench = startBench({
    upstream: ({ body }, tenant) => {
      const { timeseries } = read2(body)
      expect(timeseries.length).toBe(1)
      return { status: tenant === 'b' ? 204 : 200, headers: tenant === 'b' ? written2(2, 0, 1) : written2(1) }
    },
  })
  const { status, headers } = await bench.push(push2([of('a'), withAll]))
  expect([status, ...countsOf(headers)]).toEqual([204, '3', '0', '1'])
  expect(bench.sent.map(({ request }) => request.headers['content-type'])).toEqual([contentType2, contentType2])
})

test('counts of every merged answer', async () => {
  const all = { headers: written2(1) }
  const both = push2([of('a'), of('b')])
  const upstream = (b: number, headers = {}) => ({
    upstream: (_: unknown, tenant: string) => (tenant === 'b' ? { status: b, headers } : { status: 204, ...all }),
  })
  expect(await told(upstream(503), both)).toEqual([503, '1', '0', '0'])
  expect(await told(upstream(429), both)).toEqual([429, '1', '0', '0'])
  expect(await told(upstream(422), both)).toEqual([400, '1', '0', '0'])
  expect(await told(upstream(400, written2(0, 0, 0)), both)).toEqual([400, '1', '0', '0'])
  // A part that upstream took but for some samples; it can't have taken more than there was.
  const more = push2([of('a'), withAll])
  expect(await told(upstream(400, written2(1)), more)).toEqual([400, '2', '0', '0'])
  expect(await told(upstream(400, written2(5, 5, 5)), more)).toEqual([400, '3', '0', '1'])
  const down = () => Promise.reject(new Error('refused'))
  expect(await told({ upstream: down }, both)).toEqual([503, '0', '0', '0'])
  // Rejected here, dropped here, kept back here.
  expect(await told({ upstream: () => all }, push2([of('a'), of('|')]))).toEqual([400, '1', '0', '0'])
  expect(await told({ upstream: () => all }, push2([of('|')]))).toEqual([400, '0', '0', '0'])
  const drops = { tenancy: { onInvalid: 'drop' as const }, upstream: () => all }
  expect(await told(drops, push2([of('a'), of('|')]))).toEqual([200, '1', '0', '0'])
  expect(await told(drops, push2([of('|')]))).toEqual([204, '0', '0', '0'])
  expect(await told({ settings: { dryRun: true } }, both)).toEqual([204, '0', '0', '0'])
  const strict = { tenancy: { strict: true }, upstream: () => all }
  expect(await told(strict, push2([of('a'), of('|')]))).toEqual([400, '0', '0', '0'])
  // 202 promises no count; accept_all says that all was taken.
  expect(await told({ upstream: () => 202 }, both)).toEqual([202, '2', '0', '0'])
  expect(await told({ upstream: () => 500, settings: { acceptAll: true } }, push2([of('a'), withAll]))).toEqual([
    204,
    '3',
    '0',
    '1',
  ])
})

test('a leg sent as 1.x counts all that 1.x carries; what it can’t carry makes the answer a refusal', async () => {
  const only1 = {
    upstream: ({ headers }: Parameters<NonNullable<BenchOptions['upstream']>>[0]) =>
      headers['content-type'] === contentType2 ? 415 : 204,
  }
  expect(await told(only1, push2([of('a'), withAll, histogram]))).toEqual([204, '3', '1', '1'])
  // Schema -53 stands for custom buckets.
  const custom: SeriesInput2 = {
    ...histogram,
    histograms: [Buffer.concat([encodeHistogram(1, 1, 2), Uint8Array.of(0x20, 105)]), ...(histogram.histograms ?? [])],
  }
  const bench = startBench(only1)
  const { status, headers, body } = await bench.push(push2([of('a'), custom]))
  expect([status, ...countsOf(headers)]).toEqual([400, '1', '1', '0'])
  expect(body).toBe(
    '1 of 2 tenants failed\ntenant c: 400 1 histograms with custom buckets were not sent: upstream takes remote write 1, ' +
      'which doesn’t know them; the rest was written\n',
  )
})

test('a repeat counts what an earlier attempt wrote', async () => {
  const bench = startBench()
  bench.upstream = (_, tenant) => (tenant === 'b' ? 503 : { status: 204, headers: written2(1) })
  const push = push2([of('a'), of('b')])
  expect(countsOf((await bench.push(push)).headers)).toEqual(['1', '0', '0'])
  bench.upstream = () => ({ status: 204, headers: written2(1) })
  const { status, headers } = await bench.push(push)
  expect([status, ...countsOf(headers)]).toEqual([204, '2', '0', '0'])
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['a', 'b', 'b'])
})

test('1.x pushes are told nothing of it, in whichever form they go out', async () => {
  const push = pushOf(metricsOf(['a', 'b']))
  expect(await told({ upstream: () => ({ status: 204, headers: written2(7) }) }, push)).toEqual([
    204,
    undefined,
    undefined,
    undefined,
  ])
  expect(await told({ upstream: () => 400 }, push)).toEqual([400, undefined, undefined, undefined])
})
