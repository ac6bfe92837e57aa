// How the rest of the program counts: hold on to a Tally and add to it. Nothing else of telemetry/ is
// reachable from the path of a request, so counting costs one addition and no look-up.

import type { MetricName } from './catalogue.ts'

/** One counter or gauge of one label set. Counters only grow. */
export interface Tally {
  value: number
}

/** One histogram of one label set; `observe` takes base units (seconds, bytes). */
export interface Distribution {
  observe(value: number): void
}

export interface Meter {
  /** The counter or gauge of that name and label set, made at first use. Unknown names and labels are type or run-time errors. */
  tally(name: MetricName, labels?: Readonly<Record<string, string>>): Tally
  distribution(name: MetricName, labels?: Readonly<Record<string, string>>): Distribution
  /** Forgets every metric whose `tenant` label has this value, once the tenant was idle. */
  forgetTenant(tenant: string): void
}

/** Counts into nowhere: for the library and for tests that don't look. */
export const noMeter: Meter = {
  tally: () => ({ value: 0 }),
  distribution: () => ({ observe: () => undefined }),
  forgetTenant: () => undefined,
}
