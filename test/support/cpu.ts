// Bounds on what something costs. In seconds of CPU for what takes a tenth of one: they fail on a cost that grows with the
// square of the input, not on a busy machine.

import { expect } from 'vitest'

export function within<T>(seconds: number, run: () => T): T {
  const before = process.cpuUsage()
  const result = run()
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(seconds)
  return result
}
