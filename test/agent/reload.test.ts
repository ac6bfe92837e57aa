// Under load, one rule is changed again and again: no sample is lost, and what the change doesn't concern is not touched.

import { expect, test } from 'vitest'
import type { Agent } from '../support/agent.ts'
import { series, write } from '../support/bodies.ts'
import { Book } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { type PointOptions, startPointAgent, tenantRules } from '../support/point-agent.ts'
import { until } from '../support/until.ts'

/** Takes what a ledger's senders send, less what is named so. */
const dropping = (upstream: string, dropped: string): PointOptions => ({
  upstream,
  rules: `${tenantRules}
  rule {
    source_labels = ["__name__"]
    regex         = "${dropped}"
    action        = "drop"
  }`,
})

const rule = async (agent: Agent): Promise<string> =>
  JSON.stringify((await agent.component('prometheus.relabel.tenant')).arguments)

test('one rule changed under load: nothing lost, nothing twice, the others not touched', async () => {
  const book = new Book()
  const receiver = await startReceiver(book, { roundTripMs: 5 })
  const { agent, pushUrl, push, configure } = await startPointAgent({
    ...dropping(receiver.url, 'first'),
    flags: ['--queue.ack_grace=1m'],
  })
  const senders = ['a', 'b', 'c', 'd'].map((source) =>
    startSender({ book, url: pushUrl, source, tenants: ['x', 'y', 'z'], series: 3 }),
  )
  await until(() => senders.every(({ settled }) => settled > 20), { what: 'pushes come through' })
  const untouched = ['prometheus.receive_http.in', 'prometheus.remote_write.mimir'] as const
  const before = await Promise.all(untouched.map((id) => agent.component(id)))
  for (let n = 1; n <= 10; n++) {
    configure(dropping(receiver.url, `other-${n}`))
    const settled = senders.map((sender) => sender.settled)
    expect(await agent.reload()).toEqual({ status: 200, text: 'config reloaded\n' })
    expect(await rule(agent)).toContain(`other-${n}`)
    await until(() => senders.every((sender, at) => sender.settled > settled[at]! + 5), { what: 'pushes go on' })
  }
  await Promise.all(senders.map((sender) => sender.stop()))
  const { lost, repeats, late, acknowledged } = book.balance()
  expect({ lost, repeats, late, faults: book.faults }).toEqual({ lost: 0, repeats: 0, late: 0, faults: [] })
  expect(acknowledged).toBeGreaterThan(4 * 9 * 60)
  for (const sender of senders) expect([...sender.answers.keys()]).toEqual([200])

  const after = await Promise.all(untouched.map((id) => agent.component(id)))
  expect(after.map(({ health }) => health)).toEqual(before.map(({ health }) => health))
  expect(agent.program.stderr.filter((line) => line.includes('msg=listening')).length).toBe(1)
  // The rule that was given last holds.
  const requests = receiver.requests
  expect((await push(write([series('__name__=other-10', 'tenant=x')]))).status).toBe(204)
  expect(receiver.requests).toBe(requests)
})

test('a file that is wrong changes nothing, and everybody hears of it', async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  const { agent, pushUrl, configure } = await startPointAgent(dropping(receiver.url, 'first'))
  const sender = startSender({ book, url: pushUrl, source: 's', tenants: ['x'] })
  configure({ ...dropping(receiver.url, '('), endpoint: 'ulr = "x"' })
  const { status, text } = await agent.reload()
  expect(status).toBe(400)
  expect(text).toContain('agent.alloy:22:21: error parsing regexp: missing closing )')
  expect(text).toContain('unrecognized attribute name "ulr"')
  expect(await agent.metric('sluice_config_last_reload_successful')).toBe(0)
  const healthy = await agent.get('/-/healthy')
  expect([healthy.status, healthy.text.split('\n')[0]]).toEqual([
    500,
    'unhealthy components: prometheus.relabel.tenant, prometheus.remote_write.mimir',
  ])
  expect((await agent.get('/-/ready')).status).toBe(200)
  const { settled } = sender
  await until(() => sender.settled > settled + 3, { what: 'pushes go on' })

  agent.program.signal('SIGHUP')
  await agent.program.line(/level=error msg="the configuration was not reloaded; the old one stays".*ulr/)
  configure(dropping(receiver.url, 'second'))
  agent.program.signal('SIGHUP')
  await agent.program.line(/level=info msg="the configuration was reloaded"/)
  expect((await agent.get('/-/healthy')).text).toBe('All Sluice components are healthy.\n')
  expect(await agent.metric('sluice_config_last_reload_successful')).toBe(1)
  expect(await rule(agent)).toContain('second')
})
