// Remote write 1 (prometheus.WriteRequest), as the rest of Sluice sees it.

import type { Codec } from '../codec.ts'
import { gatherWith } from '../gather.ts'
import { seriesTimes } from '../series-times.ts'
import { labelHash, labelValues } from './label-values.ts'
import { labels } from './labels.ts'
import { keepLabels } from './marks.ts'
import { encodeLabels, SeriesRewriter } from './relabel.ts'
import { rewrite } from './rewrite.ts'
import { scan } from './scan.ts'
import { HISTOGRAM, SERIES } from './shapes.ts'
import { withhold } from './withhold.ts'

export const remoteWrite1: Codec = {
  protocol: 'remote-write-1',
  signal: 'metrics',
  item: 'series',
  contentType: 'application/x-protobuf',
  scan: (bytes, watch, maxItems = Number.POSITIVE_INFINITY) => scan(bytes, watch, maxItems, remoteWrite1),
  labels,
  gather: gatherWith(rewrite),
  withhold,
  times: (bytes) => seriesTimes(bytes, SERIES, HISTOGRAM),
  labelValues,
  labelHash,
  encodeLabels,
  keepLabels,
  rewriter: (batch, output) => new SeriesRewriter(batch, output),
}
