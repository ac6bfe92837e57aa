// Walks a text character by character for the scanner, and reports characters that no configuration may hold. A
// character is reported once, however often it is looked at.

import { charCode, isDecimal } from './characters.ts'

/** `at`: UTF-16 offset. */
export type Report = (at: number, message: string) => void

export const endOfText = -1

export class Cursor {
  readonly text: string
  /** Code point at `at`; `endOfText` behind the last. */
  char = endOfText
  at = 0
  #next = 0
  #seen = -1
  readonly #report: Report

  /** A byte order mark in front is skipped. */
  constructor(text: string, report: Report) {
    this.text = text
    this.#report = report
    this.advance()
    if (this.char === charCode.byteOrderMark) this.advance()
  }

  report(at: number, message: string): void {
    this.#report(at, message)
  }

  /** Back to an offset that was already passed. */
  moveTo(at: number): void {
    this.#next = at
    this.advance()
  }

  advance(): void {
    this.at = this.#next
    const char = this.text.codePointAt(this.at)
    if (char === undefined) {
      this.char = endOfText
      return
    }
    this.#next = this.at + (char > 0xffff ? 2 : 1)
    this.char = isSurrogate(char) ? charCode.replacement : char
    if (this.at > this.#seen) this.#check(char)
  }

  isDecimalNext(): boolean {
    return isDecimal(this.text.charCodeAt(this.#next))
  }

  #check(char: number): void {
    this.#seen = this.at
    if (char === 0) this.report(this.at, 'illegal character NUL')
    else if (isSurrogate(char)) this.report(this.at, 'illegal UTF-8 encoding')
    else if (char === charCode.byteOrderMark && this.at > 0) this.report(this.at, 'illegal byte order mark')
  }
}

/** Half of a pair, alone: what `textOfBytes` makes of bytes that are not UTF-8. */
const isSurrogate = (char: number): boolean => char >= 0xd800 && char <= 0xdfff
