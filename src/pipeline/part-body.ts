// What a tenant's part of a push goes on with: the body it goes out with, or the part that its queue takes.

import type { Push } from '../receive/push.ts'
import type { Shipment } from '../send/lane.ts'
import type { QueuedPart } from '../send/queue/open-batch.ts'
import type { Part, Split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import { compress } from '../wire/snappy.ts'

export interface QueuedPartOptions {
  readonly keepLabel: boolean
  /** UTF-8 of the names in `ha_labels`. */
  readonly haLabels: readonly Uint8Array[]
  readonly travelling: Shipment['travelling']
}

/** Compressed. A request of one tenant that needs no rewriting goes out as the bytes that came in. */
export function bodyOf(push: Push, batch: Batch, divided: Split, part: Part, keepLabel: boolean): Uint8Array {
  if (isAsItCame(push, batch, divided, part)) return push.body
  return compress(batch.codec.gather(batch, part.indexes, part.count, !keepLabel))
}

/** What a queue of `shards` lanes takes of the part, by the lane's place. */
export function queuedParts(
  push: Push,
  batch: Batch,
  divided: Split,
  part: Part,
  shards: number,
  { keepLabel, haLabels, travelling }: QueuedPartOptions,
): (QueuedPart | undefined)[] {
  const { codec } = batch
  const partOf = ({ indexes, count, samples }: Share, packed: Buffer | undefined): QueuedPart => ({
    gather: () => codec.gather(batch, indexes, count, !keepLabel),
    packed,
    series: count,
    samples,
    haKey: codec.labelValues(batch, indexes[0]!, haLabels),
    travelling,
  })
  if (shards === 1) return [partOf(part, isAsItCame(push, batch, divided, part) ? push.body : undefined)]
  return spread(batch, part, shards).map((share) => (share.count === 0 ? undefined : partOf(share, undefined)))
}

type Share = Pick<Part, 'indexes' | 'count' | 'samples'>

/** The part's items by the hash of their labels; their order stays. */
function spread(batch: Batch, part: Part, shards: number): Share[] {
  const all = Array.from({ length: shards }, () => ({ indexes: new Uint32Array(part.count), count: 0, samples: 0 }))
  for (let k = 0; k < part.count; k++) {
    const i = part.indexes[k]!
    const lane = all[(batch.codec.labelHash(batch, i) >>> 0) % shards]!
    lane.indexes[lane.count++] = i
    lane.samples += batch.samples[i]!
  }
  return all
}

function isAsItCame(push: Push, batch: Batch, divided: Split, part: Part): boolean {
  const isWhole = part.count === batch.count && divided.parts.length === 1 && batch.metadata.length === 0
  return isWhole && !part.rewrites && push.encoding === 'snappy' && push.format === 'protobuf'
}
