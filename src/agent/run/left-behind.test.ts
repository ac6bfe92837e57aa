import { expect, test } from 'vitest'
import type { QueueStats } from '../../send/store/inventory.ts'
import { createLogger } from '../../telemetry/log.ts'
import { logLeftBehind } from './left-behind.ts'

test('a line for each endpoint that has data and is gone', () => {
  const stats = (endpoint: string, tenant: string): QueueStats => ({
    queue: { endpoint, signal: 'metrics', tenant },
    ...{ batches: 2, bytes: 10, series: 3, samples: 4, oldestMs: 0, lanes: [0] },
  })
  const lines: string[] = []
  const log = createLogger({ level: 'info', write: (line) => lines.push(line) })
  logLeftBehind([stats('old/0', 'a'), stats('new/0', 'a'), stats('old/0', 'b')], new Set(['new/0']), log)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', endpoint: 'old/0', tenants: 2, batches: 4, samples: 8, hint: expect.stringMatching(/old\/0$/) },
  ])
})
