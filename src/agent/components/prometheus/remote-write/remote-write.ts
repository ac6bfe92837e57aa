// prometheus.remote_write: sends metrics on, by tenant where an endpoint has `tenancy`.

import { maxTimerMs, type SettingSpec } from '../../../../config/setting-spec.ts'
import type { BlockSpec, ComponentKind, Decoded, Report } from '../../../graph/component.ts'
import { type EndpointPlan, targetOf, type WriterArgs } from '../../endpoint/endpoint-plan.ts'
import { reviewTenancy } from '../../endpoint/review-tenancy.ts'
import { buildWriter, type WriterExports, writerExports } from '../../endpoint/writer.ts'
import { settleWriter } from '../../endpoint/writer-args.ts'
import { endpointBlock, settleEndpoint } from './endpoint-block.ts'

const time = { type: 'duration', min: 0, max: maxTimerMs } as const

const walRows = {
  truncate_frequency: { ...time, default: 7_200_000, doc: 'How often old segments are removed.' },
  min_keepalive_time: { ...time, default: 300_000, doc: 'How long samples are kept at least.' },
  max_keepalive_time: { ...time, default: 28_800_000, doc: 'How long samples are kept at most.' },
} as const satisfies Readonly<Record<string, SettingSpec>>

const wal: BlockSpec = {
  doc: 'How long Alloy keeps its log of samples.',
  ignored: 'there is no such log: what can’t be delivered is in the store (--storage.path)',
  schema: { attributes: walRows, blocks: {} },
}

/** Alloy's rules, so that what it refuses is refused here. */
function reportWal(blocks: Decoded['blocks'], report: Report): void {
  for (const { values, spans, span } of blocks.get('wal') ?? []) {
    const get = (name: keyof typeof walRows): number => values.get(name) as number
    if (get('truncate_frequency') === 0) {
      report('error', spans.get('truncate_frequency') ?? span, 'truncate_frequency must not be 0')
    } else if (get('max_keepalive_time') <= get('min_keepalive_time')) {
      const place = spans.get('min_keepalive_time') ?? spans.get('max_keepalive_time') ?? span
      report('error', place, 'min_keepalive_time must be smaller than max_keepalive_time')
    }
  }
}

export const remoteWriteKind: ComponentKind<WriterArgs, WriterExports> = {
  name: 'prometheus.remote_write',
  doc: 'Sends metrics to Mimir, Cortex, Thanos or whatever takes remote write, each tenant’s apart.',
  stability: 'generally-available',
  schema: {
    attributes: {
      external_labels: {
        type: 'map_of_strings',
        doc: 'Labels that series get which don’t have them; they come before `write_relabel_config` and tenancy.',
      },
    },
    blocks: { endpoint: endpointBlock, wal },
  },
  exports: { receiver: 'Takes metrics.' },
  exportTypes: { receiver: 'metrics' },
  settle(decoded, report, context) {
    reportWal(decoded.blocks, report)
    return settleWriter(decoded, { settleEndpoint, repeated }, report, context)
  },
  exportsOf: writerExports('metrics'),
  review: reviewTenancy,
  build: (args, context) => buildWriter('metrics', args, context),
}

const repeated = (plan: EndpointPlan): string =>
  `duplicate remote write configs are not allowed, found duplicate for URL: ${targetOf(plan)}`
