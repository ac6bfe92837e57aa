// cortex-tenant's metrics of itself after some traffic: names, types and labels are its own, so that dashboards and
// alerts go on working; values are right where its own are not.

import { expect, test } from 'vitest'
import { logs, series, write } from '../support/bodies.ts'
import { ask, type InProcess, startInProcess } from '../support/in-process.ts'

const configured = (includeTenant: boolean): string =>
  `timeout: 30s\nmetrics_include_tenant: ${includeTenant}\ntenant: { label: tenant, prefix: pre- }\n`

interface Exposed {
  readonly types: Readonly<Record<string, string>>
  /** `name{labels}` → value */
  readonly values: Readonly<Record<string, number>>
}

async function exposed({ proxy }: InProcess): Promise<Exposed> {
  const { text } = await ask(`${proxy.metricsUrl}/metrics`, { method: 'GET' })
  const lines = text.split('\n')
  const types = lines.flatMap((line) => {
    const [, name, type] = /^# TYPE (cortex_tenant_\w+) (\w+)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, type ?? ''] as const]
  })
  const values = lines.flatMap((line) => {
    const [, name, value] = /^(cortex_tenant_\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, Number(value)] as const]
  })
  return { types: Object.fromEntries(types), values: Object.fromEntries(values) }
}

const mixed = write([
  series('__name__=a', 'tenant=A'),
  series('__name__=b', 'tenant=A'),
  series('__name__=a', 'tenant=B'),
])

/** Three pushes of metrics, one of them unreadable, one of logs; A is slow, B refuses, C breaks the connection. */
async function traffic(includeTenant: boolean): Promise<Exposed> {
  const running = await startInProcess(configured(includeTenant))
  const { sink, push, pushLogs } = running
  sink.setFault('pre-A', { status: 200, delayMs: 150 })
  sink.setFault('pre-B', { status: 400 })
  sink.setFault('pre-C', { reset: true })
  await push(mixed)
  await push(write([series('__name__=a', 'tenant=C')]))
  await push(Buffer.from('no snappy'))
  await pushLogs(logs('{tenant="A"}', '{tenant="D"}'))
  return exposed(running)
}

test('names and types', async () => {
  const { types } = await traffic(false)
  const of = (noun: string) => ({
    [`cortex_tenant_${noun}_batches_received`]: 'counter',
    [`cortex_tenant_${noun}_batches_received_bytes`]: 'histogram',
    [`cortex_tenant_${noun}_received`]: 'counter',
    [`cortex_tenant_${noun}_requests`]: 'counter',
    [`cortex_tenant_${noun}_request_errors`]: 'counter',
    [`cortex_tenant_${noun}_request_duration_milliseconds`]: 'histogram',
  })
  expect(types).toEqual({ ...of('timeseries'), ...of('streams') })
})

test('counts, with an empty tenant label', async () => {
  const { values } = await traffic(false)
  expect(values).toMatchObject({
    cortex_tenant_timeseries_batches_received: 3,
    cortex_tenant_timeseries_batches_received_bytes_count: 3,
    'cortex_tenant_timeseries_batches_received_bytes_bucket{le="0.5"}': 0,
    'cortex_tenant_timeseries_received{tenant=""}': 4,
    'cortex_tenant_timeseries_requests{tenant=""}': 3,
    'cortex_tenant_timeseries_request_errors{tenant=""}': 1,
    'cortex_tenant_timeseries_request_duration_milliseconds_count{code="200",tenant=""}': 1,
    'cortex_tenant_timeseries_request_duration_milliseconds_count{code="400",tenant=""}': 1,
    cortex_tenant_streams_batches_received: 1,
    'cortex_tenant_streams_received{tenant=""}': 2,
    'cortex_tenant_streams_requests{tenant=""}': 2,
  })
  const bytes = mixed.length + write([series('__name__=a', 'tenant=C')]).length + 'no snappy'.length
  expect(values.cortex_tenant_timeseries_batches_received_bytes_sum).toBe(bytes)
})

test('metrics_include_tenant: the id that went upstream, in all of them (listed: its own _received had no prefix)', async () => {
  const { values } = await traffic(true)
  expect(values).toMatchObject({
    'cortex_tenant_timeseries_received{tenant="pre-A"}': 2,
    'cortex_tenant_timeseries_received{tenant="pre-B"}': 1,
    'cortex_tenant_timeseries_requests{tenant="pre-A"}': 1,
    'cortex_tenant_timeseries_requests{tenant="pre-C"}': 1,
    'cortex_tenant_timeseries_request_errors{tenant="pre-C"}': 1,
    'cortex_tenant_timeseries_request_duration_milliseconds_count{code="400",tenant="pre-B"}': 1,
    'cortex_tenant_streams_received{tenant="pre-D"}': 1,
  })
})

test('a request of 150 ms counts as 150 ms (listed: durations in metrics)', async () => {
  const { values } = await traffic(false)
  const name = 'cortex_tenant_timeseries_request_duration_milliseconds'
  expect(values[`${name}_bucket{code="200",tenant="",le="100"}`]).toBe(0)
  expect(values[`${name}_sum{code="200",tenant=""}`]).toBeGreaterThanOrEqual(149)
  expect(values[`${name}_sum{code="200",tenant=""}`]).toBeLessThan(15_000)
})
