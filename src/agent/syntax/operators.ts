// What operators do to values. Numbers as in Go: two kinds meet in float before int before uint, whole numbers wrap
// at 64 bits, and whole division cuts off.

import { byBytes } from '../../config/byte-order.ts'
import type { BinaryOperator } from './ast.ts'
import { commonKind, isEqual } from './equal.ts'
import { boolValue, floatValue, intValue, secretValue, stringValue, uintValue } from './make-value.ts'
import { floatOf, intOf, uintOf } from './number.ts'
import { type NumberValue, type StringValue, typeName, type Value } from './value.ts'
import { CallError, typeError, ValueError } from './value-error.ts'

/** Characters that a text may have, in an expression or as what a function gives. */
export const maxTextLength = 16 * 1024 * 1024

const allowedTypes: Readonly<Record<Exclude<BinaryOperator, '==' | '!='>, readonly string[]>> = {
  '||': ['bool'],
  '&&': ['bool'],
  '+': ['number', 'string', 'capsule'],
  '-': ['number'],
  '*': ['number'],
  '/': ['number'],
  '%': ['number'],
  '^': ['number'],
  '<': ['number', 'string'],
  '<=': ['number', 'string'],
  '>': ['number', 'string'],
  '>=': ['number', 'string'],
}

/** Throws ValueError at the operand that doesn't fit, CallError where the operation as a whole can't be done. */
export function binary(left: Value, operator: BinaryOperator, right: Value): Value {
  if (operator === '==') return boolValue(isEqual(left, right))
  if (operator === '!=') return boolValue(!isEqual(left, right))
  const type = operandType(left, operator, right)
  if (type === 'bool') return logical(left, operator, right)
  if (left.type === 'number' && right.type === 'number') {
    return isComparison(operator) ? compareNumbers(left, operator, right) : calculate(left, operator, right)
  }
  if (operator === '+') return joined(left, right)
  return boolValue(isInOrder(byBytes((left as StringValue).value, (right as StringValue).value), operator))
}

/** Checks both operands and gives the type in which they meet; a text beside a secret is a secret. */
function operandType(left: Value, operator: keyof typeof allowedTypes, right: Value): string {
  const allowed = allowedTypes[operator]
  const types = [typeName(left), typeName(right)] as [string, string]
  if (left.type === 'secret' && right.type === 'string') types[1] = 'capsule'
  if (left.type === 'string' && right.type === 'secret') types[0] = 'capsule'
  for (const [value, type] of [
    [left, types[0]],
    [right, types[1]],
  ] as const) {
    if (!allowed.includes(type)) {
      const message = `should be one of [${allowed.join(' ')}] for binop ${operator}, got ${type}`
      throw new ValueError(value, message)
    }
  }
  if (types[0] !== types[1]) throw typeError(right, types[0])
  return types[0]
}

function logical(left: Value, operator: string, right: Value): Value {
  const [a, b] = [left.type === 'bool' && left.value, right.type === 'bool' && right.value]
  return boolValue(operator === '||' ? a || b : a && b)
}

type Comparison = '<' | '<=' | '>' | '>='
const isComparison = (operator: BinaryOperator): operator is Comparison => /^[<>]/.test(operator)

/** Whether values that compare so are in this order; NaN: in none. */
export function isInOrder(order: number, operator: BinaryOperator): boolean {
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

function compareNumbers(left: NumberValue, operator: Comparison, right: NumberValue): Value {
  const kind = commonKind(left, right)
  if (kind === 'float') {
    const [a, b] = [floatOf(left), floatOf(right)]
    const order = a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN
    return boolValue(isInOrder(order, operator))
  }
  const of = kind === 'int' ? intOf : uintOf
  const [a, b] = [of(left), of(right)]
  return boolValue(isInOrder(a < b ? -1 : a > b ? 1 : 0, operator))
}

function joined(left: Value, right: Value): Value {
  const texts = [left, right].map((value) => {
    return value.type === 'string' ? value.value : value.type === 'secret' ? value.secret.reveal() : undefined
  })
  const [a, b] = texts
  if (a === undefined || b === undefined) {
    throw new ValueError(left, 'could not perform binop + for unknown types lhs capsule rhs capsule')
  }
  if (a.length + b.length > maxTextLength) throw new CallError(`the text is longer than ${maxTextLength} characters`)
  return left.type === 'string' && right.type === 'string' ? stringValue(a + b) : secretValue(a + b)
}

function calculate(left: NumberValue, operator: BinaryOperator, right: NumberValue): Value {
  if ((operator === '/' || operator === '%') && Number(right.value) === 0) {
    throw new ValueError(right, 'divide by zero error')
  }
  const kind = commonKind(left, right)
  if (kind === 'float') return floatValue(calculateFloats(floatOf(left), operator, floatOf(right)))
  return kind === 'int'
    ? intValue(calculateWhole(intOf(left), operator, intOf(right)))
    : uintValue(calculateWhole(uintOf(left), operator, uintOf(right)))
}

function calculateFloats(a: number, operator: BinaryOperator, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    default:
      if (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY)) return 1
      return a ** b
  }
}

function calculateWhole(a: bigint, operator: BinaryOperator, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    default:
      return power(a, b)
  }
}

/** By squaring, at 64 bits throughout. A negative exponent leaves the base as it is, as in Alloy. */
function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * square)
    square = BigInt.asUintN(64, square * square)
  }
  return result
}

/** `!` and `-`. A uint becomes an int under `-`. */
export function unary(operator: '!' | '-', operand: Value): Value {
  if (operator === '!') {
    if (operand.type !== 'bool') throw typeError(operand, 'bool')
    return boolValue(!operand.value)
  }
  if (operand.type !== 'number') throw typeError(operand, 'number')
  return operand.kind === 'float' ? floatValue(-operand.value) : intValue(-intOf(operand))
}
