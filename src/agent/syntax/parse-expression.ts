// Expressions. Each rule is a method; recursion is bounded, and a height is kept beside what is built iteratively, so
// that no chain of operators makes a tree that is deeper than allowed.

import type { Span } from '../../config/source-file.ts'
import type { BinaryOperator, Expression, Identifier, Literal, ObjectField, Unary } from './ast.ts'
import { precedence, type Token, type TokenKind } from './token.ts'
import type { TokenStream } from './token-stream.ts'

const literalType: Readonly<Partial<Record<TokenKind, Literal['type']>>> = {
  NUMBER: 'number',
  FLOAT: 'float',
  STRING: 'string',
  BOOL: 'bool',
  NULL: 'null',
}

export class ExpressionParser {
  readonly #tokens: TokenStream
  /** Reads the statements of a block up to its brace, so that a block in place of a value can be refused as one. */
  readonly #skipBody: () => void
  /** Height of the tree that the last method returned. */
  #height = 0

  constructor(tokens: TokenStream, skipBody: () => void) {
    this.#tokens = tokens
    this.#skipBody = skipBody
  }

  expression(): Expression {
    const tokens = this.#tokens
    const expression = tokens.enter() ? this.#binary(1) : this.#missing()
    tokens.leave()
    return expression
  }

  #binary(loosest: number): Expression {
    let left = this.#power()
    for (;;) {
      const level = precedence.get(this.#tokens.token.kind) ?? 0
      if (level < loosest) return left
      left = this.#operation(left, () => this.#binary(level + 1))
    }
  }

  /** `^` is the one operator that associates to the right. */
  #power(): Expression {
    const left = this.#unary()
    if (this.#tokens.token.kind !== '^') return left
    return this.#operation(left, () => this.#nested(() => this.#power()))
  }

