// Makes one body of several of one protocol. Where bodies may be put one behind the other, as in remote write 1 and Loki,
// that is all that is done, compressed or not; remote write 2's symbols have to be numbered anew.

import type { Codec } from './codec.ts'
import { joinBytes } from './copy.ts'
import { endGathering } from './gather.ts'
import { release } from './release.ts'
import { compress, joinBlocks, uncompress } from './snappy.ts'

/**
 * Uncompressed ones, one behind the other in `pieces`, of so many bytes each; one alone as it is. The result is valid until
 * the next call of this or of `gather`.
 */
export function joinBodies(codec: Codec, pieces: readonly Uint8Array[], sizes: () => number[]): Uint8Array {
  const bytes = joinBytes(pieces)
  return codec.join === undefined ? bytes : codec.join(bytes, sizes())
}

/** Compressed ones; one alone as it is. Throws BODY_CORRUPT if one can't be read. */
export function joinCompressed(codec: Codec, blocks: readonly Uint8Array[]): Uint8Array {
  if (codec.join === undefined || blocks.length === 1) return joinBlocks(blocks)
  const bodies: Uint8Array[] = []
  try {
    for (const block of blocks) bodies.push(uncompress(block, Number.MAX_SAFE_INTEGER))
    return compress(joinBodies(codec, bodies, () => bodies.map(({ length }) => length)))
  } finally {
    bodies.forEach(release)
    endGathering()
  }
}
