// The range table of a body: columns of exact size, all in one piece of memory.

import type { Batch } from '../batch.ts'

const columnNames = [
  'start',
  'end',
  'which',
  'valueStart',
  'valueEnd',
  'labelStart',
  'labelEnd',
  'nameStart',
  'nameEnd',
  'samples',
  'flags',
] as const satisfies readonly (keyof Batch)[]

export type Columns = Pick<Batch, (typeof columnNames)[number]>

/** Nine columns of four bytes, one of two, one of one. */
export const bytesPerRow = 39

/** Columns for `count` items, all zero, in memory of their own or at the beginning of `buffer`, which is zero there. */
export function columnsFor(count: number, buffer: ArrayBuffer = new ArrayBuffer(count * bytesPerRow)): Columns {
  const words = (n: number): Uint32Array => new Uint32Array(buffer, n * count * 4, count)
  return {
    start: words(0),
    end: words(1),
    which: new Int16Array(buffer, count * 36, count),
    valueStart: words(2),
    valueEnd: words(3),
    labelStart: words(4),
    labelEnd: words(5),
    nameStart: words(6),
    nameEnd: words(7),
    samples: words(8),
    flags: new Uint8Array(buffer, count * 38, count),
  }
}

/** Columns for `room` items, of which the first `count` are these. */
export function copyRows(from: Columns, count: number, room: number = count): Columns {
  const to = columnsFor(room)
  for (const name of columnNames) to[name].set(from[name].subarray(0, count))
  return to
}
