// What people see of items that were not delivered: counters, the rejection log, a log line at most once a minute.

import type { Meter } from '../telemetry/meter.ts'
import type { Reason } from '../tenancy/route.ts'
import { shorten } from '../tenancy/shown.ts'
import type { Refusal } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import type { Label } from '../wire/codec.ts'
import type { Commonest } from './commonest.ts'

/** Takes note of refused items, folded by reason, tenant, metric, job and sender. */
export interface RefusalSink {
  add(items: {
    readonly reason: Reason
    readonly tenant: string | undefined
    readonly metric: string
    readonly job: string
    readonly sender: string
    readonly example: readonly (readonly [string, string])[]
    readonly count: number
    readonly kind: 'rejected' | 'dropped'
    readonly samples: number
  }): void
}

/** Writes a line unless one of the same key was written lately. */
export type LimitedLog = (
  key: string,
  level: 'info' | 'warn',
  msg: string,
  fields?: () => Record<string, unknown>,
) => void

export interface Reporter {
  readonly meter: Meter
  readonly refusals: RefusalSink
  readonly log: LimitedLog
}

const settingThatEnds: Readonly<Record<Reason, string>> = {
  missing_tenant: 'set tenancy.default, or tenancy.on_missing = "drop" to stop refusing',
  invalid_tenant: 'mend the label, or set tenancy.on_invalid',
  denied_tenant: 'tenancy.allow and tenancy.deny decide',
  no_labels_left: 'give the series other labels, or set tenancy.keep_label',
  malformed: 'mend the sender',
  max_tenants: 'tenancy.max_tenants is the limit',
}

const shownExampleLabels = 64

/** Counts and notes the refusals of one push. */
export function report(reporter: Reporter, batch: Batch, refusals: readonly Refusal[], sender: string): void {
  for (const refusal of refusals) note(reporter, batch, refusal, sender, (metric) => metric)
}

/** The same where no sender waits: what would be refused is dropped. */
export function reportDropped(
  reporter: Reporter,
  commonest: Commonest,
  batch: Batch,
  refusals: readonly Refusal[],
  sender: string,
): void {
  for (const { outcome, ...refused } of refusals) {
    const { reason } = outcome
    commonest.note(reason, batch, refused.indexes)
    const dropped = { ...refused, outcome: { ...outcome, kind: 'dropped' } } as const
    note(reporter, batch, dropped, sender, () => commonest.take(reason))
  }
}

/** `metricOf`: the metric that a log line names, given the one of an item; called where a line is written. */
function note(
  reporter: Reporter,
  batch: Batch,
  { outcome, count, samples, indexes }: Refusal,
  sender: string,
  metricOf: (metric: string) => string,
): void {
  const { signal, item } = batch.codec
  const { kind, reason } = outcome
  const labels = { signal, reason }
  // Refused ids are not tenants: as label values they would be unbounded.
  const perSample = { signal, reason, tenant: '' }
  reporter.meter.tally(`sluice_${kind}_total`, labels).value += count
  reporter.meter.tally(`sluice_${kind}_samples_total`, perSample).value += samples
  const found = reason === 'malformed' ? [] : shownExample(batch, indexes[0]!)
  const metric = found.find(([name]) => name === '__name__')?.[1] ?? ''
  const job = found.find(([name]) => name === 'job')?.[1] ?? ''
  reporter.refusals.add({ reason, tenant: outcome.tenant, metric, job, sender, example: found, count, kind, samples })
  reporter.log(`${kind} ${reason}`, 'warn', `${item} ${kind}: ${outcome.detail}`, () => ({
    reason,
    count,
    metric: metricOf(metric),
    job,
    sender,
    hint: settingThatEnds[reason],
  }))
}

/** Labels of one item, each of them cut: what is noted must not keep the request alive. */
function shownExample(batch: Batch, i: number): Label[] {
  return batch.codec
    .labels(batch, i)
    .slice(0, shownExampleLabels)
    .map(([name, value]) => [shorten(name), shorten(value)])
}
