// The tokens of Alloy's configuration language. A kind is called as Alloy's error texts call it.

import type { Span } from '../../config/source-file.ts'
import type { BinaryOperator } from './ast.ts'

const literals = ['NUMBER', 'FLOAT', 'STRING', 'BOOL', 'NULL'] as const

export type LiteralKind = (typeof literals)[number]

export type TokenKind =
  | 'ILLEGAL'
  | 'EOF'
  | 'COMMENT'
  | 'IDENT'
  | LiteralKind
  | BinaryOperator
  | '!'
  | '='
  | '{'
  | '}'
  | '('
  | ')'
  | '['
  | ']'
  | ','
  | '.'
  | 'TERMINATOR'

/** `text` of names, literals and comments is what stands in the file; of the rest it is ''. */
export interface Token extends Span {
  readonly kind: TokenKind
  readonly text: string
}

/** From 1, the loosest; all but `^` associate to the left. */
export const precedence: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ['||', 1],
  ['&&', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 3],
  ['<=', 3],
  ['>', 3],
  ['>=', 3],
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['^', 6],
])

/** What a word is: names that are values by themselves are no identifiers. */
export function wordKind(word: string): TokenKind {
  if (word === 'true' || word === 'false') return 'BOOL'
  return word === 'null' ? 'NULL' : 'IDENT'
}

/** Where the end of a line ends the statement: after what can end an expression or a block. */
export const endsStatement: ReadonlySet<TokenKind> = new Set<TokenKind>(['IDENT', ...literals, ')', ']', '}'])

/** Those whose tokens have a text. */
export const hasText: ReadonlySet<TokenKind> = new Set<TokenKind>(['ILLEGAL', 'COMMENT', 'IDENT', ...literals])
