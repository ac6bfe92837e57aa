// What a million series cost a program, in memory and CPU: eight senders send each of them once in a while, and the
// receiver is a process of its own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { quantile } from './ledger/book.ts'
import { residentBytes } from './memory.ts'
import { type Program, startProgram } from './program.ts'
import { type Answered, bodyOf, post } from './push.ts'
import { until } from './until.ts'

const senders = 8
const seriesPerSender = 125_000
const pushesPerSender = 5
/** Every series is sent once in this time. */
const intervalMs = 15_000
const intervals = 4
const seriesPerPush = seriesPerSender / pushesPerSender
const warmPushes = 20
const seriesPerWarmPush = 1000

export interface Cost {
  readonly startedBytes: number
  /** At rest, once every part of the program has been in use. */
  readonly idleBytes: number
  /** Median while all series are being sent, after half of the time. */
  readonly steadyBytes: number
  /** CPU time of the program while they were sent, in seconds. */
  readonly cpuSeconds: number
  /** Parts that went by the disk. */
  readonly stored: number
  readonly slowestMs: number
}

/** A program with a queue: what is pushed to it goes to the target that it was started with. */
export interface Subject {
  readonly pushUrl: string
  readonly program: Program
  metric(name: string): Promise<number>
  /** Resolves when nothing is stored. */
  drained(): Promise<void>
}

/** Sends a million series of these tenants, in their label `tenant`, over and over. */
export async function costOf(start: (target: string) => Promise<Subject>, tenants: readonly string[]): Promise<Cost> {
  const script = join(import.meta.dirname, 'counting-receiver.ts')
  const receiver = startProgram({ command: process.execPath, args: ['--import', 'tsx', script] })
  const [target] = await receiver.line(/http.*/)
  const { pushUrl, program, metric, drained } = await start(target!)
  const startedBytes = residentBytes(program.pid)
  const push = async (body: Buffer): Promise<number> => {
    let answer: Answered
    do answer = await post(pushUrl, body)
    while (answer.status >= 500)
    expect(answer.status).toBeLessThan(300)
    return answer.ms
  }
  // What code and native libraries take with their first use is no series', and the same for both: pushes of one tenant
  // and of many go first. V8 gives back what it took for them once little has happened for some ten seconds.
  const warm = Array.from({ length: 100 }, (_, i) => `warm-${i}`)
  for (let n = 0; n < warmPushes; n++) {
    await push(pushOf(`warm-${n}`, n % 2 === 0 ? warm : ['warm'], seriesPerWarmPush))
  }
  await wait(20_000)
  const idleBytes = residentBytes(program.pid)
  const bodies = Array.from({ length: senders * pushesPerSender }, (_, k) => pushOf(`s${k}`, tenants, seriesPerPush))
  const cpuBefore = cpuSeconds(program)
  const seen: number[] = []
  const waits: number[] = []
  const timer = setInterval(() => seen.push(residentBytes(program.pid)), 20)
  const started = performance.now()
  await Promise.all(
    Array.from({ length: senders }, async (_, k) => {
      for (let n = 0; n < intervals * pushesPerSender; n++) {
        const at = started + ((n + k / senders) * intervalMs) / pushesPerSender
        await wait(Math.max(0, at - performance.now()))
        waits.push(await push(bodies[k * pushesPerSender + (n % pushesPerSender)]!))
      }
    }),
  )
  clearInterval(timer)
  const cpu = cpuSeconds(program) - cpuBefore
  await drained()
  const want = intervals * senders * seriesPerSender + warmPushes * seriesPerWarmPush
  let taken = 0
  await until(async () => (taken = await takenBy(receiver)) === want, {
    what: `${want} series arrive`,
    seen: () => [taken, program.stderr.slice(-5)],
  })
  return {
    startedBytes,
    idleBytes,
    steadyBytes: quantile(
      seen.slice(seen.length >> 1).sort((a, b) => a - b),
      0.5,
    ),
    cpuSeconds: cpu,
    stored: await metric('sluice_queue_stored_samples_total'),
    slowestMs: Math.max(...waits),
  }
}

/** So many series of one sample, the tenants' by turns. */
export const pushOf = (source: string, tenants: readonly string[], series: number): Buffer =>
  bodyOf(
    Array.from({ length: series }, (_, i) => ({
      labels: [
        ['__name__', 'http_requests_total'],
        ['instance', `${source}:9100`],
        ['series', String(i)],
        ['tenant', tenants[i % tenants.length]!],
      ] as const,
      samples: [[i, 1_700_000_000_000]] as const,
    })),
  )

async function takenBy(receiver: Program): Promise<number> {
  const before = receiver.stdout.length
  receiver.signal('SIGUSR2')
  await until(() => receiver.stdout.length > before, { what: 'the receiver says what it took' })
  return Number(/^took (\d+) series/.exec(receiver.stdout.at(-1)!)?.[1])
}

/** User and system time that the program has taken. */
function cpuSeconds({ pid }: Program): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** In words. */
export const shown = (cost: Cost): string => {
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const { startedBytes, idleBytes, steadyBytes, cpuSeconds, stored, slowestMs } = cost
  return `${mebibytes(startedBytes)} when started, ${mebibytes(idleBytes)} idle, ${mebibytes(steadyBytes)} steady, ${mebibytes(steadyBytes - idleBytes)} more; ${cpuSeconds.toFixed(1)} s of CPU, ${stored} samples stored, a push took up to ${Math.round(slowestMs)} ms`
}
