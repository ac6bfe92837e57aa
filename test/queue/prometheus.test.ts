// A real Prometheus sends through the queue to a strict receiver. One tenant fails, hangs, is limited and comes back, and
// the process is killed in between: every sample that Prometheus holds arrives, in order, once, or as an exact repeat of
// what was under way at the kill.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, vi } from 'vitest'
import { sampleTenants } from '../../src/dev/sender/sample-metrics.ts'
import { startSampleTarget } from '../../src/dev/sender/sample-target.ts'
import type { Fault } from '../../src/dev/sink/fault.ts'
import type { Sink } from '../../src/dev/sink/sink.ts'
import { countOf, delivered, lacking, without } from '../support/compare.ts'
import { testWith } from '../support/peers.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { testSink } from '../support/test-sink.ts'
import { until } from '../support/until.ts'
import { amount, limitMs } from './long.ts'

vi.setConfig({ testTimeout: limitMs(120, 400) })

const fallback = 'shared'
const everyone = [fallback, ...sampleTenants]
const [failing = ''] = sampleTenants
const phaseMs = amount(2100, 20_000)

const selectorOf = (tenant: string): string =>
  tenant === fallback ? '{tenant="", __name__=~".+"}' : `{tenant="${tenant}"}`

testWith(['prometheus'], 'Prometheus through the queue, one tenant failing and coming back', async () => {
  const sink = await testSink({ maxItems: 20_000_000 })
  const shop = await startSampleTarget()
  onTestFinished(() => shop.close())
  const proxy = await startQueued({ target: sink.pushUrl, flags: [`--tenancy.default=${fallback}`] })
  const jobs = { self: '', shop: new URL(shop.metricsUrl).host }
  const prometheus = await startPrometheus({ jobs, remoteWrite: proxy.pushUrl })
  await sink.until(({ store }) => everyone.every((tenant) => store.counts(tenant).samples > 0), 30_000)
  const fromMs = Date.now()
  const faults: Fault[] = [{ status: 503 }, { hang: true }, { status: 429, retryAfter: 1 }]
  for (const fault of faults) {
    sink.setFault(failing, fault)
    await wait(phaseMs)
    sink.setFault(failing, undefined)
    await wait(phaseMs / 3)
  }
  for (const tenant of everyone)
    expect(sink.store.counts(tenant), tenant).toMatchObject({ duplicates: 0, outOfOrder: 0 })

  sink.setFault(failing, { status: 503 })
  await wait(phaseMs / 2)
  await proxy.kill()
  await wait(500)
  await proxy.start()
  await wait(phaseMs / 2)
  sink.setFault(failing, undefined)
  await wait(1000)
  const toMs = Date.now()
  let repeats = 0
  let samples = 0
  for (const tenant of everyone) {
    const sent = without(await prometheus.samples(selectorOf(tenant), fromMs, toMs), `tenant="${tenant}"`)
    expect(countOf(sent), tenant).toBeGreaterThan(0)
    samples += countOf(sent)
    await until(() => lacking(sent, delivered(sink.store, tenant)).length === 0, {
      what: `every sample of ${tenant} arrives`,
      seen: () => lacking(sent, delivered(sink.store, tenant)),
    })
    expect(differingRepeats(sink, tenant)).toEqual([])
    const { outOfOrder, duplicates } = sink.store.counts(tenant)
    expect(outOfOrder, tenant).toBe(0)
    repeats += duplicates
  }
  await proxy.drained()
  console.log(`${samples} samples of ${everyone.length} tenants, ${repeats} came again after the kill`)
  expect(sink.store.tenants).toEqual(everyone)
  expect(sink.store.violations).toEqual([])
})

/** Samples that came more than once, and not with the same bits; as text. */
function differingRepeats(sink: Sink, tenant: string): string[] {
  const found: string[] = []
  for (const [text, { samples }] of sink.store.series(tenant)) {
    const known = new Map<number, string>()
    for (const [tsMs, , hex] of samples) {
      if ((known.get(tsMs) ?? hex) !== hex) found.push(`${text} @${tsMs}`)
      known.set(tsMs, hex)
    }
  }
  return found
}
