// Ends the process if one input takes too long: the loop under test is synchronous, so only another thread can tell.

import { Worker } from 'node:worker_threads'

export interface Watchdog {
  /** Says which input is at work; call it for each. */
  working(input: number): void
  stop(): Promise<void>
}

// Plain JavaScript in a string: a worker knows nothing of the loader that reads TypeScript here.
const watch = `
  const { writeSync } = require('node:fs')
  const { input, limitMs } = require('node:worker_threads').workerData
  let last = -1
  setInterval(() => {
    const now = Atomics.load(input, 0)
    if (now === last) {
      writeSync(2, 'FAILED: input ' + now + ' hangs: over ' + limitMs + ' ms\\n')
      process.kill(process.pid, 'SIGKILL')
    }
    last = now
  }, limitMs)
`

/** Watches that no input takes longer than `limitMs` (it notices within twice that). A hang ends the process by SIGKILL. */
export function startWatchdog(limitMs: number): Watchdog {
  const input = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(watch, { eval: true, workerData: { input, limitMs } })
  return {
    working: (number) => {
      Atomics.store(input, 0, number)
    },
    stop: async () => {
      await worker.terminate()
    },
  }
}
