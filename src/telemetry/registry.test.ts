import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue, labelTable, type MetricName, type MetricSpec } from './catalogue.ts'
import { createRegistry, OTHER_TENANTS, type RegistryOptions } from './registry.ts'

const create = (options: Partial<RegistryOptions> = {}) =>
  createRegistry({ includeTenant: false, processMetrics: false, ...options })

const lines = async (registry: ReturnType<typeof create>, start: string): Promise<string[]> =>
  (await registry.exposition()).split('\n').filter((line) => line.startsWith(start))

test('every metric of the catalogue is exposed with its type and help', async () => {
  const text = await create().exposition()
  for (const [name, spec] of Object.entries<MetricSpec>(catalogue)) {
    expect(text).toContain(`# HELP ${name} ${spec.help}\n# TYPE ${name} ${spec.type}\n`)
  }
})

test('metrics without labels, or with nothing but the signal, start at 0', async () => {
  const registry = create()
  expect(await lines(registry, 'sluice_requests_in_flight')).toEqual(['sluice_requests_in_flight 0'])
  expect(await lines(registry, 'sluice_upstream_waiting')).toEqual([
    'sluice_upstream_waiting{signal="metrics"} 0',
    'sluice_upstream_waiting{signal="logs"} 0',
  ])
  expect(await lines(registry, 'sluice_requests_total')).toEqual([])
})

test('a tally is one object per label set, whatever the order of the labels', async () => {
  const registry = create()
  const tally = registry.meter.tally('sluice_requests_total', { signal: 'metrics', code: '204' })
  tally.value += 3
  expect(registry.meter.tally('sluice_requests_total', { code: '204', signal: 'metrics' })).toBe(tally)
  expect(registry.meter.tally('sluice_requests_total', { code: '20', signal: '4metrics' })).not.toBe(tally)
  expect(await lines(registry, 'sluice_requests_total{signal="metrics"')).toEqual([
    'sluice_requests_total{signal="metrics",code="204"} 3',
  ])
})

test('a histogram counts a value into every bucket that is not below it', async () => {
  const registry = create()
  const sizes = registry.meter.distribution('sluice_request_body_bytes', { signal: 'metrics' })
  for (const value of [1024, 1025, 1e9]) sizes.observe(value)
  expect(await lines(registry, 'sluice_request_body_bytes_bucket{signal="metrics"')).toEqual([
    'sluice_request_body_bytes_bucket{signal="metrics",le="1024"} 1',
    'sluice_request_body_bytes_bucket{signal="metrics",le="4096"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="16384"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="65536"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="262144"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="1048576"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="4194304"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="16777216"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="67108864"} 2',
    'sluice_request_body_bytes_bucket{signal="metrics",le="+Inf"} 3',
  ])
  expect(await lines(registry, 'sluice_request_body_bytes_sum{signal="metrics"')).toEqual([
    'sluice_request_body_bytes_sum{signal="metrics"} 1000002049',
  ])
})

test('unknown names, wrong labels and the wrong kind are errors', () => {
  const { meter } = create()
  const check = (run: () => unknown, want: string) => expect(run).toThrow(want)
  check(() => meter.tally('sluice_nonsense' as MetricName), 'no metric is called sluice_nonsense')
  check(() => meter.tally('constructor' as MetricName), 'no metric is called constructor')
  check(() => meter.tally('sluice_requests_total', { signal: 'metrics' }), 'sluice_requests_total needs the label code')
  check(() => meter.tally('sluice_tenants', { tenant: 'a' }), 'sluice_tenants has the labels [], not [tenant]')
  check(() => meter.tally('sluice_request_body_bytes', { signal: 'logs' }), 'is a histogram')
  check(() => meter.distribution('sluice_tenants'), 'is a gauge')
})

test('ct’s metrics have an empty tenant unless it is asked for', async () => {
  const hidden = create()
  hidden.meter.tally('cortex_tenant_timeseries_received', { tenant: 'a' }).value += 1
  hidden.meter.tally('cortex_tenant_timeseries_received', { tenant: 'b' }).value += 2
  hidden.meter.forgetTenant('a')
  expect(await lines(hidden, 'cortex_tenant_timeseries_received{')).toEqual([
    'cortex_tenant_timeseries_received{tenant=""} 3',
  ])

  const open = create({ includeTenant: true })
  const name = 'cortex_tenant_timeseries_request_duration_milliseconds'
  open.meter.distribution(name, { code: '200', tenant: 'a' }).observe(1500)
  expect(await lines(open, `${name}_sum`)).toEqual([`${name}_sum{code="200",tenant="a"} 1500`])
  expect(await lines(open, `${name}_bucket{code="200",tenant="a",le="1000"`)).toEqual([
    `${name}_bucket{code="200",tenant="a",le="1000"} 0`,
  ])
})

