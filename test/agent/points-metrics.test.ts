// Point 13 of multi-tenancy: metrics have a tenant's series while there is something to say of it, and of a bounded
// number of tenants; when it is removed, they go.

import { expect, test } from 'vitest'
import { startPointAgent, tenantRules } from '../support/point-agent.ts'
import { bodyOf, seriesOf } from '../support/push.ts'
import { startTenantUpstream } from '../support/tenant-upstream.ts'
import { until } from '../support/until.ts'

const idle = 'idle_timeout = "3s"'

async function startBench(tenancy: string) {
  const upstream = await startTenantUpstream(({ tenant }) => (tenant === 'down' ? 503 : 200))
  const { agent, push } = await startPointAgent({
    upstream: upstream.url,
    rules: tenantRules,
    endpoint: 'queue_config {\nmax_backoff = "100ms"\n}',
    tenancy,
    flags: ['--queue.ack_grace=1m'],
  })
  let at = 0
  return {
    agent,
    upstream,
    pushFor: async (...tenants: readonly string[]) =>
      expect((await push(bodyOf(seriesOf(tenants, ++at)))).status).toBeLessThan(300),
    /** Values of the label `tenant`, of all metrics; not the empty one, which is nobody’s. */
    async shown(): Promise<readonly string[]> {
      const { text } = await agent.get('/metrics')
      return [...new Set([...text.matchAll(/[{,]tenant="([^"]+)"/g)].map(([, tenant = '']) => tenant))].sort()
    },
  }
}

test('point 13: series of a tenant that is removed go, of one that is there or has something stored they stay', async () => {
  const { agent, pushFor, shown, upstream } = await startBench(idle)
  await pushFor('gone', 'here', 'down')
  expect(await shown()).toEqual(['down', 'gone', 'here'])
  await until(
    async () => {
      await pushFor('here')
      return !(await shown()).includes('gone')
    },
    { what: 'the series of the idle tenant go', everyMs: 100 },
  )
  expect(await shown()).toEqual(['down', 'here'])
  expect(await agent.metric('sluice_tenants_removed_total')).toBe(1)
  expect(await agent.metric('sluice_queue_stored_batches', { tenant: 'down' })).toBe(1)
  // What is stored is sent in the end; then this one goes too.
  upstream.tell = () => 200
  await until(async () => (await shown()).length === 0, { what: 'no tenant is shown' })
  expect(upstream.arrivals.filter(({ tenant }) => tenant === 'down').length).toBeGreaterThan(1)
  expect(await agent.metric('sluice_tenants')).toBe(0)
  await pushFor('gone')
  expect(await shown()).toEqual(['gone'])
  expect(await agent.metric('sluice_tenant_samples_total', { tenant: 'gone' })).toBe(1)
})

test('point 13: a thousand tenants are shown, the others together', async () => {
  const { agent, pushFor, shown } = await startBench('')
  const all = Array.from({ length: 1500 }, (_, k) => `team-${k}`)
  await pushFor(...all.slice(0, 750))
  await pushFor(...all.slice(750))
  const samples = (labels = {}) => agent.metric('sluice_tenant_samples_total', labels)
  await until(async () => (await samples()) === all.length, { what: 'all is delivered' })
  expect(await samples({ tenant: '__other__' })).toBe(500)
  const tenants = await shown()
  expect([tenants.length, tenants[0]]).toEqual([1001, '__other__'])
  expect(await agent.metric('sluice_tenants')).toBe(all.length)
})
