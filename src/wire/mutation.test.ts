import { expect, test } from 'vitest'
import { makeFuzzer, type Protocol } from '../../test/fuzz/run.ts'

// A short piece of the run that `npm run fuzz -- --count 1000000` makes at length; the same inputs every time.
const check = (protocol: Protocol, count: number) => {
  const { run, tally } = makeFuzzer(20_260_801, protocol, 300)
  for (let n = 0; n < count; n++) run(n)
  expect(tally.mutatedBeforePacking).toBeGreaterThan(count / 2)
  for (const outcome of ['accepted', 'refused', 'bad snappy']) {
    expect(tally.outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(count / 20)
  }
  expect(tally.slowestMs).toBeLessThan(5000)
}

test('20,000 mutated bodies: no crash, refused where the codec refuses, the laws hold where it accepts', () => {
  check('remote-write-1', 20_000)
}, 60_000)

test('the same of Loki pushes', () => {
  check('loki', 5000)
}, 60_000)

test('the same of remote write 2', () => {
  check('remote-write-2', 6000)
}, 60_000)