test('tenants beyond the bound are counted together, and a forgotten one makes room', async () => {
  const registry = create({ maxTenants: 2 })
  const add = (tenant: string) => {
    registry.meter.tally('sluice_tenant_samples_total', { tenant, signal: 'metrics' }).value += 1
  }
  for (const tenant of ['a', 'b', 'c', 'd', 'a']) add(tenant)
  registry.meter.tally('sluice_rejected_samples_total', { tenant: '', signal: 'metrics', reason: 'x' }).value += 1
  expect(await lines(registry, 'sluice_tenant_samples_total{')).toEqual([
    'sluice_tenant_samples_total{tenant="a",signal="metrics"} 2',
    'sluice_tenant_samples_total{tenant="b",signal="metrics"} 1',
    `sluice_tenant_samples_total{tenant="${OTHER_TENANTS}",signal="metrics"} 2`,
  ])

  registry.meter.forgetTenant('a')
  registry.meter.forgetTenant(OTHER_TENANTS)
  registry.meter.forgetTenant('')
  add('c')
  expect(await lines(registry, 'sluice_tenant_samples_total{')).toEqual([
    'sluice_tenant_samples_total{tenant="b",signal="metrics"} 1',
    `sluice_tenant_samples_total{tenant="${OTHER_TENANTS}",signal="metrics"} 2`,
    'sluice_tenant_samples_total{tenant="c",signal="metrics"} 1',
  ])
  expect(await lines(registry, 'sluice_rejected_samples_total{')).toHaveLength(1)
})

test('law: the sum over tenants is what was counted, in at most one label value more than the bound', async () => {
  const visits = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.nat(100)), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(visits, fc.integer({ min: 1, max: 4 }), async (all, maxTenants) => {
      const registry = create({ maxTenants })
      for (const [tenant, n] of all) registry.meter.tally('sluice_rate_limited_total', { tenant }).value += n
      const found = (await registry.values()).find(({ name }) => name === 'sluice_rate_limited_total')!
      expect(found.values.length).toBeLessThanOrEqual(maxTenants + 1)
      expect(found.values.reduce((sum, { value }) => sum + value, 0)).toBe(all.reduce((sum, [, n]) => sum + n, 0))
    }),
    { numRuns: 50 },
  )
})

test('values escape and show as JSON', async () => {
  const registry = create()
  registry.meter.tally('sluice_rate_limited_total', { tenant: 'q"\\\n' }).value += 1
  expect(await lines(registry, 'sluice_rate_limited_total{')).toEqual([
    'sluice_rate_limited_total{tenant="q\\"\\\\\\n"} 1',
  ])
  const found = (await registry.values()).find(({ name }) => name === 'sluice_rate_limited_total')
  expect(found).toEqual({
    name: 'sluice_rate_limited_total',
    type: 'counter',
    help: catalogue.sluice_rate_limited_total.help,
    values: [{ labels: { tenant: 'q"\\\n' }, value: 1 }],
  })
})

test('the process’ own metrics are there', async () => {
  const text = await create({ processMetrics: true }).exposition()
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
    expect(text).toContain(`# TYPE ${name} `)
  }
})

test('names follow the rules: base units, _total on counters, ct’s names as ct has them', () => {
  for (const [name, spec] of Object.entries<MetricSpec>(catalogue)) {
    for (const label of spec.labels) expect(labelTable).toHaveProperty(label)
    // Alloy's names.
    if (spec.labels.includes('component_id') || name.startsWith('alloy_')) continue
    expect(name).toMatch(
      spec.ct ? /^cortex_tenant_(timeseries|streams)_/ : /^(sluice|prometheus_remote_storage)_[a-z_]+$/,
    )
    if (!spec.ct) expect(name.endsWith('_total')).toBe(spec.type === 'counter')
    if (spec.type === 'histogram') {
      expect(name.endsWith(`_${spec.unit}`)).toBe(true)
      const bounds = spec.buckets ?? []
      expect([...bounds].sort((a, b) => a - b)).toEqual(bounds)
      expect(bounds.length).toBeGreaterThan(0)
      if (!spec.ct) expect(spec.labels).not.toContain('tenant')
    }
  }
})

test('the metrics of a component go with it', async () => {
  const registry = createRegistry({ includeTenant: true, processMetrics: false })
  for (const id of ['prometheus.echo.a', 'prometheus.echo.b']) {
    registry.meter.tally('prometheus_forwarded_samples_total', { component_id: id }).value += 2
  }
  registry.forgetComponent('prometheus.echo.a')
  expect(await lines(registry, 'prometheus_forwarded_samples_total{')).toEqual([
    'prometheus_forwarded_samples_total{component_id="prometheus.echo.b"} 2',
  ])
})
