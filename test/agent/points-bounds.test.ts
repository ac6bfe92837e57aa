// Point 10 of multi-tenancy: whoever goes beyond a bound that all share bears it alone. Another tenant than there may be
// is refused; when the disk has no room the one with most loses its oldest.

import { expect, test } from 'vitest'
import { Book } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startPointAgent, tenantRules } from '../support/point-agent.ts'
import { bodyOf, seriesOf } from '../support/push.ts'
import { testSink } from '../support/test-sink.ts'
import { until } from '../support/until.ts'

test('point 10: a tenant beyond max_tenants is refused, those that are there go on', async () => {
  const sink = await testSink()
  const tenancy = 'default = "shared"\nmax_tenants = 3'
  const { agent, push } = await startPointAgent({
    upstream: sink.pushUrl,
    rules: tenantRules,
    tenancy,
    flags: ['--queue.ack_grace=1m'],
  })
  const pushFor = (tenants: readonly string[], at: number) => push(bodyOf(seriesOf(tenants, at)))
  expect((await pushFor(['a', 'b', 'c'], 1)).status).toBe(204)
  for (let at = 2; at <= 10; at++) {
    const { status, text } = await pushFor(['a', 'x', 'b', 'y', 'c', ''], at)
    expect([status, text]).toEqual([400, expect.stringMatching(/^3 series rejected\nrejected max_tenants \(3\)/)])
  }
  expect(sink.store.tenants).toEqual(['a', 'b', 'c'])
  for (const tenant of ['a', 'b', 'c']) expect(sink.store.counts(tenant)).toMatchObject({ samples: 10, duplicates: 0 })
  expect(await agent.metric('sluice_rejected_total', { reason: 'max_tenants' })).toBe(27)
  expect(await agent.metric('sluice_tenants')).toBe(3)
})

const maxBytes = 1 << 20
const calm = ['calm-1', 'calm-2', 'calm-3']

test('point 10: the disk has no room: the noisiest loses its oldest, nobody else anything', async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  const { agent, pushUrl } = await startPointAgent({
    upstream: receiver.url,
    rules: tenantRules,
    endpoint: 'queue_config {\nmax_backoff = "200ms"\n}',
    flags: [`--storage.max_bytes=${maxBytes}`, '--queue.ack_grace=100ms'],
  })
  receiver.setFault([...calm, 'noisy'], { status: 503 })
  const quiet = calm.map((tenant) =>
    startSender({ book, url: pushUrl, source: tenant, tenants: [tenant], series: 2, everyMs: 100 }),
  )
  const noisy = ['noisy-1', 'noisy-2'].map((source) =>
    startSender({ book, url: pushUrl, source, tenants: ['noisy'], series: 1000 }),
  )
  const dropped = (labels = {}) => agent.metric('sluice_queue_dropped_samples_total', labels)
  await until(async () => (await dropped()) > 10_000, {
    what: 'what is over the bound is dropped',
    timeoutMs: 40_000,
    seen: () => agent.program.stderr.slice(-5),
  })
  expect(await agent.metric('sluice_store_bytes')).toBeLessThanOrEqual(maxBytes)
  const senders = [...quiet, ...noisy]
  receiver.setFault([...calm, 'noisy'], undefined)
  await Promise.all(senders.map((sender) => sender.stop()))
  await agent.drained()
  const well = book.balance(calm)
  expect(well).toMatchObject({ lost: 0, repeats: 0, late: 0, lostWhere: [] })
  const { lost, repeats, late } = book.balance(['noisy'])
  expect({ repeats, late, faults: book.faults }).toEqual({ repeats: 0, late: 0, faults: [] })
  expect(lost).toBeGreaterThan(10_000)
  expect(await dropped({ tenant: 'noisy', reason: 'storage_full' })).toBe(lost)
  expect(await dropped()).toBe(lost)
  for (const { answers } of senders) expect([...answers.keys()].filter((status) => status >= 300)).toEqual([])
})
