// Snappy's block format, in and out. The native library does the work; what it can't say (is the claim
// plausible, where is the fault) is found here, before anything is allocated or after it refused.
// `copyOutputData` is not optional: without it each call costs milliseconds of system time.

import { compressSync, uncompressSync } from 'snappy'
import { SluiceError } from '../errors.ts'

const options = { asBuffer: true, copyOutputData: true } as const

/** No element of the format unpacks to more than 64 bytes for 3 (a two-byte-offset copy). */
const bytesPerElement = 64
const smallestElement = 3

/** The length that a block claims to unpack to. Throws BODY_CORRUPT if the preamble is malformed. */
export function claimedLength(block: Uint8Array): number {
  let length = 0
  let at = 0
  for (let shift = 0; ; shift += 7) {
    if (at >= block.length) throw corrupt('the length preamble is cut off', at)
    const byte = block[at]!
    if (shift === 28 && byte > 0x0f) throw corrupt('the length preamble is over 32 bits', at)
    length += (byte & 0x7f) * 2 ** shift
    at++
    if (byte < 0x80) break
  }
  return length
}

/** Throws BODY_CORRUPT if a block of so few bytes cannot possibly unpack to `length`. Look at your own limit first: a claim over it is too large, true or not. */
export function provePlausible(block: Uint8Array, length: number): void {
  if (length <= Math.ceil(block.length / smallestElement) * bytesPerElement) return
  throw corrupt(`${block.length} bytes cannot unpack to the ${length} that the preamble claims`, 0)
}

/**
 * Unpacks one block.
 * Throws DECOMPRESSED_TOO_LARGE if it claims more than `maxBytes`, BODY_CORRUPT if it is malformed; nothing is allocated for either.
 */
export function uncompress(block: Uint8Array, maxBytes: number): Uint8Array {
  const length = claimedLength(block)
  if (length > maxBytes) {
    throw new SluiceError(
      'DECOMPRESSED_TOO_LARGE',
      `the body claims to unpack to ${length} bytes; the limit is ${maxBytes} (receive.max_decompressed_size)`,
    )
  }
  provePlausible(block, length)
  try {
    return uncompressSync(block as Buffer, options) as Buffer
  } catch (cause) {
    const fault = findFault(block, length)
    throw corrupt(fault.text, fault.offset, cause)
  }
}

/**
 * Packs bytes as one block. Giant ones go slice by slice, since the library takes 7/6 of what it packs and keeps it:
 * the format's elements may be put one behind the other, and these come out the same.
 */
export function compress(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length <= slice) return compressSync(bytes as Buffer, options) as Buffer<ArrayBuffer>
  const pieces: Uint8Array[] = [preamble(bytes.length)]
  for (let at = 0; at < bytes.length; at += slice) {
    const piece = bytes.subarray(at, at + slice)
    const block = compressSync(piece as Buffer, options) as Buffer
    pieces.push(block.subarray(preamble(piece.length).length))
  }
  return Buffer.concat(pieces)
}

/**
 * One block that unpacks to what these unpack to, one behind the other: copies only ever reach back within their own.
 * Throws BODY_CORRUPT if a preamble is malformed.
 */
export function joinBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  if (blocks.length === 1) return blocks[0]!
  const lengths = blocks.map(claimedLength)
  // Whoever made a block may have written its length in more bytes than it needs.
  const pieces = blocks.map((block) => block.subarray(block.findIndex((byte) => byte < 0x80) + 1))
  return Buffer.concat([preamble(lengths.reduce((sum, length) => sum + length, 0)), ...pieces])
}

/** A multiple of 64 KiB, within which the library's copies stay. */
const slice = 4 << 20

/** The length that a block begins with, as a varint. */
function preamble(length: number): Uint8Array {
  const bytes: number[] = []
  let rest = length
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}

function corrupt(text: string, offset: number, cause?: unknown): SluiceError {
  return new SluiceError('BODY_CORRUPT', `snappy: ${text} (byte ${offset} of the compressed body)`, { offset, cause })
}

/** Walks the elements of a block that was refused, to say where and why. */
export function findFault(block: Uint8Array, claimed: number): { text: string; offset: number } {
  let at = 0
  while (block[at]! >= 0x80) at++
  at++
  let written = 0
  while (at < block.length) {
    const element = at
    const tag = block[at]!
    const kind = tag & 3
    let length: number
    if (kind === 0) {
      length = (tag >> 2) + 1
      at++
      if (length > 60) {
        const extra = length - 60
        if (at + extra > block.length) return { text: 'a literal’s length is cut off', offset: element }
        length = 1
        for (let k = 0; k < extra; k++) length += block[at + k]! * 2 ** (8 * k)
        at += extra
      }
      if (at + length > block.length) return { text: 'a literal runs past the end', offset: element }
      at += length
    } else {
      const size = kind === 1 ? 2 : kind === 2 ? 3 : 5
      if (at + size > block.length) return { text: 'a copy is cut off', offset: element }
      length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
      let back = kind === 1 ? ((tag & 0xe0) << 3) | block[at + 1]! : 0
      if (kind !== 1) for (let k = 1; k < size; k++) back += block[at + k]! * 2 ** (8 * (k - 1))
      if (back === 0 || back > written) return { text: 'a copy reaches before the start', offset: element }
      at += size
    }
    written += length
    if (written > claimed) return { text: `unpacks to more than the ${claimed} bytes it claims`, offset: element }
  }
  return { text: `ends after ${written} of the ${claimed} bytes it claims`, offset: block.length }
}
