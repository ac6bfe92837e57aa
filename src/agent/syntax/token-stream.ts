// What the parser reads from: tokens one ahead, comments put aside in groups, errors at most one a line, and the ways to
// skip what can't be understood.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { Span } from '../../config/source-file.ts'
import type { Comment, CommentGroup } from './ast.ts'
import { Problems } from './problems.ts'
import { Scanner } from './scan.ts'
import type { Token, TokenKind } from './token.ts'

/**
 * How deep blocks and expressions may nest, counted as the deepest path through the tree: nobody writes so, and whoever
 * walks a tree can do it by recursion.
 */
export const deepest = 300

export class TokenStream {
  /** Not yet consumed. */
  token: Token
  /** Where the last consumed token ends. */
  lastEnd = 0
  readonly comments: CommentGroup[] = []
  readonly #problems: Problems
  readonly #scanner: Scanner
  #lastErrorLine = 0
  #depth = 0
  #isStopped = false

  constructor(name: string, text: string) {
    this.#problems = new Problems(name, text)
    this.#scanner = new Scanner(text, (start, message) => this.#problems.add({ start }, message))
    this.token = this.#scanner.next()
    this.#collectComments()
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#problems.found
  }

  next(): void {
    this.lastEnd = this.token.end
    if (this.#isStopped) return
    if (this.#problems.isFull) {
      this.#stop()
      return
    }
    this.token = this.#scanner.next()
    this.#collectComments()
  }

  /** Consumes a token, whatever it is; an error if it is another than `kind`. */
  expect(kind: TokenKind): Token {
    const { token } = this
    if (token.kind !== kind) this.error(`expected ${kind}, got ${token.kind}`)
    this.next()
    return token
  }

  /** At the current token, unless the last such error was on the same line. */
  error(message: string): void {
    if (this.#isStopped) return
    const line = this.#problems.lineOf(this.token.start)
    if (line === this.#lastErrorLine) return
    this.#lastErrorLine = line
    this.#problems.add({ start: this.token.start }, message)
  }

  errorAt(span: Span, message: string): void {
    if (!this.#isStopped) this.#problems.add(span, message)
  }

  /** Whether one level more may be entered; `leave` undoes it. Beyond the deepest nothing more is read. */
  enter(): boolean {
    this.#depth++
    return this.checkDepth(this.#depth)
  }

  leave(): void {
    this.#depth--
  }

  checkDepth(depth: number): boolean {
    if (depth <= deepest) return true
    this.errorAt(
      { start: this.token.start, end: this.token.start + 1 },
      `nested more than ${deepest} levels deep; the rest of the file was not read`,
    )
    this.#stop()
    return false
  }

  /** Up to one of these, or to the end. */
  skipTo(...kinds: readonly TokenKind[]): void {
    while (this.token.kind !== 'EOF' && !kinds.includes(this.token.kind)) this.next()
  }

  /** Up to the end of the statement, past brackets that are opened on the way. */
  skipStatement(): void {
    const open = { curly: 0, square: 0, round: 0 }
    for (; this.token.kind !== 'EOF'; this.next()) {
      const { kind } = this.token
      if (kind === '{') open.curly++
      else if (kind === '}') open.curly--
      else if (kind === '[') open.square++
      else if (kind === ']') open.square--
      else if (kind === '(') open.round++
      else if (kind === ')') open.round--
      else if (kind === 'TERMINATOR' && open.curly <= 0 && open.square <= 0 && open.round <= 0) return
    }
  }

  #stop(): void {
    this.#isStopped = true
    const end = this.#problems.source.text.length
    this.token = { kind: 'EOF', text: '', start: end, end }
  }

  #collectComments(): void {
    while (this.token.kind === 'COMMENT') {
      const group: Comment[] = []
      let line = this.#problems.lineOf(this.token.start)
      while (this.token.kind === 'COMMENT' && this.#problems.lineOf(this.token.start) <= line + 1) {
        const { text, start, end } = this.token
        group.push({ text, start, end })
        line = this.#problems.lineOf(end)
        this.token = this.#scanner.next()
      }
      this.comments.push(group)
    }
  }
}
