// One line of a configuration as it is shown under a diagnostic: tabs as blanks, secrets masked, nothing that a
// terminal would obey, and cut where nobody would read on. Carets are computed from the same pieces, so they stay
// under what they mark whatever is shown for it.

import type { Span } from '../../config/source-file.ts'

/** Part of a line; `start` and `end` in offsets of the file. */
export interface Piece extends Span {
  readonly shown: string
  /** Whether carets may stand under it: not under tabs, as in Alloy. */
  readonly isMarkable: boolean
}

const secretMask = '(secret)'

const tab = '    '
/** Of a longer line a window is shown, so many UTF-16 units wide. */
const widest = 200
/** Units of it before the first mark. */
const before = 60

/** `secrets` may overlap and lie anywhere in the file. `mark`: offset that must be seen, also where the line is cut. */
export function piecesOfLine(text: string, line: Span, mark: number, secrets: readonly Span[]): readonly Piece[] {
  const from =
    line.end - line.start <= widest ? line.start : Math.max(line.start, Math.min(mark - before, line.end - widest))
  const to = Math.min(line.end, from + widest)
  const masked = secrets.filter((secret) => secret.start < to && secret.end > from)
  const pieces: Piece[] = from > line.start ? [unmarked(from, from, '…')] : []
  for (let at = from; at < to; ) {
    const secret = masked.find(({ start, end }) => start <= at && end > at)
    const char = String.fromCodePoint(text.codePointAt(at) as number)
    const end = secret === undefined ? at + char.length : Math.min(secret.end, to)
    if (secret !== undefined) pieces.push({ start: at, end, shown: secretMask, isMarkable: true })
    else if (char === '\t' || char === '\v') pieces.push(unmarked(at, end, tab))
    else if (char !== '\r') pieces.push({ start: at, end, shown: printable(char), isMarkable: true })
    at = end
  }
  if (to < line.end) pieces.push(unmarked(to, to, '…'))
  return pieces
}

const unmarked = (start: number, end: number, shown: string): Piece => ({ start, end, shown, isMarkable: false })

/** Control characters and halves of surrogate pairs can't be shown, and must not reach a terminal. */
export const printable = (text: string): string => text.replace(/[\0-\x09\x0b-\x1f\x7f-\x9f]|\p{Cs}/gu, '\ufffd')

/** What stands under the pieces: carets from `start` to `end`, blanks (or a line that leads to them) elsewhere. */
export function carets(pieces: readonly Piece[], { start, end }: Span, blank: ' ' | '_'): string {
  const under = pieces.filter((piece) => piece.start < end)
  return under
    .map((piece) => (piece.isMarkable && piece.end > start ? '^' : blank).repeat(Array.from(piece.shown).length))
    .join('')
}
