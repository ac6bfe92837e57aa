// The process is killed again and again, at moments drawn by lot, while some tenants fail: what was acknowledged arrives,
// nothing comes twice but what was in flight, and each series keeps its order.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Fault } from '../../src/dev/sink/fault.ts'
import { randomOf } from '../fuzz/random.ts'
import { Book } from '../support/ledger/book.ts'
import { explainRepeats } from '../support/ledger/explain.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { amount, limitMs, seed } from './long.ts'

const kills = amount(20, 200)
const healthy = ['well-1', 'well-2', 'well-3', 'well-4']
/** Tenant → what goes wrong with it at one time or another. */
const troubles = new Map<string, readonly (Fault | undefined)[]>([
  ['down', [{ status: 503 }]],
  ['limited', [{ status: 429, retryAfter: 1 }, undefined]],
  ['hanging', [{ hang: true }]],
  ['flapping', [{ status: 500 }, undefined, { reset: true }, undefined]],
  // Answers after its samples were stored, or just before.
  ['late', [{ delayMs: 170 }, { delayMs: 140 }, { delayMs: 20 }]],
  ['narrow', [undefined, { status: 503 }]],
])
const failing = [...troubles.keys()]
const maxInFlight = 4

test(`killed ${kills} times (seed ${seed})`, { timeout: limitMs(110, 1800) }, async () => {
  const random = randomOf(seed, 0)
  const book = new Book({ keepsRequests: true })
  const receiver = await startReceiver(book, { roundTripMs: 3 })
  // Another number of lanes in each life: what the older ones have stored goes first.
  const proxy = await startQueued({
    target: receiver.url,
    flags: () => ['--timeout=1s', '--queue.ack_grace=150ms', `--queue.min_shards=${1 + random.below(maxInFlight)}`],
  })
  // What was merged for it is too big.
  receiver.limitSeries('narrow', amount(2, 20))
  const shuffle = (): void => {
    for (const [tenant, faults] of troubles) receiver.setFault([tenant], random.pick(faults))
  }
  shuffle()
  const all = [...healthy, ...failing]
  const senders = [
    startSender({ book, url: proxy.pushUrl, source: 'all-1', tenants: all, series: 3, everyMs: 10 }),
    startSender({ book, url: proxy.pushUrl, source: 'all-2', tenants: all, series: 2, everyMs: 25 }),
    startSender({ book, url: proxy.pushUrl, source: 'well', tenants: healthy, series: 2, everyMs: 5 }),
    startSender({ book, url: proxy.pushUrl, source: 'ill', tenants: failing, series: 1, everyMs: 10 }),
  ]
  const deaths: number[] = []
  let isOver = false
  const shuffling = (async () => {
    while (!isOver) {
      await wait(200 + random.below(500))
      shuffle()
    }
  })()
  for (let k = 0; k < kills; k++) {
    if (k > 0 && random.below(5) === 0) {
      // Before it is ready, or soon after.
      deaths.push(await proxy.startInVain(random.below(700)))
      continue
    }
    if (k > 0) await proxy.start()
    await wait(random.below(amount(600, 2000)))
    deaths.push(performance.now())
    await proxy.kill()
  }
  await proxy.start()
  isOver = true
  await shuffling
  receiver.setFault(failing, undefined)
  await Promise.all(senders.map((sender) => sender.stop()))
  await proxy.drained(amount(60_000, 300_000))

  const { lost, lostWhere, late, acknowledged, arrived, repeats } = book.balance()
  const { unexplained, requests } = explainRepeats(book, deaths)
  // Of a batch that went in pieces, all of them come again.
  const most = Math.max(0, ...[...requests].filter(([key]) => !key.startsWith('narrow ')).map(([, count]) => count))
  console.log(
    `seed ${seed}: ${kills} kills; ${acknowledged} samples acknowledged, ${arrived} arrived, ${lost} lost, ${repeats} came again, ` +
      `of acknowledged ones after one kill at most ${most} requests of a tenant, ${requests.size} times any`,
  )
  expect({ lost, lostWhere, late, faults: book.faults }).toEqual({ lost: 0, lostWhere: [], late: 0, faults: [] })
  expect(acknowledged).toBeGreaterThan(kills * 50)
  expect(unexplained).toEqual([])
  // What is out, and what was taken just now and is being removed from the store.
  expect(most, JSON.stringify([...requests])).toBeLessThanOrEqual(2 * maxInFlight)
  // Those of the life before may still be there.
  expect(Math.max(...receiver.mostAtOnce.values())).toBeLessThanOrEqual(2 * maxInFlight)
})
