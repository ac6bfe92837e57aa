// Bodies of many megabytes that differ in their first bytes only: sixty-four of them take the memory of one.

import { encodeWriteRequest, type SeriesInput, snappyBlock } from '../../src/dev/encode.ts'

/** A body in pieces, to be written one after the other. */
export type Pieces = readonly Uint8Array[]

export const lengthOf = (pieces: Pieces): number => pieces.reduce((sum, piece) => sum + piece.length, 0)

/** Makes the function that gives the nth body: a series of its own, of tenant `own-N`, before those that all share. */
export function bigBodies(shared: readonly SeriesInput[]): (n: number) => Pieces {
  const message = encodeWriteRequest({ series: shared })
  // Snappy's copies reach back by a distance, so that elements mean the same behind other elements.
  const elements = snappyBlock(message).subarray(varint(message.length).length)
  return (n) => {
    const labels = [
      ['__name__', 'own'],
      ['tenant', `own-${n}`],
    ] as const
    const own = encodeWriteRequest({ series: [{ labels, samples: [[n, 1]] }] })
    return [varint(own.length + message.length), literalTag(own.length), own, elements]
  }
}

// A literal of up to 2^32 bytes, its length less one in four bytes.
function literalTag(length: number): Uint8Array {
  const tag = Buffer.alloc(5)
  tag[0] = 63 << 2
  tag.writeUInt32LE(length - 1, 1)
  return tag
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128)
  return Uint8Array.from([...bytes, rest])
}
