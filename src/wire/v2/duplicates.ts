// Which symbols are the same: senders must not say one twice, but some do, and no table that is made here may.
// Senders choose the symbols, so none of their choices may cost the square of their number.

import { randomInt } from 'node:crypto'
import { viewOf } from '../copy.ts'
import { sameBytes } from '../same-bytes.ts'

const seed = randomInt(2 ** 31)
const decoder = new TextDecoder('latin1')

/** Slots kept between bodies. */
const keptSlots = 1 << 17
/** Symbol + 1 by slot, and the whole hash of the symbol in it. */
let slots = new Uint32Array(1 << 13)
let hashes = new Int32Array(1 << 13)

/** For each symbol the first one with the same bytes; 0 for every empty one, which symbol 0 must be. */
export function firstOfEach(bytes: Uint8Array, start: Uint32Array, size: Uint32Array): Uint32Array {
  const { length } = start
  const first = new Uint32Array(length)
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(length, 32) * 2))
  if (slots.length < wanted || slots.length > keptSlots) {
    slots = new Uint32Array(wanted)
    hashes = new Int32Array(wanted)
  }
  const known = slots.fill(0)
  const known32 = hashes
  const mask = known.length - 1
  const view = viewOf(bytes)
  // About twice what symbols that were not made to collide ever take.
  let patience = 8 * length + 1024
  for (let s = 0; s < length; s++) {
    const bytesOfIt = size[s]!
    if (bytesOfIt === 0) continue
    const at = start[s]!
    const hash = hashOf(bytes, view, at, at + bytesOfIt)
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const other = known[slot]!
      if (other === 0) {
        known[slot] = s + 1
        known32[slot] = hash
        first[s] = s
        break
      }
      if (known32[slot] === hash && size[other - 1] === bytesOfIt) {
        if (sameBytes(bytes, start[other - 1]!, at, bytesOfIt)) {
          first[s] = other - 1
          break
        }
        patience -= bytesOfIt
      }
      if (--patience < 0) return firstByText(bytes, start, size)
    }
  }
  return first
}

/** The same by a table whose hash nobody outside knows how to meet. */
export function firstByText(bytes: Uint8Array, start: Uint32Array, size: Uint32Array): Uint32Array {
  const known = new Map<string, number>()
  return start.map((at, s) => {
    if (size[s] === 0) return 0
    const text = decoder.decode(bytes.subarray(at, at + size[s]!))
    const found = known.get(text)
    if (found === undefined) known.set(text, s)
    return found ?? s
  })
}

/** Four bytes at a time, each mixed into all lower bits, from a start that nobody outside knows. */
export function hashOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let hash = seed ^ (end - start)
  let p = start
  for (; p + 4 <= end; p += 4) {
    hash = Math.imul(hash ^ view.getInt32(p, true), 0x2c1b3c6d)
    hash ^= hash >>> 15
  }
  for (; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x297a2d39)
  return hash ^ (hash >>> 13)
}
