import { expect, test } from 'vitest'
import { at, series } from '../../test/support/bodies.ts'
import { type QueueBench, type QueueBenchOptions, startQueueBench } from '../../test/support/queue.ts'
import { allWritten2, readEither, series2, written2 } from '../../test/support/request-2.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { encodeHistogram, encodeWriteRequest } from '../dev/encode.ts'
import { encodeRequest2 } from '../dev/encode-v2.ts'
import { watchLabels } from '../wire/codec.ts'
import type { HttpRequest } from '../wire/message.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import { remoteWrite2 } from '../wire/v2/codec.ts'
import type { GivenBatch } from './given-batch.ts'

const watch = watchLabels(['tenant'])
const of = { travelling: {}, identity: '', isAwaited: true, client: '' }
const is2 = ({ headers }: HttpRequest) => headers['content-type']!.includes('v2.Request')

/** Series `name` of tenant a, all at this time; in 2.0 every one has an exemplar. */
const given1 = (tsMs: number, ...names: string[]): GivenBatch => ({
  ...of,
  batch: remoteWrite1.scan(
    encodeWriteRequest({ series: names.map((name) => at(tsMs, series(...labelsOf(name)))) }),
    watch,
  ),
})
const given2 = (tsMs: number, ...names: string[]): GivenBatch => ({
  ...of,
  batch: remoteWrite2.scan(
    encodeRequest2({
      series: names.map((name) => ({
        ...series2(tsMs, ...labelsOf(name)),
        exemplars: [{ labels: [['trace_id', name]], value: 1, tsMs }],
      })),
    }),
    watch,
  ),
})
const labelsOf = (name: string) => [`__name__=${name}`, 'tenant=a']

/** What went upstream: form, then `name@ts`. */
const seen = (bench: QueueBench) =>
  bench.sent.map(({ request }) => {
    const { series } = readEither(request.headers['content-type']!, request.body)
    return `${is2(request) ? 2 : 1}: ${series.map(({ labels, samples }) => `${labels[0]![1]}@${samples[0]?.tsMs}`).join(' ')}`
  })

async function start(options: QueueBenchOptions = {}) {
  const bench = await startQueueBench({
    upstream: (request) => ({ status: 204, headers: is2(request) ? allWritten2(request.body) : {} }),
    ...options,
  })
  const told: unknown[] = []
  const put = (given: GivenBatch): void => {
    const k = told.push(undefined) - 1
    void bench.pipeline.pushBatch(given).then(({ parts }) => {
      const { status, written } = parts[0]!
      told[k] = [status, written && `${written.samples}/${written.exemplars}`]
    })
  }
  const allTold = () => bench.passUntil('all are told', () => told.every((one) => one !== undefined))
  return { ...bench, bench, told, put, allTold }
}

test('parts of different forms do not mix; their order stays', async () => {
  const { bench, put, told, allTold } = await start()
  put(given2(1, 'a', 'b'))
  put(given2(2, 'b', 'c'))
  put(given1(3, 'a'))
  put(given1(4, 'a'))
  put(given2(5, 'a'))
  await allTold()
  expect(seen(bench)).toEqual(['2: a@1 b@1 b@2 c@2', '1: a@3 a@4', '2: a@5'])
  expect(told).toEqual([
    [204, '2/2'],
    [204, '2/2'],
    [204, undefined],
    [204, undefined],
    [204, '1/1'],
  ])
})

test('what upstream counts of a merged batch is the first ones’', async () => {
  const { put, told, allTold } = await start({ upstream: () => ({ status: 200, headers: written2(3, 0, 1) }) })
  put(given2(1, 'a', 'b'))
  put(given2(2, 'b', 'c'))
  await allTold()
  expect(told).toEqual([
    [200, '2/1'],
    [200, '1/0'],
  ])
})

