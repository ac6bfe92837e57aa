import { defineConfig } from 'vitest/config'

// What is measured under load, or looks at when things happen: alone on the machine.
const load = [
  'test/queue/*.test.ts',
  'test/agent/points-isolation.test.ts',
  'test/{isolation,lifecycle,overload,queue-command,retry,store-crash}.test.ts',
]

// A machine of CI stands still at times: a test may pass the second time there, and is named then. What is under load may not.
const retry = process.env.CI === undefined ? 0 : 1

// unit: beside the code, no built program needed. e2e: starts the built program and real peers. load: so does that.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
          // What waits gives up after 20 s, and says what for; this ends what never would.
          testTimeout: 60_000,
          retry,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.test.ts'],
          exclude: load,
          testTimeout: 120_000,
          retry,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'load',
          include: load,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
