// How much memory pushes may hold unless a setting says so: what the process may use at all, less what it needs
// itself, halved, since a body exists as it came, unpacked and as parts.

import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'

const mebibyte = 1024 * 1024
/** The process without any push: code, heap, buffers of the system. */
const ownNeed = 160 * mebibyte
const least = 64 * mebibyte

export interface MemorySources {
  /** Returns a file's text or throws; default: the real ones. */
  readonly readFile?: (path: string) => string
  /** Bytes of physical memory; default `os.totalmem()`. */
  readonly physical?: number
}

/** Default of receive.max_in_flight_bytes: half of (memory limit − 160 MiB), at least 64 MiB; in bytes. */
export function defaultInFlightBytes(sources: MemorySources = {}): number {
  return Math.max(least, Math.floor((memoryLimit(sources) - ownNeed) / 2))
}

/**
 * The limit that ends this process: the control group's (version 2 or 1, its own or that of one above it),
 * or else physical memory. In bytes.
 */
export function memoryLimit(sources: MemorySources = {}): number {
  const { physical = totalmem() } = sources
  return groupFiles(sources).reduce((lowest, path) => Math.min(lowest, limitIn(path, sources)), physical)
}

// In a container the group's files are at the root; outside, under the path that /proc names, and each group above
// limits it too.
function groupFiles(sources: MemorySources): string[] {
  const files: string[] = []
  for (const line of textOf('/proc/self/cgroup', sources).split('\n')) {
    const [id, controllers = '', ...rest] = line.split(':')
    const isUnified = id === '0' && controllers === ''
    if (!isUnified && !controllers.split(',').includes('memory')) continue
    const [root, file] = isUnified
      ? ['/sys/fs/cgroup', 'memory.max']
      : ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes']
    const steps = rest
      .join(':')
      .split('/')
      .filter((step) => step !== '' && step !== '..')
    for (let depth = steps.length; depth >= 0; depth--) {
      files.push([root, ...steps.slice(0, depth), file].join('/'))
    }
  }
  return files
}

// `max` (version 2) and 2^63 rounded to pages (version 1) mean no limit.
function limitIn(path: string, sources: MemorySources): number {
  const text = textOf(path, sources).trim()
  return /^\d+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
}

function textOf(path: string, sources: MemorySources): string {
  try {
    return (sources.readFile ?? ((file) => readFileSync(file, 'utf8')))(path)
  } catch {
    return ''
  }
}
