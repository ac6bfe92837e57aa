// What a tenant's part of a push goes on with: the body it goes out with, or the part that its queue takes.

import type { Shipment } from '../send/lane.ts'
import type { QueuedPart } from '../send/queue/open-batch.ts'
import type { Part, Split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import { compress } from '../wire/snappy.ts'
import { contentsOf, type Written } from '../wire/v2/written.ts'

export interface QueuedPartOptions {
  readonly keepLabel: boolean
  /** UTF-8 of the names in `ha_labels`. */
  readonly haLabels: readonly Uint8Array[]
  readonly travelling: Shipment['travelling']
}

/**
 * Compressed. `packed`: all of the batch as it came, where it came so. What is of one tenant and needs no rewriting goes
 * out as those bytes.
 */
export function bodyOf(
  packed: Uint8Array | undefined,
  batch: Batch,
  divided: Split,
  part: Part,
  keepLabel: boolean,
): Uint8Array {
  if (packed !== undefined && isAll(batch, divided, part)) return packed
  return compress(batch.codec.gather(batch, part.indexes, part.count, !keepLabel))
}

/** What a queue of `shards` lanes takes of the part, by the lane's place. `packed` as in `bodyOf`. */
export function queuedParts(
  packed: Uint8Array | undefined,
  batch: Batch,
  divided: Split,
  part: Part,
  shards: number,
  { keepLabel, haLabels, travelling }: QueuedPartOptions,
): (QueuedPart | undefined)[] {
  const { codec } = batch
  const partOf = ({ indexes, count, samples }: Share, packed: Uint8Array | undefined): QueuedPart => ({
    codec,
    gather: () => codec.gather(batch, indexes, count, !keepLabel),
    packed,
    series: count,
    samples,
    written: writtenOf(batch, { indexes, count }),
    haKey: haLabels.length === 0 ? '' : codec.labelValues(batch, indexes[0]!, haLabels),
    travelling,
  })
  if (shards === 1) return [partOf(part, isAll(batch, divided, part) ? packed : undefined)]
  return spread(batch, part, shards).map((share) => (share.count === 0 ? undefined : partOf(share, undefined)))
}

/** What senders of remote write 2 are told of their part where all of it is written; undefined in other protocols. */
export function writtenOf(batch: Batch, { indexes, count }: Pick<Part, 'indexes' | 'count'>): Written | undefined {
  return batch.codec.protocol === 'remote-write-2' ? contentsOf(batch, indexes, count) : undefined
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

/** The part is all of the request, byte for byte. */
function isAll(batch: Batch, divided: Split, part: Part): boolean {
  const isWhole = part.count === batch.count && divided.parts.length === 1 && batch.metadata.length === 0
  return isWhole && !part.rewrites
}