test('refused as a whole: once more as its parts, each counted alone; too large: in halves, down to one series', async () => {
  const upstream = (request: HttpRequest) => {
    const { series } = readEither(request.headers['content-type']!, request.body)
    if (series.length > 2) return { status: 413, headers: written2(0) }
    if (series.some(({ labels }) => labels[0]![1] === 'bad'))
      return { status: 400, headers: written2(series.length - 1) }
    return { status: 204, headers: allWritten2(request.body) }
  }
  const check = async (given: readonly GivenBatch[], wantSeen: readonly string[], wantTold: readonly unknown[]) => {
    const { bench, put, told, allTold } = await start({ upstream })
    given.forEach(put)
    await allTold()
    expect(seen(bench)).toEqual(wantSeen)
    expect(told).toEqual(wantTold)
  }
  const halved = ['2: a@1 b@1 c@1 d@2', '2: a@1 b@1', '2: c@1 d@2']
  await check([given2(1, 'a', 'b', 'c'), given2(2, 'd')], halved, [[204, '3/3'], [204, '1/1']]) // biome-ignore format: one line
  const parted = ['2: bad@1 b@2', '2: bad@1', '2: b@2']
  await check([given2(1, 'bad'), given2(2, 'b')], parted, [[400, '0/0'], [204, '1/1']]) // biome-ignore format: one line
})

test('a 415 is answered within the attempt, whole or in pieces', async () => {
  const { bench, put, told, allTold } = await start({
    upstream: (request) =>
      is2(request) ? 415 : readEither('', request.body).series.length > 1 ? { status: 413, headers: {} } : 204,
  })
  put(given2(1, 'a', 'b'))
  await allTold()
  expect(seen(bench)).toEqual(['2: a@1 b@1', '1: a@1 b@1', '1: a@1', '1: b@1'])
  expect(told).toEqual([[204, '2/2']])
  expect(bench.tally('sluice_remote_write_fallbacks_total')).toBe(1)
})

test('stored is written; after a restart it goes as it came, or in 1.0 to an upstream that speaks nothing else by then', async () => {
  const check = async (upstream: QueueBenchOptions['upstream'], want: string[]) => {
    const path = temporaryFolder()
    const before = await start({ path, upstream: () => 503 })
    for (const one of [given2(1, 'a', 'b'), given2(2, 'b'), given1(3, 'a'), given2(4, 'a')]) {
      before.put(one)
      await before.allTold()
    }
    expect(before.told).toEqual([
      [204, '2/2'],
      [204, '1/1'],
      [204, undefined],
      [204, '1/1'],
    ])
    await before.pipeline.stop(0)
    await before.store.close()
    const after = await start({ path, ...(upstream && { upstream }) })
    await after.passUntil('all is sent', () => after.store.batches === 0)
    expect(seen(after.bench)).toEqual(want)
  }
  await check(undefined, ['2: a@1 b@1 b@2', '1: a@3', '2: a@4'])
  await check((request) => (is2(request) ? 415 : 200), ['2: a@1 b@1 b@2', '1: a@1 b@1 b@2', '1: a@3', '1: a@4'])
})

test('what 1.0 can’t carry of a stored batch is counted when it is sent', async () => {
  const path = temporaryFolder()
  const custom = Buffer.concat([encodeHistogram(1, 1, 1), Buffer.from([0x20, 105])])
  const before = await start({ path, upstream: () => 503 })
  const lost = {
    labels: [
      ['__name__', 'lost'],
      ['tenant', 'a'],
    ] as const,
    histograms: [custom],
  }
  const bytes = encodeRequest2({ series: [series2(1, ...labelsOf('kept')), lost] })
  before.put({ ...of, batch: remoteWrite2.scan(bytes, watch) })
  await before.allTold()
  const labels = { signal: 'metrics', tenant: 'a', reason: 'nhcb_in_rw1_not_supported' } as const
  expect(before.tally('sluice_dropped_samples_total', labels)).toBe(0)
  await before.pipeline.stop(0)
  await before.store.close()
  const after = await start({ path, upstream: (request) => (is2(request) ? 415 : 200) })
  await after.passUntil('all is sent', () => after.store.batches === 0)
  expect(seen(after.bench).at(-1)).toBe('1: kept@1')
  expect(after.tally('sluice_dropped_samples_total', labels)).toBe(1)
})

test('several lanes: a part’s counts are those of all of them', async () => {
  const names = Array.from({ length: 20 }, (_, k) => `m${k}`)
  const { bench, put, told, allTold } = await start({ queue: { minShards: 3 } })
  put(given2(1, ...names))
  await allTold()
  expect(bench.sent.length).toBe(3)
  expect(told).toEqual([[204, '20/20']])
})
