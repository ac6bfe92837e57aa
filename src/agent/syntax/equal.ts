// `==` on values of any type.

import { floatOf, intOf, uintOf } from './number.ts'
import type { NumberValue, Value } from './value.ts'
import { CallError } from './value-error.ts'

/** Of two kinds of numbers, the one that both are taken for: float before int before uint. */
export function commonKind(a: NumberValue, b: NumberValue): NumberValue['kind'] {
  if (a.kind === 'float' || b.kind === 'float') return 'float'
  return a.kind === 'int' || b.kind === 'int' ? 'int' : 'uint'
}

function sameNumber(a: NumberValue, b: NumberValue): boolean {
  const kind = commonKind(a, b)
  if (kind === 'float') return floatOf(a) === floatOf(b)
  return kind === 'int' ? intOf(a) === intOf(b) : uintOf(a) === uintOf(b)
}

/** Parts that are compared at most: arrays that hold one another many times over would never end. */
const maxParts = 4_000_000

/**
 * Equal by content; 3 equals 3.0; a secret equals a string of the same text; values of other different types never,
 * functions never, capsules if they hold the same object. Throws CallError where the values are too large.
 */
export function isEqual(left: Value, right: Value): boolean {
  let parts = 0
  const compare = (a: Value, b: Value): boolean => {
    if (++parts > maxParts) throw new CallError(`the values are too large to compare (more than ${maxParts} parts)`)
    if (a.type === 'array') {
      if (b.type !== 'array' || a.items.length !== b.items.length) return false
      return a.items.every((item, index) => compare(item, b.items[index] as Value))
    }
    if (a.type === 'object') {
      if (b.type !== 'object' || a.fields.size !== b.fields.size) return false
      for (const [key, field] of a.fields) {
        const other = b.fields.get(key)
        if (other === undefined || !compare(field, other)) return false
      }
      return true
    }
    return isEqualPlain(a, b)
  }
  if (left.type === 'secret' && right.type === 'string') return left.secret.reveal() === right.value
  if (left.type === 'string' && right.type === 'secret') return left.value === right.secret.reveal()
  return compare(left, right)
}

function isEqualPlain(a: Value, b: Value): boolean {
  switch (a.type) {
    case 'null':
      return b.type === 'null'
    case 'bool':
    case 'string':
      return b.type === a.type && a.value === b.value
    case 'number':
      return b.type === 'number' && sameNumber(a, b)
    case 'secret':
      return b.type === 'secret' && a.secret.reveal() === b.secret.reveal()
    case 'capsule':
      return b.type === 'capsule' && a.content === b.content
    default:
      return false
  }
}
