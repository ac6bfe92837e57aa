// What goes into one request: a batch, or after a refusal a piece of one, and whose series are in it.

import type { Codec } from '../../wire/codec.ts'
import { cutBody } from '../../wire/cut.ts'
import type { Ticket } from './ticket.ts'

/** So many series of one part. Without a ticket nobody waits for them. */
export interface Span {
  readonly ticket: Ticket | undefined
  readonly series: number
}

export interface Piece {
  readonly body: Uint8Array
  readonly series: number
  readonly samples: number
  /** In the order of the body. */
  readonly spans: readonly Span[]
}

/** A piece for each part that it was merged of. */
export function asParts(codec: Codec, piece: Piece): Piece[] {
  const cuts = cutBody(
    codec,
    piece.body,
    piece.spans.map(({ series }) => series),
  )
  return cuts.map((cut, k) => ({ ...cut, series: piece.spans[k]!.series, spans: [piece.spans[k]!] }))
}

/** Two halves, of one series more or less. */
export function asHalves(codec: Codec, piece: Piece): Piece[] {
  const first = piece.series >> 1
  const sizes = [first, piece.series - first]
  const spans = divide(piece.spans, first)
  return cutBody(codec, piece.body, sizes).map((cut, k) => ({ ...cut, series: sizes[k]!, spans: spans[k]! }))
}

/** The spans of the first `series` series, and those of the rest. */
function divide(spans: readonly Span[], series: number): [Span[], Span[]] {
  const before: Span[] = []
  const after: Span[] = []
  let left = series
  for (const { ticket, series: size } of spans) {
    const mine = Math.min(left, size)
    if (mine > 0) before.push({ ticket, series: mine })
    if (size > mine) after.push({ ticket, series: size - mine })
    left -= mine
  }
  return [before, after]
}