  #operation(left: Expression, operand: () => Expression): Expression {
    const { token } = this.#tokens
    const height = this.#height
    this.#tokens.next()
    const right = operand()
    this.#grow(Math.max(height, this.#height))
    const operator = token.kind as BinaryOperator
    return { kind: 'binary', operator, operatorAt: token.start, left, right, start: left.start, end: right.end }
  }

  #unary(): Expression {
    const { token } = this.#tokens
    if (token.kind !== '!' && token.kind !== '-') return this.#chain(this.#primary())
    this.#tokens.next()
    const operand = this.#nested(() => this.#unary())
    this.#grow(this.#height)
    return { kind: 'unary', operator: token.kind as Unary['operator'], operand, start: token.start, end: operand.end }
  }

  #nested(parse: () => Expression): Expression {
    const expression = this.#tokens.enter() ? parse() : this.#missing()
    this.#tokens.leave()
    return expression
  }

  #grow(height: number): void {
    this.#height = height + 1
    this.#tokens.checkDepth(this.#height)
  }

  /** What follows a value: `.name`, `[index]`, `(arguments)`. */
  #chain(head: Expression): Expression {
    const tokens = this.#tokens
    let of = head
    for (;;) {
      const height = this.#height
      const { kind } = tokens.token
      if (kind === '.') {
        tokens.next()
        const name = identifierOf(tokens.expect('IDENT'))
        of = { kind: 'access', of, name, start: of.start, end: tokens.lastEnd }
      } else if (kind === '[') {
        tokens.next()
        const index = this.expression()
        tokens.expect(']')
        of = { kind: 'index', of, index, start: of.start, end: tokens.lastEnd }
      } else if (kind === '(') {
        const args = this.#list(')')
        of = { kind: 'call', of, args, start: of.start, end: tokens.lastEnd }
      } else if (kind === 'STRING' || kind === '{') {
        if (!this.#refuseBlock(of)) return of
        continue
      } else {
        return of
      }
      this.#grow(Math.max(height, kind === '.' ? 0 : this.#height))
    }
  }

  /** Somebody may have written a block where a value belongs: if it can be read as one, that is what is said. */
  #refuseBlock(of: Span): boolean {
    const tokens = this.#tokens
    const height = this.#height
    if (tokens.token.kind === 'STRING') tokens.next()
    const isBlock = tokens.expect('{').kind === '{'
    if (isBlock && tokens.enter()) this.#skipBody()
    if (isBlock) tokens.leave()
    this.#height = height
    if (!isBlock || tokens.expect('}').kind !== '}') {
      tokens.skipStatement()
      return false
    }
    tokens.errorAt({ start: of.start, end: tokens.lastEnd }, 'cannot use a block as an expression')
    return true
  }

  #primary(): Expression {
    const tokens = this.#tokens
    const { token } = tokens
    const { start } = token
    const type = literalType[token.kind]
    this.#height = 0
    if (type !== undefined) {
      tokens.next()
      return { kind: 'literal', type, text: token.text, start, end: token.end }
    }
    if (token.kind === 'IDENT') {
      tokens.next()
      return { kind: 'reference', name: token.text, start, end: token.end }
    }
    if (token.kind === '(') {
      tokens.next()
      const inner = this.expression()
      tokens.expect(')')
      this.#grow(this.#height)
      return { kind: 'parentheses', inner, start, end: tokens.lastEnd }
    }
    if (token.kind === '[') {
      const elements = this.#list(']')
      this.#grow(this.#height)
      return { kind: 'array', elements, start, end: tokens.lastEnd }
    }
    if (token.kind === '{') {
      const fields = this.#fields()
      this.#grow(this.#height)
      return { kind: 'object', fields, start, end: tokens.lastEnd }
    }
    tokens.error(`expected expression, got ${token.kind}`)
    const missing = this.#missing()
    tokens.skipTo('TERMINATOR', ')', '}', ']', ',')
    return missing
  }

  /** Stands for what could not be read. */
  #missing(): Literal {
    const { start } = this.#tokens.token
    return { kind: 'literal', type: 'null', text: 'null', start, end: start }
  }

  /** From the opening bracket to the closing one; leaves the height of the highest element. */
  #list(close: ')' | ']'): readonly Expression[] {
    const tokens = this.#tokens
    const elements: Expression[] = []
    let height = 0
    tokens.next()
    while (tokens.token.kind !== close && tokens.token.kind !== 'EOF') {
      elements.push(this.expression())
      height = Math.max(height, this.#height)
      if (!this.#separated(close, 'expression list')) break
    }
    tokens.expect(close)
    this.#height = height
    return elements
  }

  #fields(): readonly ObjectField[] {
    const tokens = this.#tokens
    const fields: ObjectField[] = []
    let height = 0
    tokens.next()
    // `{]` lacks a brace, and no field.
    const isClosed = tokens.token.kind === ']'
    while (!isClosed && tokens.token.kind !== '}' && tokens.token.kind !== 'EOF') {
      fields.push(this.#field())
      height = Math.max(height, this.#height)
      if (!this.#separated('}', 'field list')) break
    }
    tokens.expect('}')
    this.#height = height
    return fields
  }

  /** False at the end of the list. A missing comma may only be missing before it, and on the same line. */
  #separated(close: TokenKind, list: string): boolean {
    const tokens = this.#tokens
    if (tokens.token.kind === close) return false
    if (tokens.token.kind !== ',') tokens.error(`missing ',' in ${list}`)
    tokens.next()
    return true
  }

  #field(): ObjectField {
    const tokens = this.#tokens
    const { token } = tokens
    if (token.kind === 'STRING' || token.kind === 'IDENT') {
      tokens.next()
    } else {
      tokens.error(`expected field name (string or identifier), got ${token.kind}`)
      tokens.skipTo('=')
    }
    tokens.expect('=')
    const isQuoted = token.kind === 'STRING' && token.text.length > 2
    const key = isQuoted ? { ...identifierOf(token), name: token.text.slice(1, -1) } : identifierOf(token)
    return { key, isQuoted, value: this.expression() }
  }
}

const identifierOf = ({ text, start, end }: Token): Identifier => ({ name: text, start, end })
