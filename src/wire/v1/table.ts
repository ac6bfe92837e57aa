// The range table of a body: columns of exact size, all in one piece of memory.

import type { Batch } from '../batch.ts'
import { tableRoom } from '../table-room.ts'

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

/** Columns for `count` items, all zero; at the beginning of `memory` if there is some, which is zero there. */
export function columnsFor(count: number, memory?: ArrayBuffer): Columns {
  const { words, which, flags } = tableRoom(count, memory)
  return {
    start: words(0),
    end: words(1),
    which,
    valueStart: words(2),
    valueEnd: words(3),
    labelStart: words(4),
    labelEnd: words(5),
    nameStart: words(6),
    nameEnd: words(7),
    samples: words(8),
    flags,
  }
}

/** Columns for `room` items, of which the first `count` are these. */
export function copyRows(from: Columns, count: number, room: number = count): Columns {
  const to = columnsFor(room)
  for (const name of columnNames) to[name].set(from[name].subarray(0, count))
  return to
}
