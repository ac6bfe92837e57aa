// Where in an expression texts are written out, so that those of secrets can be kept out of what people read.

import type { Span } from '../../config/source-file.ts'
import type { Expression } from '../syntax/ast.ts'

/** The texts between the quotes, wherever in the expression. */
export function literalTexts(expression: Expression): readonly Span[] {
  switch (expression.kind) {
    case 'literal':
      return expression.type === 'string' ? [{ start: expression.start + 1, end: expression.end - 1 }] : []
    case 'reference':
      return []
    case 'array':
      return expression.elements.flatMap(literalTexts)
    case 'object':
      return expression.fields.flatMap(({ value }) => literalTexts(value))
    case 'access':
      return literalTexts(expression.of)
    case 'index':
      return [...literalTexts(expression.of), ...literalTexts(expression.index)]
    case 'call':
      return [...literalTexts(expression.of), ...expression.args.flatMap(literalTexts)]
    case 'unary':
      return literalTexts(expression.operand)
    case 'binary':
      return [...literalTexts(expression.left), ...literalTexts(expression.right)]
    case 'parentheses':
      return literalTexts(expression.inner)
  }
}
