// One tenant sends a hundred times its share: upstream it waits for its turn, and when the store is full its oldest go,
// counted. The others lose nothing and wait for nobody.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Book, quantile } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { until } from '../support/until.ts'
import { amount, limitMs } from './long.ts'

const others = Array.from({ length: 9 }, (_, i) => `calm-${i + 1}`)
const boundMs = 20 + 20 + 250
const phaseMs = amount(1500, 60_000)
/** What the others store in the meantime is within their share of this. */
const maxBytes = amount(1, 16) * 2 ** 20

test('a flood: its own oldest are dropped, the others unharmed', { timeout: limitMs(60, 400) }, async () => {
  const book = new Book()
  const receiver = await startReceiver(book, { roundTripMs: 20 })
  const { pushUrl, program, drained } = await startQueued({
    target: receiver.url,
    flags: [`--storage.max_bytes=${maxBytes}`],
  })
  const calm = others.map((tenant) =>
    startSender({ book, url: pushUrl, source: tenant, tenants: [tenant], series: 2, everyMs: 100 }),
  )
  await until(() => calm.every(({ settled }) => settled > 3), { what: 'the others are warm' })
  // 20 samples a second each, and a hundred times as many.
  const flood = ['flood-1', 'flood-2'].map((source) =>
    startSender({ book, url: pushUrl, source, tenants: ['flood'], series: 500, everyMs: 500 }),
  )
  const more = startSender({ book, url: pushUrl, source: 'flood-3', tenants: ['flood'], series: 1500, everyMs: 75 })
  const dropped = () =>
    program.metric('sluice_queue_dropped_samples_total', { tenant: 'flood', reason: 'storage_full' })
  // A machine that is busy with other things gets another look.
  const measure = async (what: string): Promise<void> => {
    let p99 = Number.NaN
    for (let k = 0; k < 3 && !(p99 < boundMs); k++) {
      const from = performance.now()
      await wait(phaseMs)
      const to = performance.now()
      await wait(boundMs)
      const delays = book.delays(others, from, to)
      p99 = Math.round(quantile(delays, 0.99))
      console.log(`${what}: p50 ${Math.round(quantile(delays, 0.5))} p99 ${p99} ms of ${delays.length}`)
    }
    expect(p99).toBeLessThan(boundMs)
  }
  await measure('upstream takes all')
  receiver.setFault(['flood'], { status: 503 })
  await until(async () => (await dropped()) > 0, {
    what: 'the flood is over its bound',
    timeoutMs: amount(40_000, 150_000),
  })
  await measure('the flood fails, the store is full')
  // Now nobody is taken: all of it is stored, and only the flood has too much.
  receiver.setFault(others, { status: 503 })
  await wait(phaseMs)
  expect(await program.metric('sluice_store_bytes')).toBeLessThanOrEqual(maxBytes)
  receiver.setFault([...others, 'flood'], undefined)
  const senders = [...calm, ...flood, more]
  await Promise.all(senders.map((sender) => sender.stop()))
  await drained(amount(30_000, 90_000))

  expect(book.balance(others)).toMatchObject({ lost: 0, repeats: 0, late: 0 })
  const { acknowledged, lost, late, repeats } = book.balance(['flood'])
  console.log(`the flood: ${acknowledged} samples acknowledged, ${lost} dropped`)
  expect([late, repeats]).toEqual([0, 0])
  expect(await dropped()).toBe(lost)
  expect(await program.metric('sluice_queue_dropped_samples_total')).toBe(lost)
  // What was dropped was the oldest of its time: then it failed, nothing came in between.
  for (const [{ tenant, series }] of book.accounts(new Set(['flood']))) {
    for (const { missing } of series) expect([tenant, gaps([...missing])]).toEqual(['flood', lost > 0 ? 1 : 0])
  }
  for (const sender of senders) expect([...sender.answers.keys()].filter((status) => status >= 300)).toEqual([])
})

/** Runs of numbers without a break. */
const gaps = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b).filter((n, i, sorted) => n !== (sorted[i - 1] ?? Number.NaN) + 1).length
