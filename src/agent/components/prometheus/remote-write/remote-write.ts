// prometheus.remote_write: sends metrics on, by tenant where an endpoint has `tenancy`.

import { maxTimerMs } from '../../../../config/setting-spec.ts'
import { targetOf } from '../../endpoint/endpoint-plan.ts'
import { writerKind } from '../../endpoint/writer-kind.ts'
import { endpointBlock, settleEndpoint } from './endpoint-block.ts'

const time = { type: 'duration', min: 0, max: maxTimerMs } as const

export const remoteWriteKind = writerKind({
  name: 'prometheus.remote_write',
  doc: 'Sends metrics to Mimir, Cortex, Thanos or whatever takes remote write, each tenant’s apart.',
  signal: 'metrics',
  attributes: {
    external_labels: {
      type: 'map_of_strings',
      doc: 'Labels that series get which don’t have them; they come before `write_relabel_config` and tenancy.',
    },
  },
  endpoint: endpointBlock,
  settleEndpoint,
  repeated: (plan) => `duplicate remote write configs are not allowed, found duplicate for URL: ${targetOf(plan)}`,
  wal: {
    doc: 'How long Alloy keeps its log of samples.',
    schema: {
      attributes: {
        truncate_frequency: { ...time, default: 7_200_000, doc: 'How often old segments are removed.' },
        min_keepalive_time: { ...time, default: 300_000, doc: 'How long samples are kept at least.' },
        max_keepalive_time: { ...time, default: 28_800_000, doc: 'How long samples are kept at most.' },
      },
      blocks: {},
      check({ values, spans, span }, report) {
        const get = (name: string): number => values.get(name) as number
        if (get('truncate_frequency') === 0) {
          report('error', spans.get('truncate_frequency') ?? span, 'truncate_frequency must not be 0')
        } else if (get('max_keepalive_time') <= get('min_keepalive_time')) {
          const place = spans.get('min_keepalive_time') ?? spans.get('max_keepalive_time') ?? span
          report('error', place, 'min_keepalive_time must be smaller than max_keepalive_time')
        }
      },
    },
  },
})
