// A million series of a thousand tenants take little more memory than a million of one. Only a soak does this.

import { expect, test } from 'vitest'
import { costOf, type Subject, shown } from '../support/million-series.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { isLong } from './long.ts'

async function start(target: string): Promise<Subject> {
  const { pushUrl, program, drained } = await startQueued({ target, flags: ['--timeout=20s'] })
  return { pushUrl, program, drained, metric: (name) => program.metric(name) }
}

test.runIf(isLong)('a million series over a thousand tenants, and over one', { timeout: 600_000 }, async () => {
  const one = await costOf(start, ['only'])
  console.log(`one tenant: ${shown(one)}`)
  const many = await costOf(
    start,
    Array.from({ length: 1000 }, (_, i) => `team-${i}`),
  )
  console.log(`a thousand: ${shown(many)}`)
  expect((many.steadyBytes - many.idleBytes) / (one.steadyBytes - one.idleBytes)).toBeLessThan(1.3)
})
