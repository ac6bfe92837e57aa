import { expect, test } from 'vitest'
import { type Bench, type BenchOptions, pushOf, startBench } from '../../test/support/pipeline.ts'
import { startQueueBench } from '../../test/support/queue.ts'
import type { Override } from '../config/tenancy-settings.ts'
import {
  decodeWriteRequest,
  encodeHistogram,
  encodeWriteRequest,
  type SeriesInput,
  snappyBlock,
} from '../dev/encode.ts'
import { uncompress } from '../wire/snappy.ts'

const override: Override[] = [
  { tenants: ['no-ex*'], sendExemplars: false },
  { tenants: ['no-hist*'], sendNativeHistograms: false },
  { tenants: ['no-both*'], sendExemplars: false, sendNativeHistograms: false },
]
const exemplars = [{ labels: [['trace_id', 'x']], value: 1, tsMs: 2 }] as const
const histograms = [encodeHistogram(3, 4, 5), encodeHistogram(6, 7, 8)]

let time = 0
/** Three series of a tenant: a sample with an exemplar, two histograms with a sample, two histograms alone. */
const seriesOf = (tenant: string): SeriesInput[] => {
  const labels = (name: string) =>
    [
      ['__name__', name],
      ['tenant', tenant],
    ] as const
  return [
    { labels: labels('s'), samples: [[1, ++time]], exemplars },
    { labels: labels('mixed'), samples: [[1, ++time]], histograms },
    { labels: labels('h'), histograms, exemplars },
  ]
}
const bodyOf = (...series: SeriesInput[]) => snappyBlock(encodeWriteRequest({ series }))
const full = (...tenants: string[]) => bodyOf(...tenants.flatMap(seriesOf))
const lone = (tenant: string) => bodyOf(...seriesOf(tenant).slice(2))

/** `tenant name samples/exemplars/histograms …` for each request. */
const seen = ({ sent }: Bench) =>
  sent.map(({ tenant, request }) => {
    const { series } = decodeWriteRequest(uncompress(request.body, 1 << 20))
    const shown = series.map(
      (one) => `${one.labels[0]![1]} ${one.samples.length}/${one.exemplars.length}/${one.histograms.length}`,
    )
    return `${tenant}: ${shown.join(', ')}`
  })

const tallies = ({ tally }: Bench, tenant: string) => {
  const signal = 'metrics'
  return {
    delivered: tally('sluice_tenant_samples_total', { tenant, signal }),
    dropped: tally('sluice_dropped_samples_total', { tenant, signal, reason: 'native_histograms_off' }),
  }
}
const emptied = ({ tally }: Bench) =>
  ['native_histograms_off', 'exemplars_off'].map((reason) =>
    tally('sluice_dropped_total', { signal: 'metrics', reason }),
  )

const started = {
  direct: async (options: BenchOptions) => {
    const bench = startBench(options)
    return { bench, push: (body: Buffer) => bench.push(pushOf(body)) }
  },
  queued: async (options: BenchOptions) => {
    const bench = await startQueueBench(options)
    const push = async (body: Buffer) => {
      const told = bench.push(pushOf(body))
      await bench.pass(30)
      return told
    }
    return { bench, push }
  },
}

for (const [mode, start] of Object.entries(started)) {
  test(`${mode}: each tenant gets what its override lets through; counts follow`, async () => {
    const { bench, push } = await start({ tenancy: { override } })
    const tenants = ['all', 'no-ex', 'no-hist', 'no-both']
    expect((await push(full(...tenants))).status).toBe(200)
    expect(seen(bench).sort()).toEqual([
      'all: s 1/1/0, mixed 1/0/2, h 0/1/2',
      'no-both: s 1/0/0, mixed 1/0/0',
      'no-ex: s 1/0/0, mixed 1/0/2, h 0/0/2',
      'no-hist: s 1/1/0, mixed 1/0/0, h 0/1/0',
    ])
    expect(tenants.map((tenant) => tallies(bench, tenant))).toEqual([
      { delivered: 6, dropped: 0 },
      { delivered: 6, dropped: 0 },
      { delivered: 2, dropped: 4 },
      { delivered: 2, dropped: 4 },
    ])
    expect(emptied(bench)).toEqual([1, 0])
  })

  test(`${mode}: a tenant that is left with nothing is sent nothing; the others’ answer counts`, async () => {
    const { bench, push } = await start({ tenancy: { override }, upstream: () => 202 })
    expect((await push(lone('no-both'))).status).toBe(204)
    expect(bench.sent).toEqual([])
    expect((await push(bodyOf(...seriesOf('no-both').slice(2), ...seriesOf('all')))).status).toBe(202)
    expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['all'])
    expect(tallies(bench, 'no-both')).toEqual({ delivered: 0, dropped: 4 })
    expect(emptied(bench)).toEqual([2, 0])
  })
}

test('a request of one tenant is not passed on as it came, unless nothing in it is withheld', async () => {
  const bench = startBench({ tenancy: { override, keepLabel: true } })
  const plain = bodyOf({ labels: [['tenant', 'no-hist']], samples: [[1, 1]], exemplars })
  await bench.push(pushOf(plain))
  expect(bench.sent[0]!.request.body).toBe(plain)
  await bench.push(pushOf(full('no-hist')))
  expect(seen(bench)[1]).toBe('no-hist: s 1/1/0, mixed 1/0/0, h 0/1/0')
})

test('the rate limit is of what goes', async () => {
  const limited = [{ ...override[2]!, rateLimit: { samplesPerSecond: 2, burst: 2 } }]
  const bench = startBench({ tenancy: { override: limited } })
  expect((await bench.push(pushOf(full('no-both')))).status).toBe(200)
  expect((await bench.push(pushOf(full('no-both')))).status).toBe(429)
})

test('queued: several lanes and replicas, by what goes', async () => {
  const bench = await startQueueBench({ tenancy: { override }, queue: { minShards: 4 } })
  const many = Array.from({ length: 40 }, (_, i) => {
    const labels = [
      ['__name__', `n${i}`],
      ['tenant', 'no-both'],
    ] as const
    return i % 2 === 0 ? { labels, histograms } : { labels, samples: [[1, 5]] as const, exemplars }
  })
  const told = bench.push(pushOf(bodyOf(...many)))
  await bench.pass(30)
  expect((await told).status).toBe(200)
  const names = seen(bench).flatMap((text) => text.slice('no-both: '.length).split(', '))
  expect(bench.sent.length).toBeGreaterThan(1)
  expect(names.sort()).toEqual(many.flatMap((_, i) => (i % 2 === 0 ? [] : [`n${i} 1/0/0`])).sort())
  expect(tallies(bench, 'no-both')).toEqual({ delivered: 20, dropped: 40 })
})
