// Collects what is wrong with a text as diagnostics. However many there are and however long the lines, finding a
// place costs no more than a search; their number is bounded.

import type { Diagnostic } from '../../config/diagnostics.ts'
import { type SourceFile, type Span, sourceFile } from '../../config/source-file.ts'

/** More than these of one file help nobody; reading stops there. */
export const mostProblems = 1000

export class Problems {
  readonly source: SourceFile
  readonly #found: Diagnostic[] = []
  /** Offsets of characters that take two UTF-16 units, so that columns can be counted in characters. */
  readonly #wide: readonly number[]

  constructor(name: string, text: string) {
    this.source = sourceFile(name, text)
    this.#wide = Array.from(text.matchAll(/[\u{10000}-\u{10ffff}]/gu), (match) => match.index)
  }

  get found(): readonly Diagnostic[] {
    return this.#found
  }

  get isFull(): boolean {
    return this.#found.length > mostProblems
  }

  /** Without an end: one character. */
  add(span: { readonly start: number; readonly end?: number }, message: string, hint?: string): void {
    if (this.isFull) return
    const { start, end = start + 1 } = span
    const whole = this.#found.length === mostProblems ? 'too many errors; the rest of the file was not read' : message
    this.#found.push({
      severity: 'error',
      message: whole,
      ...(hint === undefined || whole !== message ? {} : { hint }),
      ...this.#position({ start, end }),
    })
  }

  lineOf(offset: number): number {
    return this.source.lineAt(offset).number
  }

  #position(span: Span): { file: string; line: number; col: number; span: Span } {
    const line = this.source.lineAt(span.start)
    const col = span.start - line.span.start - (this.#wideBefore(span.start) - this.#wideBefore(line.span.start)) + 1
    return { file: this.source.name, line: line.number, col, span }
  }

  #wideBefore(offset: number): number {
    let low = 0
    let high = this.#wide.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#wide[middle] as number) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
