// loki.write: sends logs on, by tenant.

import { maxTimerMs, type SettingSpec } from '../../../../config/setting-spec.ts'
import type { BlockSpec, ComponentKind, Decoded, Report } from '../../../graph/component.ts'
import type { EndpointPlan, WriterArgs } from '../../endpoint/endpoint-plan.ts'
import { reviewTenancy } from '../../endpoint/review-tenancy.ts'
import { buildWriter, type WriterExports, writerExports } from '../../endpoint/writer.ts'
import { settleWriter } from '../../endpoint/writer-args.ts'
import { endpointBlock, settleEndpoint } from './endpoint-block.ts'

const time = { type: 'duration', min: 0, max: maxTimerMs } as const

const walRows = {
  enabled: { type: 'boolean', default: false, doc: 'Whether there is a log.' },
  max_segment_age: { ...time, default: 3_600_000, doc: 'How old a segment becomes.' },
  min_read_frequency: { ...time, default: 250, doc: 'How soon it is read again.' },
  max_read_frequency: { ...time, default: 1000, doc: 'How late it is read again.' },
  drain_timeout: { ...time, default: 30_000, doc: 'Time to empty it at the end.' },
} as const satisfies Readonly<Record<string, SettingSpec>>

const wal: BlockSpec = {
  doc: 'A log that Alloy writes entries to before they are sent.',
  ignored: 'there is no such log: what can’t be delivered is in the store (--storage.path)',
  schema: { attributes: walRows, blocks: {} },
}

function reportWal(blocks: Decoded['blocks'], report: Report): void {
  for (const { values, spans, span } of blocks.get('wal') ?? []) {
    const get = (name: keyof typeof walRows): number => values.get(name) as number
    if (get('min_read_frequency') < get('max_read_frequency')) continue
    const place = spans.get('min_read_frequency') ?? spans.get('max_read_frequency') ?? span
    report('error', place, 'WAL min read frequency should be lower than max read frequency')
  }
}

export const lokiWriteKind: ComponentKind<WriterArgs, WriterExports> = {
  name: 'loki.write',
  doc: 'Sends logs to Loki, each tenant’s apart: the label `__tenant_id__` names it. Others that begin with `__` are not sent, unless `tenancy` names them.',
  stability: 'generally-available',
  schema: {
    attributes: {
      external_labels: { type: 'map_of_strings', doc: 'Labels that streams get which don’t have them.' },
      max_streams: {
        type: 'integer',
        min: 0,
        max: 1e9,
        ignored: 'a batch may have any number of streams',
        doc: 'Streams in one batch.',
      },
    },
    blocks: { endpoint: endpointBlock, wal },
  },
  exports: { receiver: 'Takes logs.' },
  exportTypes: { receiver: 'logs' },
  settle(decoded, report, context) {
    reportWal(decoded.blocks, report)
    return settleWriter(decoded, { settleEndpoint, repeated }, report, context)
  },
  exportsOf: writerExports('logs'),
  review: reviewTenancy,
  build: (args, context) => buildWriter('logs', args, context),
}

const repeated = ({ name }: EndpointPlan): string =>
  `duplicate endpoint configs are not allowed, found duplicate for name: ${name}`
