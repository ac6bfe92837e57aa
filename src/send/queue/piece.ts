// What goes into one request: a batch, or after a refusal a piece of one, and whose series are in it.

import type { Codec } from '../../wire/codec.ts'
import { type Cut, cutBody } from '../../wire/cut.ts'
import { added, type Written } from '../../wire/v2/written.ts'
import type { Ticket } from './ticket.ts'

/** So many series of one part. Without a ticket nobody waits for them. */
export interface Span {
  readonly ticket: Ticket | undefined
  readonly series: number
  /** What they hold; there for parts that came as remote write 2, where somebody waits for them. */
  readonly written?: Written | undefined
}

export interface Piece {
  readonly codec: Codec
  readonly body: Uint8Array
  readonly series: number
  readonly samples: number
  /** In the order of the body. */
  readonly spans: readonly Span[]
}

/** What its spans hold; undefined where none says. */
export function contentsOfPiece({ spans }: Piece): Written | undefined {
  return spans.reduce<Written | undefined>((sum, { written }) => added(sum, written), undefined)
}

/** A piece for each part that it was merged of. */
export function asParts(piece: Piece): Piece[] {
  const { codec, body, spans } = piece
  const cuts = cutBody(
    codec,
    body,
    spans.map(({ series }) => series),
  )
  return cuts.map((cut, k) => ({ ...piece, ...sized(cut), series: spans[k]!.series, spans: [spans[k]!] }))
}

/** Two halves, of one series more or less. */
export function asHalves(piece: Piece): Piece[] {
  const first = piece.series >> 1
  const sizes = [first, piece.series - first]
  const spans = divide(piece.spans, first)
  return cutBody(piece.codec, piece.body, sizes).map((cut, k) => ({
    ...piece,
    ...sized(cut),
    series: sizes[k]!,
    spans: counted(spans[k]!, cut),
  }))
}

const sized = ({ body, samples }: Cut): Pick<Piece, 'body' | 'samples'> => ({ body, samples })

/** One of them may be a piece of what it was. */
function counted(spans: readonly Span[], { contents }: Cut): Span[] {
  let at = 0
  return spans.map((span) => {
    const from = at
    at += span.series
    return span.written === undefined ? span : { ...span, written: contents(from, span.series) }
  })
}

/** The spans of the first `series` series, and those of the rest. */
function divide(spans: readonly Span[], series: number): [Span[], Span[]] {
  const before: Span[] = []
  const after: Span[] = []
  let left = series
  for (const span of spans) {
    const mine = Math.min(left, span.series)
    if (mine > 0) before.push({ ...span, series: mine })
    if (span.series > mine) after.push({ ...span, series: span.series - mine })
    left -= mine
  }
  return [before, after]
}
