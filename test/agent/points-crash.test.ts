// Point 4 of multi-tenancy: killed during an outage, each tenant is sent what it was promised from where it was; what
// comes twice is no more than was on its way.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Book } from '../support/ledger/book.ts'
import { explainRepeats } from '../support/ledger/explain.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startPointAgent, tenantRules } from '../support/point-agent.ts'
import { until } from '../support/until.ts'

const maxInFlight = 4

test('point 4: kill -9 in an outage, again and again: nothing lost, few twice, all in order', async () => {
  const book = new Book({ keepsRequests: true })
  const receiver = await startReceiver(book, { roundTripMs: 3 })
  const { agent, pushUrl } = await startPointAgent({
    upstream: receiver.url,
    rules: tenantRules,
    endpoint: 'remote_timeout = "1s"\nqueue_config {\nmax_backoff = "200ms"\n}',
    tenancy: `max_in_flight_per_tenant = ${maxInFlight}`,
    flags: ['--queue.ack_grace=100ms'],
  })
  const send = (source: string, ...tenants: string[]) =>
    startSender({ book, url: pushUrl, source, tenants, series: 2, everyMs: 10 })
  const senders = [send('both', 'a', 'b'), send('own-a', 'a'), send('own-b', 'b')]
  const deaths: number[] = []
  const goOn = async (what: string, pushes: number): Promise<void> => {
    const before = senders.map(({ settled }) => settled)
    await until(() => senders.every(({ settled }, k) => settled > before[k]! + pushes), {
      what,
      seen: () => agent.program.stderr.slice(-5),
    })
  }
  for (let round = 0; round < 3; round++) {
    await goOn('pushes come through', 10)
    // Of everything, then of a alone: then b's is sent while it is killed.
    if (round % 2 === 0) await receiver.shut()
    else receiver.setFault(['a'], { status: 503 })
    await goOn('pushes are stored', 20)
    await wait(37 * round)
    deaths.push(performance.now())
    await agent.kill()
    // Some of what is stored is sent by a life that is killed in turn.
    if (round < 2) {
      await agent.start()
      receiver.setFault(['a'], undefined)
      await receiver.open()
      await wait(60)
      deaths.push(performance.now())
      await agent.kill()
    }
    await agent.start()
    receiver.setFault(['a'], undefined)
    await receiver.open()
  }
  await goOn('pushes come through', 10)
  await Promise.all(senders.map((sender) => sender.stop()))
  await agent.drained()

  for (const tenant of ['a', 'b']) {
    const { lost, lostWhere, late, acknowledged } = book.balance([tenant])
    expect({ tenant, lost, lostWhere, late }).toEqual({ tenant, lost: 0, lostWhere: [], late: 0 })
    expect(acknowledged).toBeGreaterThan(3 * 2 * 2 * 30)
  }
  expect(book.faults).toEqual([])
  const { unexplained, requests } = explainRepeats(book, deaths)
  expect(unexplained).toEqual([])
  // What is out, and what was taken just now and is being removed from the store.
  expect(Math.max(0, ...requests.values())).toBeLessThanOrEqual(2 * maxInFlight)
})
