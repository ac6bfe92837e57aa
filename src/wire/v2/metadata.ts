// Reads what a series says of itself: its metadata, which in remote write 2 lies in it. Expects what a scan has proved.

import type { Batch } from '../batch.ts'
import { contentAt, cursor, readTag, readVarint, skipValue } from '../protobuf.ts'
import { HELP, METADATA, TYPE, UNIT } from './shapes.ts'

/** `help` and `unit` are numbers of symbols; 0, the empty one, where nothing is said. */
export interface SeriesMetadata {
  readonly type: number
  readonly help: number
  readonly unit: number
}

/** Of series i, which is not malformed; of a field that comes again the last counts. undefined: it says nothing. */
export function metadataOf({ bytes, start, end }: Batch, i: number): SeriesMetadata | undefined {
  const seriesEnd = end[i]!
  let found: { type: number; help: number; unit: number } | undefined
  for (let p = contentAt(bytes, start[i]!, seriesEnd); p < seriesEnd; ) {
    const tag = readTag(bytes, p, seriesEnd)
    p = skipValue(bytes, cursor.at, seriesEnd, tag)
    if (tag !== METADATA) continue
    found ??= { type: 0, help: 0, unit: 0 }
    for (let q = cursor.at; q < p; ) {
      const field = readTag(bytes, q, p)
      const value = cursor.at
      q = skipValue(bytes, value, p, field)
      if (field === TYPE) found.type = readVarint(bytes, value, p)
      else if (field === HELP) found.help = readVarint(bytes, value, p)
      else if (field === UNIT) found.unit = readVarint(bytes, value, p)
    }
  }
  return found
}
