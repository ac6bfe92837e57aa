// Whether two blocks decode to the same, wherever they stand: then a component need not hear of it.

import { Secret } from '../../config/secret.ts'
import type { Decoded } from './component.ts'

/** Places do not count. */
export const sameArguments = (a: Decoded, b: Decoded): boolean =>
  sameMap(a.values, b.values) && sameMap(a.blocks, b.blocks)

function sameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false
  return [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)))
}

const isDecoded = (value: object): value is Decoded =>
  'blocks' in value && 'spans' in value && value.blocks instanceof Map && value.spans instanceof Map

/** Plain content is compared, secrets by their text; other objects (receivers, functions) are the same or not. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Secret) return b instanceof Secret && a.reveal() === b.reveal()
  if (a instanceof Map) return b instanceof Map && sameMap(a, b)
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]))
  }
  if (isDecoded(a)) return isDecoded(b) && sameArguments(a, b)
  if (isCapsule(a)) return isCapsule(b) && a.content === b.content
  if (!isPlain(a) || !isPlain(b)) return false
  const [left, right] = [Object.entries(a), Object.entries(b)]
  return (
    left.length === right.length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && same(value, Reflect.get(b, key)))
  )
}

const isCapsule = (value: object): value is { readonly content: object } => 'type' in value && value.type === 'capsule'

/** Data, not a thing that does something. */
const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(value).every((part) => typeof part !== 'function')
  )
}
