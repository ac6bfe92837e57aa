// A real Prometheus writes through the proxy: to the test receiver with the tenant label removed, and to a second
// Prometheus with the label kept. What arrives is compared with what the sender's own storage holds.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { sampleFamilies, sampleTenants } from '../src/dev/sender/sample-metrics.ts'
import { startSampleTarget } from '../src/dev/sender/sample-target.ts'
import { between, countOf, delivered, lacking, type Samples, STALE_HEX, without } from './support/compare.ts'
import { startNodeExporter } from './support/node-exporter.ts'
import { testWith } from './support/peers.ts'
import { type Prometheus, startPrometheus } from './support/prometheus.ts'
import { observed, startProtobufTarget } from './support/protobuf-target.ts'
import { startProxy } from './support/sluice.ts'
import { testSink } from './support/test-sink.ts'
import { until } from './support/until.ts'

/** Series that name no tenant go here. */
const fallback = 'shared'
const everyone = [fallback, ...sampleTenants]
/** How long the sender's storage and what arrived are compared over. */
const comparedMs = 6000

const selectorOf = (tenant: string): string =>
  tenant === fallback ? '{tenant="", __name__=~".+"}' : `{tenant="${tenant}"}`

const fixture = async () => {
  const sink = await testSink()
  const shop = await startSampleTarget()
  onTestFinished(() => shop.close())
  return { sink, shop, jobs: { self: '', shop: new URL(shop.metricsUrl).host, node: await startNodeExporter() } }
}

const both = ['prometheus', 'prometheus-node-exporter'] as const

const labelRemoved = (target: string): string[] => [
  `--target=${target}`,
  '--tenancy.labels=tenant',
  '--tenancy.keep_label=false',
  '--tenancy.default=shared',
]

testWith(both, 'label removed: each tenant gets its series and values, and no other’s', async () => {
  const { sink, shop, jobs } = await fixture()
  const proxy = await startProxy({ flags: labelRemoved(sink.pushUrl) })
  const sender = await startPrometheus({ jobs, remoteWrite: proxy.pushUrl })
  await sink.until(({ store }) => everyone.every((tenant) => store.counts(tenant).samples > 0), 30_000)
  const fromMs = Date.now()
  await wait(comparedMs)
  const toMs = Date.now()
  const held = await heldBy(sender, fromMs, toMs)
  // Once the scraped application is gone, Prometheus marks the end of each of its series.
  await shop.close()
  for (const tenant of everyone) {
    const sent = without(held(tenant), `tenant="${tenant}"`)
    await until(() => lacking(sent, delivered(sink.store, tenant)).length === 0, {
      what: `every sample of ${tenant} arrives`,
      seen: () => lacking(sent, delivered(sink.store, tenant)),
    })
    // Nothing but what the sender holds, from the first sample on.
    const all = without(await sender.samples(selectorOf(tenant), fromMs - 60_000, toMs), `tenant="${tenant}"`)
    expect(lacking(between(delivered(sink.store, tenant), 0, toMs), all)).toEqual([])
    expect(countOf(sent)).toBeGreaterThan(tenant === fallback ? 5000 : 60)
    expect(sink.store.counts(tenant)).toMatchObject({ duplicates: 0, outOfOrder: 0 })
  }
  expect(sink.store.tenants).toEqual(everyone)
  expect(sink.store.violations).toEqual([])

  // Prometheus has a process_start_time_seconds too, with another help: either may come last.
  const own = sampleFamilies('team-a').filter(({ name }) => name.startsWith('shop_'))
  const families = new Map(own.map(({ name, help }) => [name, help]))
  for (const tenant of sampleTenants) {
    expect(sink.store.seriesCount(tenant)).toBe(16)
    await sink.until(({ store }) => store.metadata(tenant).size > families.size, 20_000)
    const known = new Map([...sink.store.metadata(tenant).values()].map(({ family, help }) => [family, help]))
    expect(new Map([...families.keys()].map((family) => [family, known.get(family)]))).toEqual(families)
    await until(() => staleMarkers(tenant) === 16, {
      what: `16 stale markers for ${tenant}`,
      seen: () => staleMarkers(tenant),
    })
  }
  // A family of Prometheus' own goes to nobody but the default tenant.
  await sink.until(({ store }) => store.metadata(fallback).has('prometheus_tsdb_head_series'), 20_000)
  expect(sampleTenants.filter((tenant) => sink.store.metadata(tenant).has('prometheus_tsdb_head_series'))).toEqual([])

  function staleMarkers(tenant: string): number {
    const series = [...sink.store.series(tenant).values()]
    return series.filter(({ samples }) => samples.at(-1)?.[2] === STALE_HEX).length
  }
})

