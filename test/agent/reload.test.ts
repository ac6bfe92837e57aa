// Under load, one rule is changed again and again: no sample is lost, and what the change doesn't concern is not touched.

import { expect, test } from 'vitest'
import { type Agent, startAgent } from '../support/agent.ts'
import { freePort } from '../support/free-port.ts'
import { Book } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { bodyOf, post } from '../support/push.ts'
import { until } from '../support/until.ts'

const configOf = (port: number, upstream: string, dropped: string): string => `
prometheus.receive_http "in" {
  http {
    listen_port = ${port}
  }
  forward_to = [prometheus.relabel.tenant.receiver]
}

prometheus.relabel "tenant" {
  rule {
    source_labels = ["tenant"]
    target_label  = "__tenant_id__"
  }
  rule {
    regex  = "tenant"
    action = "labeldrop"
  }
  rule {
    source_labels = ["__name__"]
    regex         = "${dropped}"
    action        = "drop"
  }
  forward_to = [prometheus.remote_write.mimir.receiver]
}

prometheus.remote_write "mimir" {
  endpoint {
    url = "${upstream}"

    tenancy { }
  }
}
`

const rule = async (agent: Agent): Promise<string> =>
  JSON.stringify((await agent.component('prometheus.relabel.tenant')).arguments)

test('one rule changed under load: nothing lost, nothing twice, the others not touched', async () => {
  const book = new Book()
  const receiver = await startReceiver(book, { roundTripMs: 5 })
  const port = await freePort()
  const config = (dropped: string): string => configOf(port, receiver.url, dropped)
  const agent = await startAgent({ config: config('first'), flags: ['--queue.ack_grace=1m'] })
  const pushUrl = `http://127.0.0.1:${port}/api/v1/metrics/write`
  const senders = ['a', 'b', 'c', 'd'].map((source) =>
    startSender({ book, url: pushUrl, source, tenants: ['x', 'y', 'z'], series: 3 }),
  )
  await until(() => senders.every(({ settled }) => settled > 20), { what: 'pushes come through' })
  const untouched = ['prometheus.receive_http.in', 'prometheus.remote_write.mimir'] as const
  const before = await Promise.all(untouched.map((id) => agent.component(id)))
  for (let n = 1; n <= 10; n++) {
    agent.configure(config(`other-${n}`))
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
  const push = (name: string) =>
    post(
      pushUrl,
      bodyOf([
        {
          labels: [
            ['__name__', name],
            ['tenant', 'x'],
          ],
          samples: [[1, 1]],
        },
      ]),
    )
  const requests = receiver.requests
  expect((await push('other-10')).status).toBe(204)
  expect(receiver.requests).toBe(requests)
})

test('a file that is wrong changes nothing, and everybody hears of it', async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  const port = await freePort()
  const agent = await startAgent({ config: configOf(port, receiver.url, 'first') })
  const sender = startSender({
    book,
    url: `http://127.0.0.1:${port}/api/v1/metrics/write`,
    source: 's',
    tenants: ['x'],
  })
  agent.configure(configOf(port, receiver.url, '(').replace('url =', 'ulr ='))
  const { status, text } = await agent.reload()
  expect(status).toBe(400)
  expect(text).toContain('agent.alloy:20:21: error parsing regexp: missing closing )')
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
  agent.configure(configOf(port, receiver.url, 'second'))
  agent.program.signal('SIGHUP')
  await agent.program.line(/level=info msg="the configuration was reloaded"/)
  expect((await agent.get('/-/healthy')).text).toBe('All Sluice components are healthy.\n')
  expect(await agent.metric('sluice_config_last_reload_successful')).toBe(1)
  expect(await rule(agent)).toContain('second')
})
