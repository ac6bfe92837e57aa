// The first pass over a body: its top-level fields. Symbols are located, series counted, everything else is unknown.
// Series may come before their symbols, so nothing of a series can be read before this is done.

import { SluiceError } from '../../errors.ts'
import { addRange, type Range } from '../batch.ts'
import { ITEMS_PER_RANGE, SYMBOLS_PER_ITEM, type Watch } from '../codec.ts'
import { corrupt, cursor, LENGTH, readLength, readTag, skipValue, wrongType } from '../protobuf.ts'
import { request, SERIES, SYMBOLS } from './shapes.ts'
import { SymbolTable } from './symbols.ts'
import { SymbolScratch } from './table.ts'

const scratch = new SymbolScratch()

export interface Located {
  readonly symbols: SymbolTable
  /** Number of series. */
  readonly count: number
  readonly unknown: readonly Range[]
}

/**
 * Throws BODY_CORRUPT, also where the first symbol is not "": an absent help or unit would refer to it, in the part of
 * every tenant (2.0 demands it of senders; Mimir refuses the request, Prometheus does not look);
 * DECOMPRESSED_TOO_LARGE over `maxItems`.
 * Without `watch` no symbol is looked at, not even whether the first is empty.
 */
export function locate(bytes: Uint8Array, watch: Watch | undefined, maxItems: number): Located {
  scratch.begin()
  const unknown: Range[] = []
  const end = bytes.length
  let series = 0
  let firstSize = 0
  for (let p = 0; p < end; ) {
    const fieldAt = p
    let tag = bytes[p]!
    let value = p + 1
    // The usual tag takes one byte, as those of symbols and series do.
    if (tag !== SYMBOLS && tag !== SERIES) {
      tag = readTag(bytes, p, end)
      value = cursor.at
    }
    if (tag === SERIES) {
      p = readLength(bytes, value, end)
      series++
    } else if (tag === SYMBOLS) {
      p = readLength(bytes, value, end)
      if (scratch.count === 0) firstSize = p - cursor.at
      scratch.add(cursor.at, p - cursor.at)
    } else {
      if (tag % 8 !== LENGTH && request.fields.has(Math.floor(tag / 8))) throw wrongType(request, tag, fieldAt)
      p = skipValue(bytes, value, end, tag)
      addRange(unknown, fieldAt, p)
    }
    if (series + scratch.count / SYMBOLS_PER_ITEM + unknown.length * ITEMS_PER_RANGE > maxItems) {
      throw new SluiceError(
        'DECOMPRESSED_TOO_LARGE',
        `the body holds more than ${maxItems} series, symbols or other fields`,
      )
    }
  }
  const { start, size } = scratch.finish()
  if (watch !== undefined && firstSize > 0) {
    throw corrupt('the first symbol is not the empty string, as remote write 2 demands', start[0]!)
  }
  return { symbols: new SymbolTable(bytes, start, size, watch), count: series, unknown }
}
