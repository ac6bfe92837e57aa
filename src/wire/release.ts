// Gives the memory of a big buffer back at once. Left to the collector, what one body after the other unpacked to piles
// up: it sees small objects and lets them lie, until the sum makes it mark the whole heap again and again (measured at
// 1 MB a body: in one process of four, up to twice the CPU time).

import { MessageChannel } from 'node:worker_threads'
import type { Batch } from './batch.ts'

/** Bytes below which the collector does. */
const big = 64 << 10

/** A closed port takes what is handed over to it, and drops it. */
function closedPort(): { postMessage(value: null, transfer: readonly ArrayBuffer[]): void } {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}
const nowhere = closedPort()

/**
 * Frees bytes that nobody uses any more, if they are big and have their memory to themselves.
 * They, and every view of the same memory, are empty from now on.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (bytes.byteLength < big || bytes.byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return
  nowhere.postMessage(null, [buffer])
}

/**
 * The same for what a batch was read into: its bytes, unless they are those of `kept`, and its table. Nobody may look at the
 * batch any more.
 */
export function releaseBatch({ bytes, start }: Pick<Batch, 'bytes' | 'start'>, kept: Uint8Array): void {
  if (bytes.buffer !== kept.buffer) release(bytes)
  release(new Uint8Array(start.buffer))
}