testWith(both, 'label kept, into a second Prometheus: a query per tenant equals the sender’s', async () => {
  const { jobs } = await fixture()
  const receiver = await startPrometheus({ isReceiver: true })
  const proxy = await startProxy({
    flags: [`--target=${receiver.url}/api/v1/write`, '--tenancy.labels=tenant', '--tenancy.default=shared'],
  })
  const sender = await startPrometheus({ jobs, remoteWrite: proxy.pushUrl })
  await until(async () => (await receiver.samples('up', Date.now() - 60_000, Date.now())).size === 3, {
    what: 'samples of all three jobs reach the second Prometheus',
    timeoutMs: 30_000,
  })
  const fromMs = Date.now()
  await wait(comparedMs)
  const toMs = Date.now()
  const held = await heldBy(sender, fromMs, toMs)
  for (const tenant of everyone) {
    const sent = held(tenant)
    let got: Samples = new Map()
    await until(
      async () => {
        got = await receiver.samples(selectorOf(tenant), fromMs, toMs)
        return lacking(sent, got).length === 0
      },
      { what: `every sample of ${tenant} arrives`, everyMs: 200, seen: () => lacking(sent, got) },
    )
    expect(lacking(got, sent)).toEqual([])
    expect(countOf(sent)).toBeGreaterThan(tenant === fallback ? 5000 : 60)
  }
  expect(await proxy.metric('sluice_tenant_samples_failed_total')).toBe(0)
})

testWith(['prometheus'], 'native histograms and exemplars go with their series', async () => {
  const sink = await testSink()
  const proxy = await startProxy({ flags: labelRemoved(sink.pushUrl) })
  const jobs = { shop: await startProtobufTarget(sampleTenants) }
  await startPrometheus({ jobs, remoteWrite: proxy.pushUrl, withHistograms: true })
  const countsOf = (tenant: string) => sink.store.counts(tenant)
  await sink.until(() => sampleTenants.every((tenant) => countsOf(tenant).histograms > 2), 30_000)
  await sink.until(() => sampleTenants.every((tenant) => countsOf(tenant).exemplars > 0))
  for (const tenant of sampleTenants) {
    const labels = `{instance="${jobs.shop}", job="shop"}`
    const series = sink.store.series(tenant)
    expect([...series.keys()].toSorted()).toEqual([`shop_latency_seconds${labels}`, `shop_visits_total${labels}`])
    const { histograms = [] } = series.get(`shop_latency_seconds${labels}`) ?? {}
    // types.proto: count_int is field 1; sint32, sint64 and so on follow.
    const count = (hex: string): number => decodeVarint(Buffer.from(hex, 'hex'), 1)
    expect(new Set(histograms.map(([, hex]) => [hex.slice(0, 2), count(hex)].join()))).toEqual(
      new Set([`08,${observed(tenant)}`]),
    )
    const { exemplars = [] } = series.get(`shop_visits_total${labels}`) ?? {}
    expect(new Set(exemplars.map((exemplar) => exemplar.labels.join()))).toEqual(new Set([`trace_id,of-${tenant}`]))
    expect(countsOf(tenant).duplicates).toBe(0)
  }
  expect(sink.store.violations).toEqual([])
})

/** What the sender’s storage holds of each tenant. Its own samples are read once, so that all are of one moment. */
async function heldBy(sender: Prometheus, fromMs: number, toMs: number): Promise<(tenant: string) => Samples> {
  // A scrape that began before `toMs` may still be being written down.
  await wait(1500)
  const held = new Map<string, Samples>()
  for (const tenant of everyone) held.set(tenant, await sender.samples(selectorOf(tenant), fromMs, toMs))
  return (tenant) => held.get(tenant) ?? new Map()
}

function decodeVarint(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let p = at, factor = 1; ; p++, factor *= 128) {
    const byte = bytes[p] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return value
  }
}
