// One round of one program: as many requests as asked, then waiting until the receiver has everything, then the sums.
// A round counts only if every answer was 2xx and exactly the samples that were sent arrived, under their tenants.

import type { LoadResult, loadApi } from './load.ts'
import { pause, type Running } from './program.ts'
import type { Arrivals } from './received.ts'
import type { receiverApi } from './receiver.ts'
import { difference, totalSamples } from './tally.ts'
import { cpuBetween, privateBytes, processTree, readCpu } from './usage.ts'
import type { Worker } from './worker.ts'

/** The processes that a round takes, and how it is run. */
export interface Bench {
  readonly load: Worker<typeof loadApi>
  readonly receiver: Worker<typeof receiverApi>
  /** Path that pushes are posted to. */
  readonly path: string
  readonly timeLimitMs: number
  /** How long samples may take to arrive after the last answer. */
  readonly settleLimitMs: number
  readonly keepLabel: boolean
}

export interface Round {
  /** Why the round does not count, or undefined. */
  readonly invalid: string | undefined
  /** CPU seconds per million samples. */
  readonly cpu: number
  readonly samplesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** RssAnon + RssShmem: the most that was seen during the round, and what was left after it. */
  readonly peakBytes: number
  readonly afterBytes: number
  /** Requests that reached the receiver. */
  readonly upstreamRequests: number
  readonly statuses: ReadonlyMap<number, number>
}

const memoryEveryMs = 100

/**
 * Drives `running` for `forMs`, and until it had every body twice, so that what it compiles, opens and fills is there
 * before it is measured. What it has stored by then arrives first.
 */
export async function warmUp(bench: Bench, running: Running, upstream: number, forMs: number): Promise<void> {
  const { load, receiver, timeLimitMs } = bench
  const { port, program } = running
  const passes = forMs > 0 ? 2 : 0
  const many = { requests: Number.MAX_SAFE_INTEGER, forMs, passes, timeLimitMs }
  await receiver.call('clear', upstream)
  const result = await load.call('run', { port, path: program.path ?? bench.path, ...many })
  await settled(bench, upstream, result)
}

/** Drives `running`, whose upstream is the receiver's listener at `upstream`, with `requests` requests. */
export async function runRound(bench: Bench, running: Running, upstream: number, requests: number): Promise<Round> {
  const { load, receiver, timeLimitMs } = bench
  const { path = bench.path } = running.program
  await receiver.call('clear', upstream)
  let pids = processTree(running.pid)
  const before = readCpu(pids)
  let peakBytes = privateBytes(pids)
  let looks = 0
  const watch = setInterval(() => {
    if (++looks % 10 === 0) pids = processTree(running.pid)
    peakBytes = Math.max(peakBytes, privateBytes(pids))
  }, memoryEveryMs)
  try {
    const result = await load.call('run', { port: running.port, path, requests, timeLimitMs })
    const arrivals = await settled(bench, upstream, result)
    pids = processTree(running.pid)
    const cpu = cpuBetween(before, readCpu(pids))
    const afterBytes = privateBytes(pids)
    const samples = totalSamples(result.sent)
    return {
      invalid: fault(bench, running, result, arrivals),
      cpu: (cpu / samples) * 1e6,
      samplesPerSecond: (samples / result.wallMs) * 1000,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      peakBytes: Math.max(peakBytes, afterBytes),
      afterBytes,
      upstreamRequests: arrivals.requests,
      statuses: result.statuses,
    }
  } finally {
    clearInterval(watch)
  }
}

/**
 * What arrived: asked for until it is everything, or for as long as a program that queues may take.
 * A round in which something was refused is not waited for: it does not count anyway.
 */
async function settled({ receiver, settleLimitMs }: Bench, upstream: number, result: LoadResult): Promise<Arrivals> {
  const hopeless = result.errors.length > 0 || refusals(result).length > 0
  for (const deadline = Date.now() + settleLimitMs; ; await pause(50)) {
    const arrivals = await receiver.call('report', upstream)
    const complete = totalSamples(arrivals.tally) >= totalSamples(result.sent)
    if (complete || hopeless || Date.now() > deadline) return arrivals
  }
}

const refusals = ({ statuses }: LoadResult): [status: number, times: number][] =>
  [...statuses].filter(([status]) => status < 200 || status > 299)

function fault(bench: Bench, running: Running, result: LoadResult, arrivals: Arrivals): string | undefined {
  const { tally, headless, unreadable, fault: why } = arrivals
  if (!running.alive())
    return `it ended during the round; it printed:
${running.printed()}`
  if (result.errors[0] !== undefined) return result.errors[0]
  const refused = refusals(result).map(([status, times]) => `${times} × ${status}`)
  if (refused.length > 0) return `answers that are not 2xx: ${refused.join(', ')} ("${result.refusal}")`
  if (unreadable > 0) return `${unreadable} bodies that cannot be read arrived: ${why}`
  const differs = difference(result.sent, tally)
  if (differs !== undefined || !running.program.splits) return differs
  if (headless > 0) return `${headless} requests arrived without a tenant`
  const wanted = bench.keepLabel ? tally.series : 0n
  if (tally.labelled !== wanted) return `${tally.labelled} series arrived with the tenant label, not ${wanted}`
  return undefined
}
