// The sample application's metrics: a small web shop. Every value is a function of tenant and time, so that whoever
// receives a sample can tell whether it is the right one.

import type { MetadataInput, SeriesInput } from '../encode.ts'

export const sampleTenants: readonly string[] = ['team-a', 'team-b', 'team-c']

export type SampleType = 'counter' | 'gauge' | 'histogram'

export interface SampleSeries {
  /** The metric's name with its suffix (`_bucket`, `_sum`, `_count`) where it has one. */
  readonly name: string
  /** Without `__name__` and without the tenant. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  /** Value at a time in ms since 1970. Counters never fall. */
  readonly value: (tsMs: number) => number
}

export interface SampleFamily {
  readonly name: string
  readonly type: SampleType
  readonly help: string
  readonly series: readonly SampleSeries[]
}

/** Counters start here: 2023-11-14T22:13:20Z. */
const START_MS = 1_700_000_000_000

const countAt = (perSecond: number, tsMs: number): number => Math.floor(((tsMs - START_MS) / 1000) * perSecond)

/** A wave around `middle`, to three decimals so that text and binary carry the same number. */
const waveAt = (middle: number, swing: number, periodMs: number, phase: number, tsMs: number): number =>
  Math.round((middle + swing * Math.sin(((tsMs % periodMs) / periodMs) * 2 * Math.PI + phase)) * 1000) / 1000

/** Sum of the tenant's characters: makes each tenant's values its own. */
const seedOf = (tenant: string): number =>
  [...tenant].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0)

/** The tenant's families; 16 series in all. */
export function sampleFamilies(tenant: string): readonly SampleFamily[] {
  const seed = seedOf(tenant)
  const services = ['cart', 'checkout'] as const
  const requests = services.flatMap((service, s) =>
    ['200', '404', '500'].map((code, c): SampleSeries => {
      const rate = ((seed % 7) + 2 + s) / 10 ** c
      return {
        name: 'shop_requests_total',
        labels: [['code', code], ['service', service]], // biome-ignore format: one row
        value: (tsMs) => countAt(rate, tsMs),
      }
    }),
  )
  const queue = services.map(
    (service, s): SampleSeries => ({
      name: 'shop_queue_length',
      labels: [['service', service]],
      value: (tsMs) => waveAt(20 + s, 10, 60_000 * (s + 1), seed, tsMs),
    }),
  )
  const rate = (seed % 5) + 1
  const bucket = (le: string, share: number): SampleSeries => ({
    name: 'shop_duration_seconds_bucket',
    labels: [['le', le]],
    value: (tsMs) => Math.floor(countAt(rate, tsMs) * share),
  })
  const duration: SampleSeries[] = [
    bucket('0.1', 0.5),
    bucket('0.5', 0.875),
    bucket('1', 0.96875),
    bucket('+Inf', 1),
    { name: 'shop_duration_seconds_sum', labels: [], value: (tsMs) => countAt(rate, tsMs) * 0.25 },
    { name: 'shop_duration_seconds_count', labels: [], value: (tsMs) => countAt(rate, tsMs) },
  ]
  const started: SampleSeries = { name: 'process_start_time_seconds', labels: [], value: () => START_MS / 1000 }
  const up: SampleSeries = { name: 'shop_open', labels: [], value: (tsMs) => Number(tsMs % 600_000 < 540_000) }
  return [
    { name: 'process_start_time_seconds', type: 'gauge', help: 'When the shop was opened.', series: [started] },
    { name: 'shop_duration_seconds', type: 'histogram', help: 'How long a request took.', series: duration },
    { name: 'shop_open', type: 'gauge', help: 'Closed for one minute in ten.', series: [up] },
    { name: 'shop_queue_length', type: 'gauge', help: 'Customers that wait.', series: queue },
    { name: 'shop_requests_total', type: 'counter', help: 'Requests by service and code.', series: requests },
  ]
}

/** The series of all tenants at one time as a sender would write them: labels sorted, the tenant in `tenantLabel`. */
export function sampleSeriesAt(tenants: readonly string[], tenantLabel: string, tsMs: number): SeriesInput[] {
  return tenants.flatMap((tenant) =>
    sampleFamilies(tenant).flatMap(({ series }) =>
      series.map(({ name, labels, value }) => ({
        labels: [['__name__', name] as const, [tenantLabel, tenant] as const, ...labels].sort(byName),
        samples: [[value(tsMs), tsMs] as const],
      })),
    ),
  )
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : Number(a > b))

const metadataType: Readonly<Record<SampleType, number>> = { counter: 1, gauge: 2, histogram: 3 }

/** Metadata of the families, which all tenants share. */
export function sampleMetadata(): MetadataInput[] {
  return sampleFamilies('').map(({ name, type, help }) => ({ family: name, type: metadataType[type], help }))
}

/**
 * What the sample of that series has to be, or undefined if the tenant has no such series. `labels` as received, with
 * `__name__`; labels that the sample application does not know (the tenant's, a scrape's `job` and `instance`) don't count.
 */
export function expectedValue(
  tenant: string,
  labels: readonly (readonly [string, string])[],
  tsMs: number,
): number | undefined {
  const given = new Map(labels)
  for (const { series } of sampleFamilies(tenant)) {
    for (const one of series) {
      const same = one.name === given.get('__name__') && one.labels.every(([name, value]) => given.get(name) === value)
      if (same) return one.value(tsMs)
    }
  }
  return undefined
}
