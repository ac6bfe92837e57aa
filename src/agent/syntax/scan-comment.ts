// Comments, and the question that decides whether the end of a line counts before one: does the line end with it?

import { charCode } from './characters.ts'
import { type Cursor, endOfText } from './cursor.ts'

/** The first slash has been consumed, the cursor is on the second character. Gives the comment without its `\r`. */
export function scanComment(cursor: Cursor): string {
  const start = cursor.at - 1
  const isBlock = cursor.char === charCode.star
  if (!isBlock) skipLine(cursor)
  else if (!skipBlock(cursor)) cursor.report(start, 'block comment not terminated')
  const text = cursor.text.slice(start, cursor.at)
  return text.includes('\r') ? withoutReturns(text, isBlock) : text
}

/**
 * Whether nothing but comments stands between here and the end of the line; a block comment that holds the end of the
 * line counts as one. The first slash of a comment has been consumed; the cursor is left where it was.
 */
export function isLastOfLine(cursor: Cursor): boolean {
  const back = cursor.at
  const isLast = looksAhead(cursor)
  cursor.moveTo(back)
  return isLast
}

function looksAhead(cursor: Cursor): boolean {
  for (;;) {
    const opening = cursor.char
    if (opening === charCode.slash) return true
    if (opening !== charCode.star) return false
    const start = cursor.at
    if (!skipBlock(cursor) || cursor.text.slice(start, cursor.at).includes('\n')) return true
    while (isBlank(cursor.char)) cursor.advance()
    if (cursor.char === endOfText || cursor.char === charCode.newline) return true
    if (cursor.char !== charCode.slash) return false
    cursor.advance()
  }
}

export const isBlank = (char: number): boolean => char === 0x20 || char === 0x09 || char === charCode.carriageReturn

function skipLine(cursor: Cursor): void {
  while (cursor.char !== charCode.newline && cursor.char !== endOfText) cursor.advance()
}

/** From the star behind the opening slash; false: the comment has no end. */
function skipBlock(cursor: Cursor): boolean {
  cursor.advance()
  while (cursor.char !== endOfText) {
    const { char } = cursor
    cursor.advance()
    if (char === charCode.star && cursor.char === charCode.slash) {
      cursor.advance()
      return true
    }
  }
  return false
}

/** A `\r` between a star and a slash stays: without it the comment would end there. */
const withoutReturns = (text: string, isBlock: boolean): string =>
  text.replace(/\r+/g, (run, at: number) =>
    isBlock && at > 2 && text[at - 1] === '*' && text[at + run.length] === '/' ? '\r' : '',
  )
