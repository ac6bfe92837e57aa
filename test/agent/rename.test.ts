// Under load, components get other names: the port goes to the new one, and what the old writer has goes out before it
// ends, since nobody would send what it leaves in the store.

import { expect, test } from 'vitest'
import { startAgent } from '../support/agent.ts'
import { freePort } from '../support/free-port.ts'
import { Book } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { until } from '../support/until.ts'

test('receiver and writer renamed under load: nothing lost, nothing twice, nothing left behind', async () => {
  const book = new Book()
  const receiver = await startReceiver(book, { roundTripMs: 30 })
  const port = await freePort()
  const config = (n: number): string => `
prometheus.receive_http "in_${n}" {
  trust_tenant_label = true
  http {
    listen_port = ${port}
  }
  forward_to = [prometheus.remote_write.out_${n}.receiver]
}

prometheus.remote_write "out_${n}" {
  endpoint {
    url = "${receiver.url}"

    tenancy {
      labels = ["tenant"]
    }
  }
}
`
  const agent = await startAgent({ config: config(0), flags: ['--queue.ack_grace=1m'] })
  const url = `http://127.0.0.1:${port}/api/v1/metrics/write`
  const senders = ['a', 'b', 'c', 'd'].map((source) =>
    startSender({ book, url, source, tenants: ['x', 'y', 'z'], series: 3 }),
  )
  await until(() => senders.every(({ settled }) => settled > 10), { what: 'pushes come through' })
  for (let n = 1; n <= 5; n++) {
    agent.configure(config(n))
    const settled = senders.map((sender) => sender.settled)
    expect(await agent.reload()).toEqual({ status: 200, text: 'config reloaded\n' })
    await until(() => senders.every((sender, at) => sender.settled > settled[at]! + 5), { what: 'pushes go on' })
  }
  await Promise.all(senders.map((sender) => sender.stop()))
  const { lost, repeats, late } = book.balance()
  expect({ lost, repeats, late, faults: book.faults }).toEqual({ lost: 0, repeats: 0, late: 0, faults: [] })
  expect(JSON.parse((await agent.get('/api/v1/queue')).text)).toMatchObject({ queues: [] })
  // While the port changes hands a connection may be refused: the sender tries again.
  for (const { answers } of senders) expect([...answers.keys()].filter((status) => status !== 0)).toEqual([200])
})
