import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { cpuBetween, privateBytes, processTree, readCpu } from './usage.ts'

test('a process is measured with what it started', async () => {
  const busy = `const end = Date.now() + 60; while (Date.now() < end); process.stdout.write('done'); setInterval(() => {}, 1000)`
  const outer = spawn('sh', ['-c', `"$0" -e "$1"; true`, process.execPath, busy], { detached: true })
  const pid = outer.pid!
  onTestFinished(() => {
    process.kill(-pid, 'SIGKILL')
  })
  await once(outer.stdout, 'data')
  const tree = processTree(pid)
  expect(tree.length).toBe(2)
  const cpu = cpuBetween({ coarse: 0, fine: 0 }, readCpu(tree))
  expect(cpu).toBeGreaterThan(0.01)
  expect(cpu).toBeLessThan(10)
  expect(privateBytes(tree)).toBeGreaterThan(5_000_000)
  expect(privateBytes(tree)).toBeGreaterThan(privateBytes([pid]))
})

test('the fine clock is read unless something ended unseen', () => {
  const check = (coarse: number, fine: number, want: number) =>
    expect(cpuBetween({ coarse: 1, fine: 1 }, { coarse: 1 + coarse, fine: 1 + fine })).toBeCloseTo(want)
  check(0.24, 0.2467, 0.2467)
  check(0.25, 0.2467, 0.2467)
  check(0.9, 0.2467, 0.9)
})

test('a process that is gone uses nothing', () => {
  expect(readCpu([2 ** 30])).toEqual({ coarse: 0, fine: 0 })
  expect(privateBytes([2 ** 30])).toBe(0)
})
