import { expect, onTestFinished, test } from 'vitest'
import { renderExposition } from './exposition.ts'
import { expectedValue, sampleFamilies, sampleTenants } from './sample-metrics.ts'
import { startSampleTarget } from './sample-target.ts'

const tsMs = 1_750_000_012_345

test('the text is the one Prometheus reads: every family once, its series below', () => {
  const text = renderExposition({ tenants: ['team-a'], tenantLabel: 'tenant', tsMs, timestamps: false })
  expect(text).toBe(`\
# HELP process_start_time_seconds When the shop was opened.
# TYPE process_start_time_seconds gauge
process_start_time_seconds{tenant="team-a"} 1700000000
# HELP shop_duration_seconds How long a request took.
# TYPE shop_duration_seconds histogram
shop_duration_seconds_bucket{le="0.1",tenant="team-a"} 25000006
shop_duration_seconds_bucket{le="0.5",tenant="team-a"} 43750010
shop_duration_seconds_bucket{le="1",tenant="team-a"} 48437511
shop_duration_seconds_bucket{le="+Inf",tenant="team-a"} 50000012
shop_duration_seconds_sum{tenant="team-a"} 12500003
shop_duration_seconds_count{tenant="team-a"} 50000012
# HELP shop_open Closed for one minute in ten.
# TYPE shop_open gauge
shop_open{tenant="team-a"} 1
# HELP shop_queue_length Customers that wait.
# TYPE shop_queue_length gauge
shop_queue_length{service="cart",tenant="team-a"} 10.396
shop_queue_length{service="checkout",tenant="team-a"} 28.755
# HELP shop_requests_total Requests by service and code.
# TYPE shop_requests_total counter
shop_requests_total{code="200",service="cart",tenant="team-a"} 350000086
shop_requests_total{code="404",service="cart",tenant="team-a"} 35000008
shop_requests_total{code="500",service="cart",tenant="team-a"} 3500000
shop_requests_total{code="200",service="checkout",tenant="team-a"} 400000098
shop_requests_total{code="404",service="checkout",tenant="team-a"} 40000009
shop_requests_total{code="500",service="checkout",tenant="team-a"} 4000000
`)
})

test('over HTTP: the label is the one asked for, timestamps are written if asked for', async () => {
  const target = await startSampleTarget({ tenantLabel: '__tenant__', timestamps: true, now: () => tsMs })
  onTestFinished(() => target.close())
  const response = await fetch(target.metricsUrl)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(lines.length).toBe(48)
  for (const tenant of sampleTenants) {
    expect(lines.filter((line) => line.includes(`__tenant__="${tenant}"`)).length).toBe(16)
  }
  expect(lines.every((line) => line.endsWith(` ${tsMs}`))).toBe(true)
  expect((await fetch(new URL('/', target.metricsUrl))).status).toBe(404)
  expect(target.scrapes).toBe(1)
})

test('the formula: counters never fall, tenants differ, strange series are not known', () => {
  const labels = [['__name__', 'shop_requests_total'], ['code', '200'], ['job', 'any'], ['service', 'cart']] as const // biome-ignore format: one row
  const at = (tenant: string, time: number): number => expectedValue(tenant, labels, time) ?? Number.NaN
  expect(at('team-a', tsMs + 1000)).toBeGreaterThan(at('team-a', tsMs))
  expect(new Set(sampleTenants.map((tenant) => at(tenant, tsMs))).size).toBe(3)
  expect(expectedValue('team-a', [['__name__', 'shop_requests_total']], tsMs)).toBeUndefined()

  for (const { series, type } of sampleTenants.flatMap(sampleFamilies)) {
    if (type === 'gauge') continue
    for (const { value } of series) {
      for (let t = tsMs; t < tsMs + 60_000; t += 777) expect(value(t + 777)).toBeGreaterThanOrEqual(value(t))
    }
  }
})
