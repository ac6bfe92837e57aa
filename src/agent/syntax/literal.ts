// The value of a literal.

import type { Literal } from './ast.ts'
import { boolValue, nullValue, stringValue } from './make-value.ts'
import { parseLiteral } from './number.ts'
import { stringOf } from './unquote.ts'
import type { Value } from './value.ts'
import { EvaluationError } from './value-error.ts'

/** Throws EvaluationError at a number beyond a float64. */
export function literalValue(literal: Literal): Value {
  switch (literal.type) {
    case 'null':
      return nullValue()
    case 'bool':
      return boolValue(literal.text === 'true')
    case 'string':
      return stringValue(stringOf(literal))
    default: {
      const number = parseLiteral(literal.text, literal.type)
      if (number === undefined)
        throw new EvaluationError(literal, `${literal.text.slice(0, 60)} is no number that fits`)
      return number
    }
  }
}
