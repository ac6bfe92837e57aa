// Points 1 to 3 of multi-tenancy: a tenant that is limited, hangs or is refused holds back, repeats and loses nothing
// of its neighbour's, though they come in the same pushes.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Fault } from '../../src/dev/sink/fault.ts'
import { Book, quantile } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startPointAgent, tenantRules } from '../support/point-agent.ts'
import { until } from '../support/until.ts'

const roundTripMs = 20
/** Merge window and round trip, and what a healthy tenant may need besides. */
const boundMs = 20 + roundTripMs + 250
const lookMs = 1000

async function startBench(fault: Fault) {
  const book = new Book()
  const receiver = await startReceiver(book, { roundTripMs })
  const { agent, pushUrl, hurry } = await startPointAgent({
    upstream: receiver.url,
    rules: tenantRules,
    endpoint: 'remote_timeout = "2s"\nqueue_config {\nmax_backoff = "500ms"\n}',
  })
  const send = (source: string, ...tenants: string[]) =>
    startSender({ book, url: pushUrl, source, tenants, series: 2, everyMs: 25 })
  const both = send('both', 'a', 'b')
  const own = { a: send('own-a', 'a'), b: send('own-b', 'b') }
  const senders = [both, own.a, own.b]
  await until(() => senders.every(({ settled }) => settled > 5), { what: 'every sender is warm' })
  receiver.setFault(['a'], fault)
  await wait(100)
  return {
    ...{ book, receiver, agent, both, own, hurry },
    /** A machine that is busy with other things gets another look; a tenant that is held back is late at every one. */
    async expectInTime() {
      const seen: string[] = []
      for (let k = 0; k < 3; k++) {
        const from = performance.now()
        await wait(lookMs)
        const to = performance.now()
        await wait(boundMs)
        const delays = book.delays(['b'], from, to)
        const p99 = quantile(delays, 0.99)
        if (delays.length > 10 && p99 < boundMs) return
        seen.push(`${Math.round(p99)} ms of ${delays.length}`)
      }
      expect.fail(`the p99 of b is over ${boundMs} ms: ${seen.join(', ')}`)
    },
    async end() {
      receiver.setFault(['a'], undefined)
      await hurry('a')
      await Promise.all(senders.map((sender) => sender.stop()))
      await agent.drained()
      expect(book.faults).toEqual([])
    },
  }
}

const nothingAmiss = { lost: 0, repeats: 0, late: 0, lostWhere: [] }

/** `code`: the class of what a's requests end with. */
const check = async (fault: Fault, code: string): Promise<void> => {
  const { agent, book, both, own, expectInTime, end } = await startBench(fault)
  await expectInTime()
  const probes = () => agent.metric('sluice_tenant_requests_total', { tenant: 'a', code_class: code })
  // It is probed, and what comes meanwhile is stored.
  expect(await probes()).toBeLessThanOrEqual(10)
  expect(await agent.metric('sluice_queue_stored_samples', { tenant: 'a' })).toBeGreaterThan(0)
  expect(await agent.metric('sluice_queue_stored_samples_total', { tenant: 'b' })).toBe(0)
  await until(async () => (await probes()) > 0, { what: 'a request of a ends so' })
  await end()
  expect(book.balance()).toMatchObject(nothingAmiss)
  for (const { answers } of [both, own.a, own.b]) expect([...answers.keys()].filter((code) => code >= 300)).toEqual([])
  expect([...own.b.answers.keys()]).toEqual([200])
  expect(await agent.metric('sluice_tenant_samples_failed_total', { tenant: 'b' })).toBe(0)
  expect(await agent.metric('sluice_queue_dropped_samples_total')).toBe(0)
}

test('point 1: a answers 429 with Retry-After 60 for ever; b is in time', () =>
  check({ status: 429, retryAfter: 60, body: 'limit\n' }, '429'))

test('point 2: a hangs until remote_timeout; b is in time', () => check({ hang: true }, 'error'))

test('point 3: what is 4xx is dropped, and counted for a alone; b is in time', async () => {
  const { agent, book, both, own, expectInTime, end } = await startBench({ status: 422, body: 'too bad\n' })
  await expectInTime()
  await end()
  const isFinal = (status: number): boolean => status >= 200 && status < 500
  expect(book.balance(['b'], isFinal)).toMatchObject(nothingAmiss)
  const { lost, repeats, late } = book.balance(['a'], isFinal)
  expect([repeats, late]).toEqual([0, 0])
  expect(lost).toBeGreaterThan(40)
  const [failed, dropped, requests] = [
    'sluice_tenant_samples_failed_total',
    'sluice_queue_dropped_samples_total',
    'sluice_tenant_requests_total',
  ] as const
  expect(await agent.metric(dropped, { tenant: 'a', reason: 'refused' })).toBe(lost)
  expect(await agent.metric(dropped)).toBe(lost)
  expect(await agent.metric(failed, { tenant: 'a' })).toBeGreaterThanOrEqual(lost)
  expect(await agent.metric(failed, { tenant: 'b' })).toBe(0)
  expect(await agent.metric(requests, { tenant: 'a', code_class: '4xx' })).toBeGreaterThan(0)
  expect(await agent.metric(requests, { tenant: 'b' })).toBe(
    await agent.metric(requests, { tenant: 'b', code_class: '2xx' }),
  )
  expect(await agent.metric('prometheus_remote_storage_samples_failed_total')).toBe(lost)
  // Each sender hears what became of its own.
  expect(own.a.answers.get(400) ?? own.a.answers.get(422)).toBeGreaterThan(0)
  expect(both.answers.get(400)).toBeGreaterThan(0)
  expect([...own.b.answers.keys()]).toEqual([200])
})
