// loki.write: sends logs on, by tenant.

import { maxTimerMs } from '../../../../config/setting-spec.ts'
import { writerKind } from '../../endpoint/writer-kind.ts'
import { endpointBlock, settleEndpoint } from './endpoint-block.ts'

const time = { type: 'duration', min: 0, max: maxTimerMs } as const

export const lokiWriteKind = writerKind({
  name: 'loki.write',
  doc: 'Sends logs to Loki, each tenant’s apart: the label `__tenant_id__` names it. Others that begin with `__` are not sent, unless `tenancy` names them.',
  signal: 'logs',
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
  endpoint: endpointBlock,
  settleEndpoint,
  repeated: ({ name }) => `duplicate endpoint configs are not allowed, found duplicate for name: ${name}`,
  wal: {
    doc: 'A log that Alloy writes entries to before they are sent.',
    schema: {
      attributes: {
        enabled: { type: 'boolean', default: false, doc: 'Whether there is a log.' },
        max_segment_age: { ...time, default: 3_600_000, doc: 'How old a segment becomes.' },
        min_read_frequency: { ...time, default: 250, doc: 'How soon it is read again.' },
        max_read_frequency: { ...time, default: 1000, doc: 'How late it is read again.' },
        drain_timeout: { ...time, default: 30_000, doc: 'Time to empty it at the end.' },
      },
      blocks: {},
      check({ values, spans, span }, report) {
        const get = (name: string): number => values.get(name) as number
        if (get('min_read_frequency') < get('max_read_frequency')) return
        const place = spans.get('min_read_frequency') ?? spans.get('max_read_frequency') ?? span
        report('error', place, 'WAL min read frequency should be lower than max read frequency')
      },
    },
  },
})
