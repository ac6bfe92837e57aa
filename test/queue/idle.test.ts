// Thousands of tenants come and go: once they are idle, memory and open files are what they were with one.

import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collectGarbage, heldBytes, inspected } from '../support/inspector.ts'
import { Book, quantile } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { residentBytes } from '../support/memory.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { until } from '../support/until.ts'
import { amount, isLong, limitMs } from './long.ts'

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
  /** One tenant sends as many series as there are tenants at once, on eight connections; what was used meanwhile. */
  const one = async () => {
    await collectGarbage(program)
    const sources = Array.from({ length: 8 }, (_, k) => `one-${++runs}-${k}`)
    const only = { book, url: pushUrl, tenants: ['only'], series: atOnce, pushes: amount(40, 200) }
    const seen: number[] = []
    const timer = setInterval(() => seen.push(residentBytes(program.pid)), 20)
    await Promise.all(sources.map((source) => startSender({ ...only, source }).ended))
    clearInterval(timer)
    const bytes = quantile(
      seen.sort((a, b) => a - b),
      0.5,
    )
    const held = await heldBytes(program)
    return { bytes, held, files: files(), tenants: await program.metric('sluice_tenants') }
  }
  const many = async (pushes: number): Promise<void> => {
    const run = ++runs
    for (let from = 0; from < count; from += atOnce) {
      const tenants = Array.from({ length: Math.min(atOnce, count - from) }, (_, i) => `team-${from + i}`)
      const sender = startSender({ book, url: pushUrl, source: `many-${run}-${from}`, tenants, pushes })
      await sender.ended
    }
  }
  // What a first push of many tenants costs once, in code and in the allocator, is no tenant's.
  const warm = Array.from({ length: 100 }, (_, i) => `warm-${i}`)
  await startSender({ book, url: pushUrl, source: 'warm', tenants: warm, pushes: 20 }).ended
  await one()
  const before = await one()
  await collectGarbage(program)
  const idleBytes = residentBytes(program.pid)
  await many(3)
  await collectGarbage(program)
  const tenantBytes = Math.round((residentBytes(program.pid) - idleBytes) / count)
  const busy = await one()
  await until(async () => (await program.metric('sluice_tenants')) <= 1, {
    what: 'idle tenants are removed',
    timeoutMs: idleMs + 30_000,
  })
  const after = await one()
  await drained()
  console.log(`${[before, busy, after].map(shown).join(', then ')}; a tenant took ${tenantBytes} bytes`)
  expect(book.balance()).toMatchObject({ lost: 0, repeats: 0, late: 0 })
  expect.soft(after.held / before.held).toBeLessThan(1.2)
  // Under the load of a second or two, what is used tells when garbage was collected.
  if (isLong) expect.soft(after.bytes / before.bytes).toBeLessThan(1.2)
  expect.soft(after.files / before.files).toBeLessThan(1.2)
})

const shown = (seen: { bytes: number; held: number; files: number; tenants: number }): string =>
  `${seen.tenants} tenants: ${mebibytes(seen.bytes)} MiB, ${mebibytes(seen.held)} held, ${seen.files} files`

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20)
