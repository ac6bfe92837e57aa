// External labels and `write_relabel_config`: what becomes of series before tenants are found.

import type { Span } from '../../../config/source-file.ts'
import { isLabelName } from '../../../relabel/label-names.ts'
import { RelabelStage } from '../../../relabel/relabel-stage.ts'
import type { RelabelRule } from '../../../relabel/rule.ts'
import type { Meter } from '../../../telemetry/meter.ts'
import type { Label } from '../../../wire/codec.ts'
import type { PrepareSpec } from '../../flow/endpoint-spec.ts'
import type { Receiver } from '../../flow/receiver.ts'
import type { Report } from '../../graph/component.ts'

/** Names that can't be labels' are reported. */
export function settleExternalLabels(
  given: Readonly<Record<string, string>> | undefined,
  span: Span,
  report: Report,
): readonly Label[] {
  const labels = Object.entries(given ?? {})
  for (const [name] of labels) {
    if (isLabelName(name, 'legacy')) continue
    const message = `${JSON.stringify(name)} is not a valid label name`
    report('error', span, message, 'allowed are letters, digits and _, and no digit at the start')
  }
  return labels
}

/** A series' own label wins over an external one. What rules drop is counted. */
export function prepareOf(
  signal: Receiver['signal'],
  externalLabels: readonly Label[],
  rules: readonly RelabelRule[],
  meter: Meter,
): PrepareSpec | undefined {
  if (externalLabels.length === 0 && rules.length === 0) return undefined
  return {
    of: { externalLabels, rules },
    make: () => {
      const stage = new RelabelStage(rules, {
        externalLabels,
        onDropped: (reason, items) => {
          meter.tally('sluice_dropped_total', { signal, reason }).value += items
        },
      })
      return (batch) => stage.apply(batch)
    },
  }
}
