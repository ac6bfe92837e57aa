// A million series of a thousand tenants take little more memory than a million of one. Only a soak does this.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Book, quantile } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { residentBytes } from '../support/memory.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { isLong } from './long.ts'

const series = 1_000_000
const connections = 8
const seriesPerPush = 20_000
/** Time between two pushes of a connection: upstream, which is this process, must keep up. */
const everyMs = 4000
const passes = 2

/** Bytes that the program takes while every series is sent some times over, beyond what it took before the first. */
async function costOf(tenants: readonly string[]): Promise<number> {
  const book = new Book()
  const receiver = await startReceiver(book)
  const { pushUrl, program, drained } = await startQueued({
    target: receiver.url,
    flags: ['--timeout=20s', '--queue.capacity=100000'],
  })
  const idleBytes = residentBytes(program.pid)
  const sources = Array.from({ length: series / seriesPerPush }, (_, k) => `s${k}`)
  const seen: number[] = []
  const timer = setInterval(() => seen.push(residentBytes(program.pid)), 20)
  const push = (source: string) =>
    startSender({ book, url: pushUrl, source, tenants, series: seriesPerPush / tenants.length, pushes: passes }).ended
  await Promise.all(
    Array.from({ length: connections }, async (_, k) => {
      await wait((k * everyMs) / connections)
      for (let source = sources.pop(); source !== undefined; source = sources.pop()) {
        await Promise.all([push(source), wait(passes * everyMs)])
      }
    }),
  )
  clearInterval(timer)
  await drained()
  expect(book.balance()).toMatchObject({ acknowledged: passes * series, lost: 0, repeats: 0, late: 0 })
  return (
    quantile(
      seen.slice(seen.length >> 1).sort((a, b) => a - b),
      0.5,
    ) - idleBytes
  )
}

test.runIf(isLong)('a million series over a thousand tenants, and over one', { timeout: 600_000 }, async () => {
  const one = await costOf(['only'])
  const many = await costOf(Array.from({ length: 1000 }, (_, i) => `team-${i}`))
  console.log(`one tenant: ${Math.round(one / 2 ** 20)} MiB, a thousand: ${Math.round(many / 2 ** 20)} MiB`)
  expect(many / one).toBeLessThan(1.3)
})
