// Numbers and texts as Alloy turns one into the other where a place asks for it (syntax/internal/value, convertValue).

import type { NumberValue, Value } from '../syntax/value.ts'

/** As Go prints a float64 without exponent. */
export const textOfNumber = (value: NumberValue): string =>
  value.kind === 'float' ? String(value.value) : value.value.toString()

/** A number, or a text that holds one; undefined for anything else. */
export function numberOf(value: Value): number | undefined {
  if (value.type === 'number') return Number(value.value)
  if (value.type !== 'string') return undefined
  return /^(-?\d+|\d*\.?\d+([eE][+-]?\d+)?|\d+\.)$/.test(value.value) ? Number(value.value) : undefined
}
