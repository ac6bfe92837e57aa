// What is said where a value can't be what its place asks for: Alloy's two texts, one for what is written out there,
// one for what an expression came to.

import { printable } from '../../config/diagnostics.ts'
import { expressionText } from '../syntax/expression-text.ts'
import { staticTypeOf } from '../syntax/static-type.ts'
import type { ValueError } from '../syntax/value-error.ts'
import type { Placed } from './placed.ts'

/** The expression on one line, and the way from it to the value. */
export const textOf = ({ expression, path }: Placed): string => `${printable(expressionText(expression))}${path}`

/** `expected array, got string`; `local.file.x.content should be array, got string`. `isSecret`: what is written may be secret. */
export function mismatch(error: ValueError, placed: Placed, isSecret: boolean): string {
  if (isSecret || (placed.path === '' && staticTypeOf(placed.expression) !== undefined)) return error.bare
  return `${textOf(placed)} ${error.message}`
}
