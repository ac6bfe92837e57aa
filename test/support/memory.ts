// How much memory a process takes while something goes on.

import { readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'

export interface MemoryWatch {
  /** The most seen so far of RssAnon + RssShmem, in bytes; 0 where the system does not tell. */
  readonly peak: number
}

/** Looks every 20 ms until the test ends. Linux only. */
export function watchMemory(pid: number): MemoryWatch {
  let peak = 0
  const look = (): void => {
    peak = Math.max(peak, residentBytes(pid))
  }
  const timer = setInterval(look, 20)
  onTestFinished(() => clearInterval(timer))
  return {
    get peak() {
      look()
      return peak
    },
  }
}

/** RssAnon + RssShmem of a process, in bytes; 0 where the system does not tell. */
export function residentBytes(pid: number): number {
  let status: string
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return 0
  }
  let sum = 0
  for (const [, kibibytes] of status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)) sum += Number(kibibytes) * 1024
  return sum
}
