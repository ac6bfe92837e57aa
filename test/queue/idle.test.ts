// Thousands of tenants come and go: once they are idle, memory and open files are what they were with one.

import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collectGarbage, inspected } from '../support/inspector.ts'
import { Book } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { residentBytes } from '../support/memory.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { until } from '../support/until.ts'
import { amount, limitMs } from './long.ts'

const count = amount(1000, 10_000)
/** Tenants that one push may have. */
const atOnce = 1000
const idleMs = 5000

test(`${count} tenants of one series, then one`, { timeout: limitMs(100, 900) }, async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  const { pushUrl, program, drained } = await startQueued({
    target: receiver.url,
    flags: [`--tenancy.idle_timeout=${idleMs}ms`],
    env: inspected,
  })
  const files = (): number => readdirSync(`/proc/${program.pid}/fd`).length
  let runs = 0
  /** One tenant sends as many series as there are tenants at once, on four connections. */
  const one = async (): Promise<void> => {
    const sources = [1, 2, 3, 4].map((k) => `one-${++runs}-${k}`)
    const only = { book, url: pushUrl, tenants: ['only'], series: atOnce, pushes: amount(50, 200) }
    await Promise.all(sources.map((source) => startSender({ ...only, source }).ended))
  }
  const many = async (pushes: number): Promise<void> => {
    const run = ++runs
    for (let from = 0; from < count; from += atOnce) {
      const tenants = Array.from({ length: Math.min(atOnce, count - from) }, (_, i) => `team-${from + i}`)
      const sender = startSender({ book, url: pushUrl, source: `many-${run}-${from}`, tenants, pushes })
      await sender.ended
    }
  }
  const measure = async () => {
    await collectGarbage(program)
    return { bytes: residentBytes(program.pid), files: files(), tenants: await program.metric('sluice_tenants') }
  }
  await one()
  const before = await measure()
  await many(3)
  const busy = await measure()
  await one()
  await until(async () => (await program.metric('sluice_tenants_removed_total')) >= count, {
    what: 'idle tenants are removed',
    timeoutMs: idleMs + 15_000,
  })
  await one()
  const after = await measure()
  await drained()
  const tenantBytes = Math.round((busy.bytes - before.bytes) / count)
  console.log(`${[before, busy, after].map(shown).join(', then ')}; a tenant took ${tenantBytes} bytes`)
  expect(book.balance()).toMatchObject({ lost: 0, repeats: 0, late: 0 })
  expect.soft(after.bytes / before.bytes).toBeLessThan(1.2)
  expect.soft(after.files / before.files).toBeLessThan(1.2)
})

const shown = ({ bytes, files, tenants }: { bytes: number; files: number; tenants: number }): string =>
  `${tenants} tenants: ${Math.round(bytes / 2 ** 20)} MiB, ${files} files`
