// How many top-level fields of a body neither form declares.

import type { Batch } from '../batch.ts'
import { cursor, readTag, skipValue } from '../protobuf.ts'

export function countFields({ bytes, unknown }: Batch): number {
  let count = 0
  for (const { start, end } of unknown) {
    for (let p = start; p < end; count++) {
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
    }
  }
  return count
}
