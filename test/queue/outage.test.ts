// Upstream is away while load goes on: all of it is stored, and when upstream is back the backlog goes at twice the rate
// at which more comes. A second outage uses the same space again, and no more memory.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { heldBytes, inspected } from '../support/inspector.ts'
import { Book } from '../support/ledger/book.ts'
import { startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { watchMemory } from '../support/memory.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { until } from '../support/until.ts'
import { amount, isLong, limitMs } from './long.ts'

const samplesPerSecond = amount(10_000, 50_000)
/** In a soak ten minutes, or what SLUICE_OUTAGE_SECONDS says. */
const outageMs = amount(4, Number(process.env.SLUICE_OUTAGE_SECONDS ?? 600)) * 1000
const tenants = Array.from({ length: 5 }, (_, i) => `team-${i + 1}`)
const samplesPerPush = 2000
const sources = 4

interface Outage {
  readonly backlog: number
  readonly diskBytes: number
  readonly drainMs: number
  /** Samples a second that arrived while the backlog drained. */
  readonly rate: number
  readonly peakBytes: number
  /** What it takes afterwards, under load, without garbage. */
  readonly heldBytes: number
}

test('two outages under load', { timeout: limitMs(100, 5000) }, async () => {
  const book = new Book()
  const receiver = await startReceiver(book)
  const { pushUrl, program, storage, drained } = await startQueued({ target: receiver.url, env: inspected })
  const everyMs = (1000 * samplesPerPush * sources) / samplesPerSecond
  const senders = Array.from({ length: sources }, (_, k) =>
    startSender({
      book,
      url: pushUrl,
      source: `s${k}`,
      tenants,
      series: samplesPerPush / tenants.length,
      everyMs,
    }),
  )
  const arrived = (): number => book.balance(undefined, () => false).arrived
  await until(() => senders.every(({ settled }) => settled > 3), { what: 'it is warm' })
  await wait(1000)
  const outage = async (): Promise<Outage> => {
    const memory = watchMemory(program.pid)
    await receiver.shut()
    await wait(outageMs)
    const backlog = await program.metric('sluice_queue_stored_samples')
    const diskBytes = sizeOf(storage)
    const before = arrived()
    await receiver.open()
    const begun = performance.now()
    await until(async () => (await program.metric('sluice_store_batches')) === 0, {
      what: 'the backlog is gone',
      timeoutMs: 3 * outageMs,
      everyMs: 100,
    })
    const drainMs = performance.now() - begun
    const rate = ((arrived() - before) * 1000) / drainMs
    const peakBytes = memory.peak
    return { backlog, diskBytes, drainMs, rate, peakBytes, heldBytes: await heldBytes(program) }
  }
  const seen: Outage[] = []
  for (let k = 0; k < 2; k++) {
    seen.push(await outage())
    const { backlog, diskBytes, drainMs, rate, peakBytes, heldBytes: held } = seen[k]!
    console.log(
      `outage ${k + 1}: ${backlog} samples stored in ${mebibytes(diskBytes)} MiB, gone in ${Math.round(drainMs)} ms ` +
        `at ${Math.round(rate)} samples/s beside ${samplesPerSecond}/s; at most ${mebibytes(peakBytes)} MiB of memory, then ${mebibytes(held)}`,
    )
    expect(backlog).toBeGreaterThan((0.8 * samplesPerSecond * outageMs) / 1000)
    // Of some hundred milliseconds, only that it goes faster than it comes.
    expect.soft(rate).toBeGreaterThan(amount(1, 2) * samplesPerSecond)
    await wait(amount(500, 30_000))
  }
  await Promise.all(senders.map((sender) => sender.stop()))
  await drained()
  const { lost, late, repeats, acknowledged } = book.balance()
  console.log(`${acknowledged} samples acknowledged`)
  expect({ lost, late, repeats, faults: book.faults }).toEqual({ lost: 0, late: 0, repeats: 0, faults: [] })
  const [first, second] = seen as [Outage, Outage]
  expect.soft(second.diskBytes / first.diskBytes).toBeLessThan(1.2)
  expect.soft(second.heldBytes / first.heldBytes).toBeLessThan(1.2)
  // Of some seconds, the most tells when garbage was collected.
  if (isLong) expect.soft(second.peakBytes / first.peakBytes).toBeLessThan(1.2)
})

const mebibytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10

function sizeOf(folder: string): number {
  let size = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      size += statSync(join(folder, name)).size
    } catch {
      // It went meanwhile.
    }
  }
  return size
}
