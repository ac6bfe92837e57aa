// Remote write 2 (io.prometheus.write.v2.Request), as the rest of Sluice sees it.

import type { Codec } from '../codec.ts'
import { seriesTimes } from '../series-times.ts'
import { gather, join } from './gather.ts'
import { labelHash, labelValues } from './label-values.ts'
import { labels } from './labels.ts'
import { encodeLabels, SeriesRewriter } from './relabel.ts'
import { scan } from './scan.ts'
import { HISTOGRAMS, SERIES } from './shapes.ts'
import { withhold } from './withhold.ts'

export const remoteWrite2: Codec = {
  protocol: 'remote-write-2',
  signal: 'metrics',
  item: 'series',
  contentType: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  scan: (bytes, watch, maxItems = Number.POSITIVE_INFINITY) => scan(bytes, watch, maxItems, remoteWrite2),
  labels,
  gather,
  withhold,
  join,
  times: (bytes) => seriesTimes(bytes, SERIES, HISTOGRAMS),
  labelValues,
  labelHash,
  encodeLabels,
  rewriter: (batch, output) => new SeriesRewriter(batch, output),
}
