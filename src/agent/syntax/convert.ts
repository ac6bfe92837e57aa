// Values to what arguments of components and functions want, converted as Alloy converts: numbers and texts into each
// other, texts into secrets and durations, and nothing else. null is the zero value of whatever is wanted. All throw
// ValueError.

import { Secret } from '../../config/secret.ts'
import { floatOf, intOf, numberText, parseNumber } from './number.ts'
import type { CapsuleValue, NumberValue, Value } from './value.ts'
import { inside, typeError, ValueError } from './value-error.ts'

export type Convert<T> = (value: Value) => T

/** Text of a string or a number; '' for null. A secret is refused: it is never converted into a string. */
export function toText(value: Value): string {
  switch (value.type) {
    case 'string':
      return value.value
    case 'number':
      return numberText(value)
    case 'null':
      return ''
    case 'secret':
      throw new ValueError(value, 'secrets may not be converted into strings')
    default:
      throw typeError(value, 'string')
  }
}

/** A number with its kind, also from a string that holds one. */
export function toNumberValue(value: Value): NumberValue {
  if (value.type === 'number') return value
  if (value.type === 'null') return { type: 'number', kind: 'int', value: 0n }
  const parsed = value.type === 'string' ? parseNumber(value.value) : undefined
  if (parsed === undefined) throw typeError(value, 'number')
  return parsed
}

/** A number, also from a string that holds one; 0 for null. */
export const toNumber: Convert<number> = (value) => floatOf(toNumberValue(value))

/** A whole number: a fraction is cut off. Exact within ±2^53. */
export const toInteger: Convert<number> = (value) => Number(intOf(toNumberValue(value)))

/** A bool; false for null. Nothing else is one. */
export function toBoolean(value: Value): boolean {
  if (value.type === 'bool') return value.value
  if (value.type === 'null') return false
  throw typeError(value, 'bool')
}

/** A secret, also from a string; the empty one for null. */
export function toSecret(value: Value): Secret {
  if (value.type === 'secret') return value.secret
  if (value.type === 'string') return new Secret(value.value)
  if (value.type === 'null') return new Secret('')
  throw typeError(value, 'capsule')
}

/** Every element of an array, converted; empty for null. */
export function toList<T>(value: Value, of: Convert<T>): readonly T[] {
  if (value.type === 'null') return []
  if (value.type !== 'array') throw typeError(value, 'array')
  return value.items.map((item, index) => inside(value, `[${index}]`, () => of(item)))
}

/** Every field of an object, converted, in the object's order; empty for null. */
export function toMap<T>(value: Value, of: Convert<T>): ReadonlyMap<string, T> {
  if (value.type === 'null') return new Map()
  if (value.type !== 'object') throw typeError(value, 'object')
  return new Map([...value.fields].map(([key, field]) => [key, inside(value, `.${key}`, () => of(field))] as const))
}

/** What a capsule holds, if `read` takes it for what is wanted. `name` names that in the message. */
export function toCapsule<T>(value: Value, name: string, read: (capsule: CapsuleValue) => T | undefined): T {
  if (value.type !== 'capsule' && value.type !== 'secret') throw typeError(value, 'capsule')
  const content = value.type === 'capsule' ? read(value) : undefined
  if (content === undefined) {
    const got = value.type === 'capsule' ? value.name : 'alloytypes.Secret'
    throw new ValueError(value, `expected capsule("${name}"), got capsule("${got}")`)
  }
  return content
}
