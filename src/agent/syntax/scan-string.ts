// Strings: in double quotes, on one line, with Go's escapes; raw ones in backticks, over several lines, without.

import { charCode, digitValue } from './characters.ts'
import { type Cursor, endOfText } from './cursor.ts'
import { goCharacter } from './go-quote.ts'

/** The opening quote has been consumed. Ends behind the closing one, or where a string that has none ends. */
export function scanString(cursor: Cursor, quote: number, isRaw: boolean): void {
  const start = cursor.at - 1
  for (;;) {
    const { char } = cursor
    if (char === endOfText || (!isRaw && char === charCode.newline)) {
      cursor.report(start, 'string literal not terminated')
      return
    }
    cursor.advance()
    if (char === quote) return
    if (!isRaw && char === charCode.backslash) scanEscape(cursor)
  }
}

interface Form {
  readonly digits: number
  readonly base: number
  readonly max: number
}

const octal: Form = { digits: 3, base: 8, max: 255 }
const lettered: Readonly<Record<string, Form>> = {
  x: { digits: 2, base: 16, max: 255 },
  u: { digits: 4, base: 16, max: 0x10ffff },
  U: { digits: 8, base: 16, max: 0x10ffff },
}

/** The backslash has been consumed. Where an escape is wrong, the character at fault is left for the string. */
function scanEscape(cursor: Cursor): void {
  const start = cursor.at
  const fail = (message: string): void =>
    cursor.report(start, cursor.char === endOfText ? 'escape sequence not terminated' : message)
  const letter = cursor.char === endOfText ? '' : String.fromCodePoint(cursor.char)
  if (letter !== '' && 'abfnrtv\\"'.includes(letter)) {
    cursor.advance()
    return
  }
  const form = digitValue(cursor.char) < 8 ? octal : lettered[letter]
  if (form === undefined) {
    fail('unknown escape sequence')
    return
  }
  if (form !== octal) cursor.advance()
  let value = 0
  for (let i = 0; i < form.digits; i++) {
    const digit = digitValue(cursor.char)
    if (digit >= form.base) {
      fail(cursor.char === endOfText ? '' : `illegal character ${goCharacter(cursor.char)} in escape sequence`)
      return
    }
    value = value * form.base + digit
    cursor.advance()
  }
  if (value > form.max || (value >= 0xd800 && value < 0xe000)) {
    cursor.report(start, 'escape sequence is invalid Unicode code point')
  }
}
