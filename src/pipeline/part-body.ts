// The body that a tenant's part goes out with.

import type { Push } from '../receive/push.ts'
import type { Part, Split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import { compress } from '../wire/snappy.ts'

/** Compressed. A request of one tenant that needs no rewriting goes out as the bytes that came in. */
export function bodyOf(push: Push, batch: Batch, divided: Split, part: Part, keepLabel: boolean): Uint8Array {
  const isWhole = part.count === batch.count && divided.parts.length === 1 && batch.metadata.length === 0
  if (isWhole && !part.rewrites && push.encoding === 'snappy' && push.format === 'protobuf') return push.body
  return compress(batch.codec.gather(batch, part.indexes, part.count, !keepLabel))
}
