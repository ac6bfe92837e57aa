// Where printed tokens, whitespace and comments meet. Whitespace waits until the next token, because comments of the
// source that stand before that token come first, and decide by the lines of the source what is around them.

import { type SourceFile, type Span, sourceFile } from '../../config/source-file.ts'
import { Columns } from './align-columns.ts'
import type { Comment, File } from './ast.ts'

/** Column: what is aligned starts here. Break: the columns go on below; `section`: they do not. */
export type Space = 'blank' | 'column' | 'break' | 'section' | 'indent' | 'unindent'

/** More than one empty line is never kept. */
const mostBreaks = 2

export class PrintWriter {
  readonly #columns = new Columns()
  readonly #source: SourceFile
  readonly #comments: readonly Comment[]
  #nextComment = 0
  #waiting: Space[] = []
  #indent = 0
  /** Line of the source on which what was last written ends. */
  #lastLine = 0
  #isEmpty = true

  constructor(file: File) {
    this.#source = sourceFile(file.name, file.text)
    this.#comments = file.comments.flat()
  }

  lineOf(offset: number): number {
    return this.#source.lineAt(offset).number
  }

  textOf({ start, end }: Span): string {
    return this.#source.text.slice(start, end)
  }

  /** Lines that a part takes when printed. */
  linesOf(print: () => void): number {
    const before = this.#columns.breaks
    print()
    return this.#columns.breaks - before + 1
  }

  space(...spaces: readonly Space[]): void {
    this.#waiting.push(...spaces)
  }

  /** A token whose place in the source isn't known, or doesn't matter: comments wait for the next one. */
  sign(text: string): void {
    this.#writeWaiting(this.#waiting.length)
    this.#text(text)
  }

  /**
   * The token of the source at an offset, after the comments before it. `end` is given where comments may stand inside
   * of it, as in the name of a block; they come before it, too.
   */
  token(text: string, at: number, end?: number): void {
    const line = this.lineOf(end === undefined ? at : end - 1)
    const before = this.#nextComment
    while ((this.#comments[this.#nextComment]?.start ?? Infinity) < (end ?? at)) this.#comment(line)
    if (this.#nextComment > before) this.#leaveComment(line)
    this.sign(text)
    this.#lastLine = this.lineOf((end ?? at + text.length) - 1)
  }

  finish(): string {
    while (this.#nextComment < this.#comments.length) this.#comment(Infinity)
    return `${this.#columns.finish()}\n`
  }

  #comment(nextLine: number): void {
    const comment = this.#comments[this.#nextComment++] as Comment
    const line = this.lineOf(comment.start)
    if (!this.#isEmpty) this.#beforeComment(line, nextLine)
    this.#startLine()
    this.#columns.text(comment.text)
    this.#isEmpty = false
    this.#lastLine = this.lineOf(comment.end)
  }

  #beforeComment(line: number, nextLine: number): void {
    if (line === this.#lastLine) {
      if (line === nextLine) this.#blank()
      else this.#endCell()
      return
    }
    const first = this.#waiting.findIndex((space) => space !== 'indent' && space !== 'unindent')
    if (first >= 0) {
      this.#waiting.splice(first, 1)
      this.#writeWaiting(first)
    }
    this.#breaks(line - this.#lastLine, true)
  }

  /** What waits gives way to the lines of the source; only its indentation counts. */
  #leaveComment(nextLine: number): void {
    const comment = this.#comments[this.#nextComment - 1] as Comment
    if (comment.text.startsWith('/*') && nextLine === this.#lastLine) this.#blank()
    const endsSection = this.#waiting.includes('section')
    this.#waiting = this.#waiting.filter((space) => space === 'indent' || space === 'unindent')
    this.#writeWaiting(this.#waiting.length)
    this.#breaks(nextLine - this.#lastLine, endsSection)
  }

  #breaks(count: number, isSection: boolean): void {
    for (let i = 0; i < Math.min(count, mostBreaks); i++) this.#columns.endLine(isSection)
  }

  #writeWaiting(count: number): void {
    for (const space of this.#waiting.splice(0, count)) {
      if (space === 'indent') this.#indent++
      else if (space === 'unindent') this.#indent--
      else if (space === 'blank') this.#blank()
      else if (space === 'column') this.#endCell()
      else this.#columns.endLine(space === 'section')
    }
  }

  #text(text: string): void {
    this.#startLine()
    const lines = text.split('\n')
    lines.forEach((line, i) => {
      if (i > 0) this.#columns.endLine(false)
      this.#columns.text(line)
    })
    this.#isEmpty = false
  }

  #blank(): void {
    this.#startLine()
    this.#columns.blank()
  }

  #endCell(): void {
    this.#startLine()
    this.#columns.endCell()
  }

  #startLine(): void {
    if (!this.#columns.isLineEmpty) return
    for (let i = 0; i < this.#indent; i++) this.#columns.endCell()
  }
}
