// What is said where a value can't be what its place asks for: Alloy's two texts, one for what is written out there,
// one for what an expression came to.

import { printable } from '../../config/diagnostics.ts'
import type { Expression } from '../syntax/ast.ts'
import { expressionText } from '../syntax/expression-text.ts'
import type { ValueError } from '../syntax/value-error.ts'
import type { Placed } from './placed.ts'

/** Whether one sees the value where it is written, so that repeating it would say nothing. */
function isWrittenOut(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
    case 'array':
    case 'object':
      return true
    case 'unary':
      return expression.operand.kind === 'literal'
    case 'binary':
      return expression.left.kind === 'literal' && expression.right.kind === 'literal'
    default:
      return false
  }
}

/** The expression on one line, and the way from it to the value. */
export const textOf = ({ expression, path }: Placed): string => `${printable(expressionText(expression))}${path}`

/** `expected array, got string`; `local.file.x.content should be array, got string`. `isSecret`: what is written may be secret. */
export function mismatch(error: ValueError, placed: Placed, isSecret: boolean): string {
  if (isSecret || (placed.path === '' && isWrittenOut(placed.expression))) return error.bare
  return `${textOf(placed)} ${error.message}`
}
