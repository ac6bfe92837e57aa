// A tenant that one request at a time can't keep up with gets more lanes, and gives them back; the order of each series
// stays what it was, over kills too. It takes a while until lanes are added, so only a soak does this.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { randomOf } from '../fuzz/random.ts'
import { Book } from '../support/ledger/book.ts'
import { explainRepeats } from '../support/ledger/explain.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { until } from '../support/until.ts'
import { isLong, seed } from './long.ts'

test.runIf(isLong)('lanes come and go, the process is killed: order stays', { timeout: 300_000 }, async () => {
  const random = randomOf(seed, 3)
  const book = new Book({ keepsRequests: true })
  const receiver = await startReceiver(book, { roundTripMs: 10 })
  const proxy = await startQueued({ target: receiver.url })
  const ends: number[] = []
  for (let round = 0; round < 3; round++) {
    // Senders wait for their answers: a lane falls behind only if all of their pushes are more than a request takes.
    receiver.setFault(['wide'], { delayMs: 200 })
    const senders = [1, 2, 3, 4, 5, 6, 7, 8].map((k) =>
      startSender({ book, url: proxy.pushUrl, source: `${round}-${k}`, tenants: ['wide'], series: 1000, everyMs: 40 }),
    )
    receiver.mostAtOnce.clear()
    await until(() => (receiver.mostAtOnce.get('wide') ?? 0) >= 3, { what: 'there are more lanes', timeoutMs: 60_000 })
    await wait(random.below(1000))
    ends.push(performance.now())
    await proxy.kill()
    await proxy.start()
    await wait(random.below(7000))
    receiver.setFault(['wide'], undefined)
    await wait(random.below(12_000))
    await Promise.all(senders.map((sender) => sender.stop()))
    await proxy.drained(60_000)
    expect(receiver.mostAtOnce.get('wide')).toBeLessThanOrEqual(8)
  }
  const { lost, late, lostWhere, acknowledged, repeats } = book.balance()
  const { unexplained, requests } = explainRepeats(book, ends)
  console.log(`seed ${seed}: ${acknowledged} samples acknowledged, ${repeats} came again`)
  expect({ lost, late, lostWhere, unexplained }).toEqual({ lost: 0, late: 0, lostWhere: [], unexplained: [] })
  expect(Math.max(0, ...requests.values())).toBeLessThanOrEqual(8)
})
