// Loki's push (logproto.PushRequest), as the rest of Sluice sees it. JSON pushes become this form first (json.ts).

import { type Batch, flag } from '../batch.ts'
import type { Codec } from '../codec.ts'
import { gatherWith } from '../gather.ts'
import { labelHash, labelValues } from './label-values.ts'
import { labels } from './labels.ts'
import { encodeLabels, StreamRewriter } from './relabel.ts'
import { rewrite } from './rewrite.ts'
import { scan } from './scan.ts'
import { times } from './times.ts'

export const lokiPush: Codec = {
  protocol: 'loki',
  signal: 'logs',
  item: 'stream',
  contentType: 'application/x-protobuf',
  scan: (bytes, watch, maxItems = Number.POSITIVE_INFINITY) => scan(bytes, watch, maxItems, lokiPush),
  labels,
  gather: gatherWith(rewrite),
  times,
  labelValues,
  labelHash,
  encodeLabels,
  rewriter: (batch, output) => new StreamRewriter(batch, output),
}

/** A push without streams, or whose streams carry no entry. A faulty stream counts as something to answer for. */
export function carriesNothing(batch: Batch): boolean {
  for (let i = 0; i < batch.count; i++) {
    if (batch.samples[i]! > 0 || (batch.flags[i]! & flag.faulty) !== 0) return false
  }
  return true
}
