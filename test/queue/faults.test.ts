// Twenty tenants, of which some are limited, hang, refuse or can't be reached. The healthy ones' samples arrive as if
// nothing were wrong: in time, once, in order.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Fault } from '../../src/dev/sink/fault.ts'
import { Book, quantile } from '../support/ledger/book.ts'
import { type Door, startReceiver } from '../support/ledger/receiver.ts'
import { startSender } from '../support/ledger/sender.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { until } from '../support/until.ts'
import { amount, limitMs } from './long.ts'

const tenants = Array.from({ length: 20 }, (_, i) => `team-${i + 1}`)
const roundTripMs = 20
const mergeWindowMs = 20
const boundMs = mergeWindowMs + roundTripMs + 250

/** How long each case is looked at. */
const phaseMs = amount(1200, 30_000)

interface Case {
  /** What is wrong with tenants; `shut`: their address refuses connections. */
  readonly fault: Fault | 'shut'
  /** What is wrong with the one that recovers, where it differs. */
  readonly before?: Fault
  /** Whether what was sent to a failing tenant arrives in the end. */
  readonly isKept: boolean
}

async function check({ fault, before, isKept }: Case): Promise<string> {
  const book = new Book()
  const receiver = await startReceiver(book, { roundTripMs })
  const doors = new Map<string, Door>()
  if (fault === 'shut') for (const tenant of tenants) doors.set(tenant, await receiver.addDoor())
  const override = [...doors].map(([tenant, { url }]) => `{ tenants: [${tenant}], url: "${url}" }`)
  const { pushUrl, program, hurry, drained } = await startQueued({
    target: receiver.url,
    config: `sluice: { tenancy: { override: [${override}] } }\n`,
  })
  const hit = async (these: readonly string[], with_: Fault | 'shut' = fault): Promise<void> => {
    if (with_ === 'shut') await Promise.all(these.map((tenant) => doors.get(tenant)!.shut()))
    else receiver.setFault(these, with_)
  }
  const heal = async (these: readonly string[]): Promise<void> => {
    receiver.setFault(these, undefined)
    await Promise.all(these.map((tenant) => doors.get(tenant)?.open()))
  }
  // Pushes for all tenants, the failing ones among them, and pushes for one each.
  const mixed = [1, 2].map((k) => startSender({ book, url: pushUrl, source: `mixed-${k}`, tenants, everyMs: 50 }))
  const own = new Map(
    tenants.map((tenant) => [
      tenant,
      startSender({ book, url: pushUrl, source: `own-${tenant}`, tenants: [tenant], everyMs: 100 }),
    ]),
  )
  const senders = [...mixed, ...own.values()]
  const measured: string[] = []
  const look = async (what: string, healthy: readonly string[]): Promise<boolean> => {
    const [from, known] = [performance.now(), new Map([...own].map(([tenant, { settled }]) => [tenant, settled]))]
    await wait(phaseMs)
    const to = performance.now()
    await wait(boundMs)
    const delays = book.delays(healthy, from, to)
    const answers = healthy
      .flatMap((tenant) => own.get(tenant)!.answerMs.slice(known.get(tenant)))
      .sort((a, b) => a - b)
    const p99 = quantile(delays, 0.99)
    const answered = quantile(answers, 0.99)
    const shown = [quantile(delays, 0.5), p99, quantile(delays, 1), answered].map(Math.round)
    measured.push(`${what}: p50, p99, most, p99 of answers: ${shown.join(', ')} ms of ${delays.length}`)
    return delays.length > healthy.length * 10 && p99 < boundMs && answered < boundMs
  }
  // A machine that is busy with other things gets another look; a tenant that is held back is late at every one.
  const measure = async (what: string, healthy: readonly string[]): Promise<void> => {
    for (let k = 0; k < 3; k++) if (await look(what, healthy)) return
    expect.fail(`later than ${boundMs} ms:\n${measured.join('\n')}`)
  }
  await until(() => senders.every(({ settled }) => settled >= 5), { what: 'every sender is warm' })
  await hit(tenants.slice(0, 1))
  await wait(100)
  await measure('one', tenants.slice(1))
  await hit(tenants.slice(1, 10))
  await wait(100)
  await measure('ten', tenants.slice(10))
  // From here on all fail, and the last one comes back.
  const last = tenants.slice(19)
  await hit(tenants.slice(10, 19))
  await hit(last, before ?? fault)
  await wait(phaseMs)
  await heal(last)
  await until(async () => (await program.metric('sluice_queue_stored_batches', { tenant: last[0]! })) === 0, {
    what: 'the last tenant has nothing stored any more',
  })
  await measure('twenty, one back', last)
  await heal(tenants)
  await Promise.all(senders.map((sender) => sender.stop()))
  if (fault !== 'shut' && 'retryAfter' in fault) await Promise.all(tenants.map(hurry))
  await drained()

  const isFinal = (status: number): boolean => status >= 200 && status < 500
  if (isKept) {
    expect(book.balance(tenants, isFinal)).toMatchObject({ lost: 0, repeats: 0, late: 0, lostWhere: [] })
  } else {
    expect(own.get('team-1')!.answers.get(400)).toBeGreaterThan(0)
    expect(own.get('team-20')!.answers.get(200)).toBeGreaterThan(0)
    const sent = book.balance(undefined, isFinal)
    expect(sent).toMatchObject({ repeats: 0, late: 0 })
    expect(await program.metric('sluice_queue_dropped_samples_total', { reason: 'refused' })).toBe(sent.lost)
  }
  expect(book.faults).toEqual([])
  expect(program.end).toBeUndefined()
  return measured.join('\n  ')
}

const limited: Fault = { status: 429, retryAfter: 3600, body: 'limit\n' }
const cases: readonly (readonly [string, Case])[] = [
  ['429 with Retry-After 3600', { fault: limited, before: { ...limited, retryAfter: 1 }, isKept: true }],
  ['hanging', { fault: { hang: true }, isKept: true }],
  ['400', { fault: { status: 400, body: 'no\n' }, isKept: false }],
  ['refused connections', { fault: 'shut', isKept: true }],
]
for (const [name, what] of cases) {
  test(`${name}: one, ten, and twenty with one coming back, of twenty tenants`, {
    timeout: limitMs(60, 400),
  }, async () => {
    console.log(`${name}\n  ${await check(what)}`)
  })
}
