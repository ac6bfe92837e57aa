// What a program uses, from /proc: CPU time and memory of a process and everything that it started.

import { readdirSync, readFileSync } from 'node:fs'

/** Ticks a second of the times in /proc: fixed in Linux's interface, whatever the kernel's own clock. */
const ticks = 100

/** The process and its descendants, those that are gone left out. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = Number(statOf(Number(name))?.[1])
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/** A reading of the clock that `cpuBetween` takes two of. */
export interface CpuReading {
  /** Whole ticks, children that were waited for included. */
  readonly coarse: number
  /** Seconds of the threads that exist now. */
  readonly fine: number
}

/** User and system time of the processes so far. */
export function readCpu(pids: readonly number[]): CpuReading {
  let coarse = 0
  let nanoseconds = 0
  for (const pid of pids) {
    for (const field of statOf(pid)?.slice(11, 15) ?? []) coarse += Number(field)
    for (const thread of threadsOf(pid))
      nanoseconds += Number(read(pid, `task/${thread}/schedstat`)?.split(' ')[0] ?? 0)
  }
  return { coarse: coarse / ticks, fine: nanoseconds / 1e9 }
}

/**
 * CPU seconds from one reading to a later one. To the microsecond as long as no thread or process ended in between;
 * what those took shows in the coarse clock only, which is then the answer (to 0.02 s a process).
 */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  const coarse = after.coarse - before.coarse
  const fine = after.fine - before.fine
  return coarse - fine > 0.05 ? coarse : fine
}

/** RssAnon + RssShmem of the processes, in bytes: what is theirs alone, program files left out. */
export function privateBytes(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of pids) {
    for (const [, value] of (read(pid, 'status') ?? '').matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm))
      kilobytes += Number(value)
  }
  return kilobytes * 1024
}

/** Fields of /proc/PID/stat from the third on (state, parent, …); the second may hold blanks and brackets. */
function statOf(pid: number): string[] | undefined {
  const text = read(pid, 'stat')
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
