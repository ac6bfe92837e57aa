// Memory for parts that wait to go out together, used again and again: left to the collector, what waited for some
// milliseconds would make it look through the whole heap dozens of times a second (measured: a third of the CPU time).

import { release } from '../../wire/release.ts'

const least = 1 << 10
/** Bytes kept for the next batches, over all sizes. */
const mostKept = 8 << 20

/** By size, a power of two. */
const free = new Map<number, ArrayBuffer[]>()
let kept = 0

/** A copy of the bytes. `giveBack` should follow once nobody looks at it any more. */
export function copyInRoom(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = Math.max(least, 2 ** Math.ceil(Math.log2(bytes.length)))
  const room = free.get(size)?.pop()
  if (room !== undefined) kept -= size
  const copy = new Uint8Array(room ?? new ArrayBuffer(size), 0, bytes.length)
  copy.set(bytes)
  return copy
}

export function giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
  const size = buffer.byteLength
  if (kept + size > mostKept) {
    release(new Uint8Array(buffer))
    return
  }
  kept += size
  const others = free.get(size)
  if (others === undefined) free.set(size, [buffer])
  else others.push(buffer)
}
