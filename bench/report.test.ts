import { expect, test } from 'vitest'
import { described, roundLine, table } from './report.ts'
import type { Round } from './round.ts'
import { makeRow } from './row.ts'

const round = (cpu: number, invalid?: string): Round => ({
  invalid,
  cpu,
  samplesPerSecond: 1_234_567,
  p50Ms: 1.25,
  p99Ms: 9.99,
  peakBytes: 123_400_000,
  afterBytes: 100_000_000,
  upstreamRequests: 400,
  statuses: new Map([[200, 400]]),
})

test('a command is shown without directories; URLs and places stay', () => {
  const check = (command: string, want: string) =>
    expect(described({ name: 'p', version: '1', splits: true, command })).toBe(`p: 1; \`${want}\``)
  check('A=http://h/api/v1/push /opt/some.dir/prog -c={dir}/x.yml', 'A=http://h/api/v1/push prog -c={dir}/x.yml')
  check(
    `exec env T={target} '/usr/bin/node' '/home/me/sluice/bin/sluice.js' proxy`,
    'exec env T={target} node sluice.js proxy',
  )
})

test('ratios are taken round by round, then their median', () => {
  const first = [round(1), round(2), round(4)]
  const { ratio, invalid } = makeRow('1 tenant', 'ct', [round(10), round(10), round(12)], first)
  expect(ratio).toEqual({ median: 5, min: 3, max: 10 })
  expect(invalid).toBe(undefined)
  const half = [round(1, 'lost'), round(2), round(4)]
  expect(makeRow('', '', [round(10), round(10), round(12, 'lost')], half).ratio?.median).toBe(5)
  expect(makeRow('', '', [round(10)], half).ratio?.median).toBe(Number.NaN)
})

test('a row with a bad round shows why, and no figures', () => {
  const rows = [
    makeRow('1 tenant', 'sluice', [round(0.5), round(0.75)]),
    makeRow('1 tenant', 'ct', [round(5), round(6, '3 × 500')], [round(0.5), round(0.75)]),
  ]
  expect(table(rows, 'sluice')).toMatchInlineSnapshot(`
    "| bodies   | program | CPU, times sluice         | CPU-s/Ms            | k samples/s | p50 ms    | p99 ms      | MB, peak  | MB, after |
    | -------- | ------- | ------------------------- | ------------------- | ----------- | --------- | ----------- | --------- | --------- |
    | 1 tenant | sluice  | 1                         | 0.625 (0.500–0.750) | 1235 (1235) | 1.3 (1.3) | 10.0 (10.0) | 123 (123) | 100 (100) |
    | 1 tenant | ct      | INVALID: round 2: 3 × 500 |                     |             |           |             |           |           |"
  `)
})

test('a round is one line', () => {
  expect(roundLine(2, 'ct', round(5, 'lost'))).toBe(
    '  round 2  ct          CPU-s/Ms 5.000   k samples/s 1235   p50 ms 1.3   p99 ms 10.0   MB, peak 123   MB, after 100   upstream requests 400  INVALID: lost',
  )
})
