// Values as people read them: Alloy's syntax, and the JSON of Alloy's component API. Neither shows a secret; both end
// however large a value is.

import { goQuoted } from './go-quote.ts'
import { floatOf, numberText } from './number.ts'
import type { ObjectValue, Value } from './value.ts'

/** Parts of a value that are shown; what comes after them is `…`. */
const maxParts = 100_000
const maxDepth = 200

const isIdentifier = /^[\p{L}_][\p{L}\p{Nd}_]*$/u
const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null'])

/** What stands for a value that is no syntax: secrets, functions, capsules. */
function described(value: Value): string {
  if (value.type === 'secret') return '(secret)'
  return value.type === 'capsule' ? `capsule(${goQuoted(value.name)})` : value.type
}

/** The value as an expression, fields on lines of their own, indented by tabs. */
export function valueToAlloy(value: Value): string {
  let parts = 0
  const write = (value: Value, depth: number): string => {
    if (++parts > maxParts || depth > maxDepth) return '…'
    switch (value.type) {
      case 'null':
        return 'null'
      case 'bool':
        return String(value.value)
      case 'number':
        return numberText(value)
      case 'string':
        return goQuoted(value.value)
      case 'array':
        return `[${upTo(value.items, (item) => write(item, depth)).join(', ')}]`
      case 'object':
        return writeObject(value, depth)
      default:
        return described(value)
    }
  }
  const writeObject = ({ fields }: ObjectValue, depth: number): string => {
    if (fields.size === 0) return '{}'
    const indent = '\t'.repeat(depth + 1)
    const width = Math.max(...Array.from(fields.keys(), (key) => keyText(key).length).slice(0, maxParts))
    const lines = upTo([...fields], ([key, field]) => {
      return `${indent}${keyText(key).padEnd(width)} = ${write(field, depth + 1)},\n`
    })
    return `{\n${lines.join('')}${'\t'.repeat(depth)}}`
  }
  const upTo = <T>(items: readonly T[], each: (item: T) => string): string[] => {
    const texts: string[] = []
    for (const item of items) {
      texts.push(each(item))
      if (parts > maxParts) break
    }
    return texts
  }
  return write(value, 0)
}

const keyText = (key: string): string => (isIdentifier.test(key) && !keywords.has(key) ? key : goQuoted(key))

/** A value in the component API (Alloy's alloyjson). Numbers are JSON numbers, so beyond 2^53 not exact. */
export type JsonValue =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'number'; readonly value: number | null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string' | 'function' | 'capsule'; readonly value: string }
  | { readonly type: 'array'; readonly value: readonly JsonValue[] }
  | { readonly type: 'object'; readonly value: readonly { readonly key: string; readonly value: JsonValue }[] }

/** Fields in the object's order. What is too deep or too much is a string `…`. */
export function valueToJson(value: Value): JsonValue {
  let parts = 0
  const write = (value: Value, depth: number): JsonValue => {
    if (++parts > maxParts || depth > maxDepth) return { type: 'string', value: '…' }
    switch (value.type) {
      case 'null':
        return { type: 'null', value: null }
      case 'bool':
        return { type: 'bool', value: value.value }
      case 'string':
        return { type: 'string', value: value.value }
      case 'number':
        return { type: 'number', value: floatOf(value) }
      case 'array':
        return { type: 'array', value: upTo(value.items, (item) => write(item, depth + 1)) }
      case 'object':
        return {
          type: 'object',
          value: upTo([...value.fields], ([key, field]) => ({ key, value: write(field, depth + 1) })),
        }
      default:
        return { type: value.type === 'function' ? 'function' : 'capsule', value: described(value) }
    }
  }
  const upTo = <T, R>(items: readonly T[], each: (item: T) => R): R[] => {
    const written: R[] = []
    for (const item of items) {
      written.push(each(item))
      if (parts > maxParts) break
    }
    return written
  }
  return write(value, 0)
}
