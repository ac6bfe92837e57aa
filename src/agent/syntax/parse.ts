// Files and expressions in Alloy's configuration language, read whatever they hold: nothing throws, every error that can
// be told is told, with Alloy's texts and at Alloy's places, and the tree holds what could be understood.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { Span } from '../../config/source-file.ts'
import type { Attribute, Block, Body, Expression, File, Statement } from './ast.ts'
import { goQuoted } from './go-quote.ts'
import { ExpressionParser } from './parse-expression.ts'
import { isIdentifier } from './scan.ts'
import type { Token } from './token.ts'
import { TokenStream } from './token-stream.ts'

/**
 * Reads a file. With diagnostics the tree is not whole and must not run. `text` as `textOfBytes` decodes it, so that
 * bytes that are not UTF-8 are reported in place. Time and memory grow with the text's length; nesting is bounded.
 */
export function parseFile(name: string, text: string): { file: File; diagnostics: readonly Diagnostic[] } {
  const tokens = new TokenStream(name, text)
  const body = new StatementParser(tokens).body('EOF')
  return { file: { name, text, body, comments: tokens.comments }, diagnostics: tokens.diagnostics }
}

/** Reads one expression, which must be all there is; with diagnostics there is none. Their `file` is ''. */
export function parseExpression(text: string): { expression?: Expression; diagnostics: readonly Diagnostic[] } {
  const tokens = new TokenStream('', text)
  const expression = new StatementParser(tokens).expressions.expression()
  tokens.expect('TERMINATOR')
  const { diagnostics } = tokens
  return diagnostics.length > 0 ? { diagnostics } : { expression, diagnostics }
}

/** What opens a statement, before it is known which kind it is. */
interface Head {
  readonly names: readonly string[]
  readonly nameSpan: Span
  readonly first: Token
  readonly label: string | undefined
  readonly labelSpan: Span | undefined
}

class StatementParser {
  readonly expressions: ExpressionParser
  readonly #tokens: TokenStream

  constructor(tokens: TokenStream) {
    this.#tokens = tokens
    this.expressions = new ExpressionParser(tokens, () => this.body('}'))
  }

  /** Up to what ends it, which is not consumed, or to the end of the file. */
  body(until: '}' | 'EOF'): Body {
    const tokens = this.#tokens
    const body: Statement[] = []
    while (tokens.token.kind !== until && tokens.token.kind !== 'EOF') {
      const statement = this.#statement()
      if (statement !== undefined) body.push(statement)
      const { kind } = tokens.token as Token
      if (kind === until) break
      if (kind !== 'TERMINATOR') {
        tokens.error(`expected TERMINATOR, got ${kind}`)
        tokens.skipStatement()
      }
      tokens.next()
    }
    return body
  }

  #statement(): Statement | undefined {
    const tokens = this.#tokens
    const head = this.#head()
    if (head !== undefined) {
      if (tokens.token.kind === '=') return this.#attribute(head)
      if (tokens.token.kind === '{') return this.#block(head)
      const mayBeAttribute = head.names.length === 1 && head.label === undefined
      const expected = mayBeAttribute ? 'attribute assignment or block body' : 'block body'
      tokens.error(`expected ${expected}, got ${tokens.token.kind}`)
    }
    tokens.skipTo('IDENT')
    return undefined
  }

  #head(): Head | undefined {
    const tokens = this.#tokens
    const first = tokens.token
    if (first.kind !== 'IDENT') {
      tokens.error(`expected identifier, got ${first.kind}`)
      return undefined
    }
    const names = [first.text]
    tokens.next()
    while (tokens.token.kind === '.') {
      tokens.next()
      const { kind, text } = tokens.token as Token
      if (kind !== 'IDENT') tokens.error(`expected identifier, got ${kind}`)
      names.push(text)
      tokens.next()
    }
    const nameSpan = { start: first.start, end: tokens.lastEnd }
    return { names, nameSpan, first, ...this.#label() }
  }

  #label(): Pick<Head, 'label' | 'labelSpan'> {
    const tokens = this.#tokens
    const { token } = tokens
    const none = { label: undefined, labelSpan: undefined }
    if (token.kind === '=' || token.kind === '{') return none
    if (token.kind !== 'STRING') tokens.error(`expected block label, got ${token.kind}`)
    else if (!token.text.startsWith('"')) {
      tokens.error(`expected block label to be a double quoted string, but got ${goQuoted(token.text)}`)
    }
    const label = token.kind === 'STRING' && token.text.length > 2 ? token.text.slice(1, -1) : undefined
    if (label !== undefined && !isIdentifier(label)) {
      tokens.error(`expected block label to be a valid identifier, but got ${goQuoted(label)}`)
    }
    tokens.next()
    return token.kind === 'STRING' ? { label, labelSpan: { start: token.start, end: token.end } } : none
  }

  #attribute({ names, nameSpan, first, labelSpan }: Head): Attribute {
    const tokens = this.#tokens
    tokens.next()
    if (names.length > 1) {
      tokens.errorAt(nameSpan, 'attribute names may only consist of a single identifier with no "."')
    } else if (labelSpan !== undefined) {
      tokens.errorAt(labelSpan, 'attribute names may not have labels')
    }
    const name = { name: first.text, start: first.start, end: first.end }
    const value = this.expressions.expression()
    return { kind: 'attribute', name, value, start: first.start, end: value.end }
  }

  #block({ names, nameSpan, first, label, labelSpan }: Head): Block {
    const tokens = this.#tokens
    const open = tokens.token.start
    tokens.next()
    const body = tokens.enter() ? this.body('}') : []
    tokens.leave()
    const close = tokens.expect('}').start
    const end = Math.max(tokens.lastEnd, close)
    return { kind: 'block', name: names, nameSpan, label, labelSpan, body, open, close, start: first.start, end }
  }
}
