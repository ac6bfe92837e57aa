// `array`: joining, combining and grouping arrays.

import { toBoolean } from '../convert.ts'
import { isEqual } from '../equal.ts'
import { arrayValue, objectValue, stringValue } from '../make-value.ts'
import type { ArrayValue, ObjectValue, Value } from '../value.ts'
import { CallError, inside, typeError, ValueError } from '../value-error.ts'
import { boundedArray, maxItems, rawFn, tooManyItems } from './function.ts'

/** Pairs of objects that combine_maps compares at most. */
const maxPairs = 4_000_000

function asArray(value: Value): ArrayValue {
  if (value.type !== 'array') throw typeError(value, 'array')
  return value
}

function asObjects(value: Value): readonly ObjectValue[] {
  const array = asArray(value)
  return array.items.map((item, index) =>
    inside(array, `[${index}]`, () => {
      if (item.type !== 'object') throw typeError(item, 'object')
      return item
    }),
  )
}

function asString(value: Value): string {
  if (value.type !== 'string') throw typeError(value, 'string')
  return value.value
}

function asBool(value: Value): boolean {
  if (value.type !== 'bool') throw typeError(value, 'bool')
  return toBoolean(value)
}

function concat(args: readonly Value[]): Value {
  const arrays = args.map(asArray)
  const [first] = arrays
  if (first !== undefined && arrays.length === 1) return first
  if (arrays.reduce((sum, { items }) => sum + items.length, 0) > maxItems) throw tooManyItems()
  return arrayValue(arrays.flatMap(({ items }) => items))
}

/** Equal, and numbers also of the same kind. */
function isSame(left: Value, right: Value): boolean {
  if (left.type === 'number' && right.type === 'number' && left.kind !== right.kind) return false
  return left.type === right.type && isEqual(left, right)
}

/**
 * Every pair of a left and a right object whose `keys` are the same, merged; the right one's fields win. With
 * `passthrough`, a pair that isn't gives the left object, so once for every right one.
 */
function combineMaps(args: readonly Value[]): Value {
  const [lhs, rhs, conditions, flag] = args
  if (lhs === undefined || rhs === undefined || conditions === undefined || args.length > 4) {
    throw new CallError(`combine_maps: expected 3 or 4 arguments, got ${args.length}`)
  }
  const left = asObjects(lhs)
  const right = asObjects(rhs)
  const keys = asArray(conditions).items.map((key, index) => inside(conditions, `[${index}]`, () => asString(key)))
  if (keys.length === 0) throw new ValueError(conditions, 'combine_maps: merge conditions must not be empty')
  const passthrough = flag !== undefined && asBool(flag)
  if (left.length * right.length * keys.length > maxPairs) {
    throw new CallError(`the arrays are too large to combine (more than ${maxPairs} comparisons)`)
  }
  const combined: Value[] = []
  for (const a of left) {
    for (const b of right) {
      const joins = keys.every((key) => {
        const [inLeft, inRight] = [a.fields.get(key), b.fields.get(key)]
        return inLeft !== undefined && inRight !== undefined && isSame(inLeft, inRight)
      })
      if (joins) combined.push(objectValue([...a.fields, ...b.fields]))
      else if (passthrough) combined.push(a)
      if (combined.length > maxItems) throw tooManyItems()
    }
  }
  return arrayValue(combined)
}

/** Objects in groups by the text of one field, in the order in which the groups begin. */
function groupBy(args: readonly Value[]): Value {
  const [array, field, flag] = args
  if (array === undefined || field === undefined || flag === undefined || args.length > 3) {
    throw new CallError(`group_by: expected 3 arguments, got ${args.length}`)
  }
  asArray(array)
  const key = asString(field)
  const dropMissing = asBool(flag)
  const groups = new Map<string, ObjectValue[]>()
  asObjects(array).forEach((item, index) => {
    const value = item.fields.get(key)
    if (value === undefined && dropMissing) return
    const name =
      value === undefined ? '' : inside(array, `[${index}]`, () => inside(item, `.${key}`, () => asString(value)))
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  })
  return boundedArray(
    Array.from(groups, ([name, items]) =>
      objectValue([
        [key, stringValue(name)],
        ['items', arrayValue(items)],
      ]),
    ),
  )
}

export const arrayFunctions = [
  rawFn('array.concat', concat),
  rawFn('array.combine_maps', combineMaps),
  rawFn('array.group_by', groupBy),
]
