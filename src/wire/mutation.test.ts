import { expect, test } from 'vitest'
import { makeFuzzer } from '../../test/fuzz/run.ts'

// A short piece of the run that `npm run fuzz -- --count 1000000` makes at length; the same inputs every time.
test('20,000 mutated bodies: no crash, refused where the codec refuses, the laws hold where it accepts', () => {
  const { run, tally } = makeFuzzer(20_260_801, 300)
  for (let n = 0; n < 20_000; n++) run(n)
  expect(tally.mutatedBeforePacking).toBeGreaterThan(10_000)
  const counted = (outcome: string) => tally.outcomes.get(outcome) ?? 0
  expect(counted('accepted')).toBeGreaterThan(2000)
  expect(counted('refused')).toBeGreaterThan(2000)
  expect(counted('bad snappy')).toBeGreaterThan(2000)
  expect(tally.slowestMs).toBeLessThan(2000)
}, 60_000)
