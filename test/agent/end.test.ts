// The end of the agent, in order and not: what was acknowledged is delivered by the next life.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Agent, startAgent } from '../support/agent.ts'
import { freePort } from '../support/free-port.ts'
import { Book } from '../support/ledger/book.ts'
import { type Receiver, startReceiver } from '../support/ledger/receiver.ts'
import { type Sender, startSender } from '../support/ledger/sender.ts'
import { runSluice } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const tenants = ['x', 'y']

interface Bench {
  readonly book: Book
  readonly receiver: Receiver
  readonly agent: Agent
  readonly send: (source: string) => Sender
}

async function startBench(...flags: readonly string[]): Promise<Bench> {
  const book = new Book()
  const receiver = await startReceiver(book)
  const port = await freePort()
  const config = `
prometheus.receive_http "in" {
  http {
    listen_port = ${port}
  }
  trust_tenant_label = true
  forward_to         = [prometheus.remote_write.mimir.receiver]
}

prometheus.remote_write "mimir" {
  endpoint {
    url            = "${receiver.url}"
    remote_timeout = "60s"

    queue_config {
      max_backoff = "200ms"
    }

    tenancy {
      labels = ["tenant"]
    }
  }
}
`
  const agent = await startAgent({ config, flags: ['--queue.ack_grace=100ms', ...flags] })
  const url = `http://127.0.0.1:${port}/api/v1/metrics/write`
  return { book, receiver, agent, send: (source) => startSender({ book, url, source, tenants, series: 2 }) }
}

/** Ends within this time; returns how. */
const endOf = ({ program }: Agent, withinMs: number) =>
  until(() => program.end, { what: 'the program ends', timeoutMs: withinMs, seen: () => program.stderr.slice(-5) })

const balanceOf = (book: Book) => {
  const { lost, late } = book.balance()
  return { lost, late, faults: book.faults }
}
const allThere = { lost: 0, late: 0, faults: [] }

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  '%s while upstream is down: what was acknowledged is stored, and delivered by the next life',
  async (signal) => {
    const { book, receiver, agent, send } = await startBench()
    const senders = [send('a'), send('b')]
    await until(() => senders.every(({ settled }) => settled > 5), { what: 'pushes come through' })
    await receiver.shut()
    const settled = senders.map((sender) => sender.settled)
    await until(() => senders.every((sender, at) => sender.settled > settled[at]! + 10), {
      what: 'pushes are stored',
      seen: () => agent.program.stderr.slice(-5),
    })
    agent.program.signal(signal)
    const end = await endOf(agent, 25_000)
    expect(end).toEqual(signal === 'SIGKILL' ? { code: null, signal } : { code: 0, signal: null })

    const { stdout } = await runSluice(['queue', 'list', '--json', `--storage.path=${agent.storage}`])
    const stored = (JSON.parse(stdout) as { queues: { tenant: string; endpoint: string; samples: number }[] }).queues
    expect(stored.map(({ tenant, endpoint }) => [tenant, endpoint])).toEqual(
      tenants.map((tenant) => [tenant, 'prometheus.remote_write.mimir/0']),
    )
    await receiver.open()
    await agent.start()
    const again = senders.map((sender) => sender.settled)
    await until(() => senders.every((sender, at) => sender.settled > again[at]! + 5), { what: 'pushes go on' })
    await Promise.all(senders.map((sender) => sender.stop()))
    await agent.drained()
    expect(balanceOf(book)).toEqual(allThere)
    expect(book.balance().acknowledged).toBeGreaterThan(2 * 4 * 20)
  },
)

test('killed again and again under load', async () => {
  const { book, receiver, agent, send } = await startBench()
  const senders = [send('a'), send('b'), send('c')]
  for (let k = 0; k < 8; k++) {
    receiver.setFault(['x'], k % 2 === 0 ? { status: 503 } : undefined)
    const settled = senders.map((sender) => sender.settled)
    await until(() => senders.every((sender, at) => sender.settled >= settled[at]! + 5), {
      what: 'pushes come through',
    })
    await wait(70 * k)
    await agent.kill()
    await agent.start()
  }
  receiver.setFault(['x'], undefined)
  await Promise.all(senders.map((sender) => sender.stop()))
  await agent.drained()
  expect(balanceOf(book)).toEqual(allThere)
  // Rounds, senders, pushes, series of each.
  expect(book.balance().acknowledged).toBeGreaterThanOrEqual(8 * 3 * 5 * 4)
})

test('SIGTERM: not ready at once, what is in flight has the deadline, a second signal ends the wait', async () => {
  const { book, receiver, agent, send } = await startBench('--server.shutdown_deadline=60s')
  receiver.setFault(['x'], { hang: true })
  const sender = send('a')
  await until(async () => (await agent.metric('sluice_upstream_requests_in_flight', { signal: 'metrics' })) === 1, {
    what: 'a request hangs',
  })
  agent.program.signal('SIGTERM')
  await until(async () => (await agent.get('/-/ready')).status === 503, { what: '/-/ready is 503' })
  expect((await agent.get('/-/ready')).text).toBe('Sluice is not ready: it is stopping.\n')
  expect(agent.program.end).toBe(undefined)
  agent.program.signal('SIGTERM')
  expect(await endOf(agent, 20_000)).toEqual({ code: 0, signal: null })
  receiver.setFault(['x'], undefined)
  await agent.start()
  await sender.stop()
  await agent.drained()
  expect(balanceOf(book)).toEqual(allThere)
})

test('the deadline holds', async () => {
  const { receiver, agent, send } = await startBench('--server.shutdown_deadline=1s')
  receiver.setFault(['x'], { hang: true })
  send('a')
  await until(async () => (await agent.metric('sluice_upstream_requests_in_flight', { signal: 'metrics' })) === 1, {
    what: 'a request hangs',
  })
  const begun = performance.now()
  agent.program.signal('SIGTERM')
  expect(await endOf(agent, 10_000)).toEqual({ code: 0, signal: null })
  expect(performance.now() - begun).toBeGreaterThan(900)
})

test('a second process is refused, and harms nothing; neither does one with a wrong file', async () => {
  const { agent } = await startBench()
  const other = (file: string, text: string) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, file), text)
    return runSluice(['run', file, `--storage.path=${agent.storage}`, '--server.http.listen-addr=127.0.0.1:0'], { cwd })
  }
  const second = await other('a.alloy', '')
  expect([second.code, second.stdout]).toEqual([1, ''])
  expect(second.stderr).toContain('STORE_IN_USE')
  expect(second.stderr).toContain(String(agent.program.pid))
  const wrong = await other('b.alloy', 'prometheus.echo {')
  expect([wrong.code, wrong.stdout]).toEqual([78, ''])
  expect((await agent.get('/-/ready')).text).toBe('Sluice is ready.\n')
})
