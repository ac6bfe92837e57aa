// Where in an expression texts are written out, so that those of secrets can be kept out of what people read.

import type { Span } from '../../config/source-file.ts'
import type { Expression, Literal } from '../syntax/ast.ts'

/** The texts between the quotes, wherever in the expression. */
export const literalTexts = (expression: Expression): readonly Span[] =>
  literals(expression).map(({ start, end }) => ({ start: start + 1, end: end - 1 }))

/** A message about an expression that may hold a secret: without any of its texts. */
export function withoutTexts(message: string, expression: Expression): string {
  const texts = literals(expression).map(({ text }) => text.slice(1, -1))
  if (!texts.some((text) => text !== '' && message.includes(text))) return message
  return 'this expression has no value; why is not shown, since it may be secret'
}

function literals(expression: Expression): readonly Literal[] {
  switch (expression.kind) {
    case 'literal':
      return expression.type === 'string' ? [expression] : []
    case 'reference':
      return []
    case 'array':
      return expression.elements.flatMap(literals)
    case 'object':
      return expression.fields.flatMap(({ value }) => literals(value))
    case 'access':
      return literals(expression.of)
    case 'index':
      return [...literals(expression.of), ...literals(expression.index)]
    case 'call':
      return [...literals(expression.of), ...expression.args.flatMap(literals)]
    case 'unary':
      return literals(expression.operand)
    case 'binary':
      return [...literals(expression.left), ...literals(expression.right)]
    case 'parentheses':
      return literals(expression.inner)
  }
}
