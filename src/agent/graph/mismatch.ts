// What is said where a value has another type than its place asks for: Alloy's two texts, one for what is written out
// there, one for what an expression came to.

import { printable } from '../../config/diagnostics.ts'
import type { Expression } from '../syntax/ast.ts'
import { type TypeName, typeName, type Value } from '../syntax/value.ts'
import type { Placed } from './placed.ts'

/** A type as Alloy's texts have it; of a capsule, what it holds. */
export const describe = (value: Value): string =>
  value.type === 'capsule' ? `capsule(${JSON.stringify(value.name)})` : typeName(value)

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

/** The expression as it was written, on one line, and the way from it to the value. */
export const textOf = (placed: Placed, source: string): string => {
  const { start, end } = placed.expression
  return `${printable(source.slice(start, end).replace(/\s+/g, ' '))}${placed.path}`
}

/** `expected array, got string`; `local.file.x.content should be array, got string`. `source`: absent where it may be secret. */
export function mismatch(want: TypeName, placed: Placed, source: string | undefined): string {
  const got = placed.value === undefined ? 'null' : typeName(placed.value)
  if (source === undefined || (placed.path === '' && isWrittenOut(placed.expression)))
    return `expected ${want}, got ${got}`
  return `${textOf(placed, source)} should be ${want}, got ${got}`
}
