// What a lane has at hand to be sent: a batch that was just closed, or some that were read from the store. It knows how
// far it has got, and whether a copy of it is on disk.

import type { Codec } from '../../wire/codec.ts'
import { joinCompressed } from '../../wire/join.ts'
import { release } from '../../wire/release.ts'
import { uncompress } from '../../wire/snappy.ts'
import type { Shipment } from '../lane.ts'
import type { ClosedBatch } from '../store/record.ts'
import type { StoredBatch } from '../store/store.ts'
import { Delivery } from './delivery.ts'
import type { Closed } from './open-batch.ts'

/** `pending`: being written. `refused`: the store could not take it. */
export type Storage = 'none' | 'pending' | 'stored' | 'refused'

export class Consignment {
  readonly delivery: Delivery
  readonly travelling: Shipment['travelling']
  /** Absent for what was read from the store. */
  readonly closed: Closed | undefined
  /** What is stored of it: what it was read as, or the copy that was made meanwhile. */
  records: readonly StoredBatch[]
  storage: Storage
  isFinished = false

  /** Rises with every batch that a lane closes. */
  readonly order: number

  private constructor(delivery: Delivery, closed: Closed | undefined, records: readonly StoredBatch[], order: number) {
    this.delivery = delivery
    this.order = order
    this.closed = closed
    this.records = records
    this.storage = closed === undefined ? 'stored' : 'none'
    this.travelling = closed?.travelling ?? {}
  }

  static ofClosed(closed: Closed, order: number): Consignment {
    return new Consignment(new Delivery(closed.piece), closed, noRecords, order)
  }

  /** One request of several batches of this codec's protocol; they must agree in `haKey`. */
  static ofStored(records: readonly StoredBatch[], codec: Codec): Consignment {
    const whole = {
      codec,
      body: joinCompressed(
        codec,
        records.map(({ body }) => body),
      ),
      series: sum(records, 'series'),
      samples: sum(records, 'samples'),
      spans: records.flatMap(({ parts, series }) =>
        (parts.length > 0 ? parts : [{ series }]).map((part) => ({ ticket: undefined, series: part.series })),
      ),
    }
    return new Consignment(new Delivery(whole), undefined, records, 0)
  }
}

const noRecords: readonly StoredBatch[] = []

/** How many of these stored batches go in one request: those of the first one's kind, up to `maxSamples`. */
export function joinable(records: readonly StoredBatch[], maxSamples: number): number {
  const first = records[0]
  if (first === undefined) return 0
  let samples = first.samples
  let count = 1
  for (; count < records.length; count++) {
    const { protocol, haKey, samples: more } = records[count]!
    if (protocol !== first.protocol || haKey !== first.haKey || samples + more > maxSamples) break
    samples += more
  }
  return count
}

/** What is put into the store of a closed batch. */
export function recordOf({ piece, parts, haKey, arrivedMs }: Closed): ClosedBatch {
  const { codec, body, series, samples } = piece
  const bytes = uncompress(body, Number.MAX_SAFE_INTEGER)
  const { oldestMs, newestMs } = codec.times(bytes)
  release(bytes)
  const hasTimes = oldestMs <= newestMs
  return {
    protocol: codec.protocol,
    body,
    series,
    samples,
    oldestMs: hasTimes ? oldestMs : arrivedMs,
    newestMs: hasTimes ? newestMs : arrivedMs,
    arrivedMs,
    haKey,
    // Nothing else that is known of them: what is stored outlives those who wait for it.
    parts: parts.length > 1 ? parts.map(({ series, samples }) => ({ series, samples })) : [],
  }
}

function sum(records: readonly StoredBatch[], field: 'series' | 'samples'): number {
  return records.reduce((total, record) => total + record[field], 0)
}
