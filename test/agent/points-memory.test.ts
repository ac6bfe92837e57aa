// Point 5 of multi-tenancy: the series of many tenants take little more memory than as many of one. A million of them
// only in a soak; elsewhere some thousands, by what the program holds after its garbage is collected.

import { expect, test } from 'vitest'
import { isLong } from '../queue/long.ts'
import { heldBytes, inspected } from '../support/inspector.ts'
import { costOf, pushOf, type Subject, shown } from '../support/million-series.ts'
import { startPointAgent, tenantRules } from '../support/point-agent.ts'
import { startTenantUpstream } from '../support/tenant-upstream.ts'

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

/** What an agent holds that knows ten thousand series of so many tenants. */
async function heldFor(tenants: readonly string[]): Promise<number> {
  const upstream = await startTenantUpstream()
  const { agent, push } = await startPointAgent({ upstream: upstream.url, rules: tenantRules, env: inspected })
  const send = async (source: string, names: readonly string[]): Promise<void> => {
    const { status } = await push(pushOf(source, names, 5000))
    expect(status).toBeLessThan(300)
  }
  // What code takes with its first use is no tenant's.
  for (let n = 0; n < 5; n++) await send('warm', names('warm', 20))
  for (let n = 0; n < 4; n++) await send(`source-${n % 2}`, tenants)
  await agent.drained()
  return heldBytes(agent.program)
}

test('point 5: ten thousand series over two hundred tenants, and over one', async () => {
  const [one, many] = await Promise.all([heldFor(['only']), heldFor(names('team', 200))])
  console.log(`${one} bytes held with one tenant, ${Math.round((many - one) / 199)} more for each further one`)
  expect(many / one).toBeLessThan(1.2)
})

async function start(target: string): Promise<Subject> {
  const options = { upstream: target, rules: tenantRules, endpoint: 'remote_timeout = "20s"' }
  const { agent, pushUrl } = await startPointAgent(options)
  return { pushUrl, program: agent.program, metric: (name) => agent.metric(name), drained: () => agent.drained() }
}

test.runIf(isLong)(
  'point 5: a million series over a thousand tenants, and over one',
  { timeout: 600_000 },
  async () => {
    const one = await costOf(start, ['only'])
    console.log(`one tenant: ${shown(one)}`)
    const many = await costOf(start, names('team', 1000))
    console.log(`a thousand: ${shown(many)}`)
    expect((many.steadyBytes - many.idleBytes) / (one.steadyBytes - one.idleBytes)).toBeLessThan(1.5)
  },
)
