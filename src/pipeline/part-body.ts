// What a tenant's part of a push goes on with: the body it goes out with, or the part that its queue takes.

import type { Push } from '../receive/push.ts'
import type { Shipment } from '../send/lane.ts'
import type { QueuedPart } from '../send/queue/open-batch.ts'
import type { Part, Split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import { compress } from '../wire/snappy.ts'

/** Compressed. A request of one tenant that needs no rewriting goes out as the bytes that came in. */
export function bodyOf(push: Push, batch: Batch, divided: Split, part: Part, keepLabel: boolean): Uint8Array {
  if (isAsItCame(push, batch, divided, part)) return push.body
  return compress(batch.codec.gather(batch, part.indexes, part.count, !keepLabel))
}

/** In memory of its own. */
export function queuedPart(
  push: Push,
  batch: Batch,
  divided: Split,
  part: Part,
  keepLabel: boolean,
  haLabels: readonly Uint8Array[],
  travelling: Shipment['travelling'],
): QueuedPart {
  const { codec } = batch
  return {
    bytes: new Uint8Array(codec.gather(batch, part.indexes, part.count, !keepLabel)),
    packed: isAsItCame(push, batch, divided, part) ? push.body : undefined,
    series: part.count,
    samples: part.samples,
    haKey: codec.labelValues(batch, part.indexes[0]!, haLabels),
    travelling,
  }
}

function isAsItCame(push: Push, batch: Batch, divided: Split, part: Part): boolean {
  const isWhole = part.count === batch.count && divided.parts.length === 1 && batch.metadata.length === 0
  return isWhole && !part.rewrites && push.encoding === 'snappy' && push.format === 'protobuf'
}
