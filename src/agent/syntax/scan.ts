// Tokens of a text, comments among them. The end of a line is a token, TERMINATOR, where a statement may end there.
// Every text is read to its end; what is wrong is reported, and the token is the likeliest one.

import { charCode, isDecimal, isDigit, isLetter } from './characters.ts'
import { Cursor, endOfText, type Report } from './cursor.ts'
import { goCharacter } from './go-quote.ts'
import { isBlank, isLastOfLine, scanComment } from './scan-comment.ts'
import { scanString } from './scan-string.ts'
import { endsStatement, hasText, type Token, type TokenKind, wordKind } from './token.ts'

const single = new Set<number>(Array.from('+-*/%^{}()[],.', (char) => char.charCodeAt(0)))
/** Become another operator with `=` behind them. */
const withEquals = new Set<number>(Array.from('!=<>', (char) => char.charCodeAt(0)))

const code = (char: string): number => char.charCodeAt(0)

export class Scanner {
  readonly #cursor: Cursor
  /** The end of this line ends a statement. */
  #endsHere = false

  constructor(text: string, report: Report) {
    this.#cursor = new Cursor(text, report)
  }

  /** After the last token EOF, as often as asked. */
  next(): Token {
    const cursor = this.#cursor
    while (isBlank(cursor.char) || (cursor.char === charCode.newline && !this.#endsHere)) cursor.advance()
    const start = cursor.at
    const kind = this.#scan()
    if (kind !== 'ILLEGAL') this.#endsHere = endsStatement.has(kind)
    const end = kind === 'TERMINATOR' ? start : cursor.at
    return { kind, text: hasText.has(kind) ? this.#textOf(kind, start) : '', start, end }
  }

  #comment = ''

  #textOf(kind: TokenKind, start: number): string {
    return kind === 'COMMENT' ? this.#comment : this.#cursor.text.slice(start, this.#cursor.at)
  }

  #scan(): TokenKind {
    const cursor = this.#cursor
    const { char } = cursor
    if (isLetter(char)) return this.#word()
    if (isDecimal(char) || (char === code('.') && cursor.isDecimalNext())) return this.#number()
    if (char === endOfText) return this.#endsHere ? 'TERMINATOR' : 'EOF'
    cursor.advance()
    switch (char) {
      case charCode.newline:
        return 'TERMINATOR'
      case code('"'):
        scanString(cursor, char, false)
        return 'STRING'
      case code('`'):
        scanString(cursor, char, true)
        return 'STRING'
      case code("'"):
        cursor.report(cursor.at - 1, 'illegal single-quoted string; use double quotes')
        scanString(cursor, char, false)
        this.#endsHere = true
        return 'ILLEGAL'
      case code('|'):
      case code('&'):
        return this.#doubled(char)
      case charCode.slash:
        if (cursor.char === charCode.slash || cursor.char === charCode.star) return this.#commentOrEnd()
        return '/'
    }
    if (withEquals.has(char)) return this.#maybeEquals(char)
    if (single.has(char)) return String.fromCharCode(char) as TokenKind
    this.#illegal(char)
    return 'ILLEGAL'
  }

  #word(): TokenKind {
    const cursor = this.#cursor
    const start = cursor.at
    while (isLetter(cursor.char) || isDigit(cursor.char)) cursor.advance()
    return wordKind(cursor.text.slice(start, cursor.at))
  }

  #number(): TokenKind {
    const cursor = this.#cursor
    const start = cursor.at
    let kind: TokenKind = 'NUMBER'
    this.#digits()
    if (cursor.char === code('.')) {
      kind = 'FLOAT'
      cursor.advance()
      this.#digits()
    }
    if ((cursor.char | 0x20) === code('e')) {
      kind = 'FLOAT'
      cursor.advance()
      if (cursor.char === code('+') || cursor.char === code('-')) cursor.advance()
      if (this.#digits() === 0) cursor.report(start, 'exponent has no digits')
    }
    return kind
  }

  #digits(): number {
    const start = this.#cursor.at
    while (isDecimal(this.#cursor.char)) this.#cursor.advance()
    return this.#cursor.at - start
  }

  /** `|` and `&` stand for `||` and `&&`. */
  #doubled(char: number): TokenKind {
    const sign = String.fromCharCode(char)
    const kind = sign === '|' ? '||' : '&&'
    if (this.#cursor.char === char) this.#cursor.advance()
    else this.#cursor.report(this.#cursor.at, `missing second ${sign} in ${kind}`)
    return kind
  }

  #maybeEquals(char: number): TokenKind {
    const sign = String.fromCharCode(char)
    if (this.#cursor.char !== code('=')) return sign as TokenKind
    this.#cursor.advance()
    return `${sign}=` as TokenKind
  }

  /** The statement ends before a comment that the line ends with. */
  #commentOrEnd(): TokenKind {
    const cursor = this.#cursor
    if (this.#endsHere && isLastOfLine(cursor)) {
      cursor.moveTo(cursor.at - 1)
      return 'TERMINATOR'
    }
    this.#comment = scanComment(cursor)
    return 'COMMENT'
  }

  /** Of a byte order mark the cursor has said so already. */
  #illegal(char: number): void {
    if (char === charCode.byteOrderMark) return
    const start = this.#cursor.at - (char > 0xffff ? 2 : 1)
    this.#cursor.report(start, `illegal character ${goCharacter(char)}`)
  }
}

/** Whether a text is one identifier and nothing else, as names of attributes and labels of blocks must be. */
export function isIdentifier(text: string): boolean {
  const token = new Scanner(text, () => {}).next()
  return token.kind === 'IDENT' && token.text === text
}
