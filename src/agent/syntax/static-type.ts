// What can be said of an expression's type before anything is evaluated: of literals, of arrays and objects that are
// written out, and of operators on literals. Everything else may be anything.

import type { Expression } from './ast.ts'
import { evaluate } from './evaluate.ts'
import { emptyScope } from './scope.ts'
import { type TypeName, typeName } from './value.ts'
import { EvaluationError } from './value-error.ts'

/** The type that the expression surely has; undefined: it may be any, or it can't be evaluated. */
export function staticTypeOf(expression: Expression): TypeName | undefined {
  switch (expression.kind) {
    case 'array':
    case 'object':
      return expression.kind
    case 'parentheses':
      return staticTypeOf(expression.inner)
    case 'literal':
      return typeOf(expression)
    case 'unary':
      return expression.operand.kind === 'literal' ? typeOf(expression) : undefined
    case 'binary':
      return expression.left.kind === 'literal' && expression.right.kind === 'literal' ? typeOf(expression) : undefined
    default:
      return undefined
  }
}

function typeOf(constant: Expression): TypeName | undefined {
  try {
    return typeName(evaluate(constant, emptyScope))
  } catch (error) {
    if (error instanceof EvaluationError) return undefined
    throw error
  }
}
