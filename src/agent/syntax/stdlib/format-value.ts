// One argument under one verb, as Go's package fmt prints what Alloy passes to it: whole numbers are int, arrays
// []interface {}, objects map[string]interface {}. Functions, capsules and secrets are refused.

import { byBytes } from '../../../config/byte-order.ts'
import { goQuoted } from '../go-quote.ts'
import { type ArrayValue, type ObjectValue, typeName, type Value } from '../value.ts'
import { inside, ValueError } from '../value-error.ts'
import { type Flags, padded } from './format-flags.ts'
import { asciiQuoted, formatFloat, formatWhole } from './format-number.ts'

const arrayType = '[]interface {}'
const objectType = 'map[string]interface {}'

/** The name of the value's type in Go. */
export function goType(value: Value): string {
  switch (value.type) {
    case 'number':
      if (value.kind === 'float') return 'float64'
      return BigInt.asIntN(64, value.value) === value.value ? 'int' : 'uint64'
    case 'array':
      return arrayType
    case 'object':
      return objectType
    case 'secret':
      throw new ValueError(value, 'secrets may not be converted into strings')
    case 'function':
    case 'capsule':
      throw new ValueError(value, `cannot be formatted: it is a ${typeName(value)}`)
    default:
      return value.type === 'null' ? '<nil>' : value.type
  }
}

/** Where the pieces go; it throws where they become too many. */
export type Write = (text: string) => void

export function formatValue(value: Value, verb: string, flags: Flags, write: Write): void {
  const type = goType(value)
  const text = formatPlain(value, verb, flags, type)
  if (text !== undefined) {
    write(text)
  } else if (value.type === 'array' && !isWhole(verb)) {
    formatArray(value, verb, flags, write)
  } else if (value.type === 'object' && !isWhole(verb)) {
    formatObject(value, verb, flags, write)
  } else {
    write(`%!${verb}(${type}=`)
    formatValue(value, 'v', flags, write)
    write(')')
  }
}

/** Verbs that are not for the parts of arrays and objects, and for nothing else here. */
const isWhole = (verb: string): boolean => verb === 'p' || verb === 'w'

/** undefined: the value has parts, or the verb is none for it. */
function formatPlain(value: Value, verb: string, flags: Flags, type: string): string | undefined {
  if (verb === 'T' && value.type !== 'null') return formatText(type, 's', flags)
  switch (value.type) {
    case 'null':
      return verb === 'v' || verb === 'T' ? padded('<nil>', flags) : `%!${verb}(<nil>)`
    case 'bool':
      return verb === 't' || verb === 'v' ? padded(String(value.value), flags) : undefined
    case 'number':
      if (value.kind === 'float') return formatFloat(value.value, verb, flags)
      if (verb === 'v' && flags.sharpV && type === 'uint64') {
        return formatWhole(value.value, 'x', { ...flags, sharp: true })
      }
      return formatWhole(value.value, verb, flags)
    case 'string':
      return formatText(value.value, verb, flags)
    default:
      return undefined
  }
}

function formatText(text: string, verb: string, flags: Flags): string | undefined {
  const cut = (): string => (flags.precision === undefined ? text : Array.from(text).slice(0, flags.precision).join(''))
  if (verb === 's' || (verb === 'v' && !flags.sharpV)) return padded(cut(), flags)
  if (verb === 'q' || verb === 'v') {
    const short = cut()
    if (flags.sharp && !/[`\x00-\x08\x0a-\x1f\x7f\ufeff\ufffd]/.test(short)) return padded(`\`${short}\``, flags)
    return padded(flags.plus ? asciiQuoted(short) : goQuoted(short), flags)
  }
  return verb === 'x' || verb === 'X' ? formatBytes(text, verb, flags) : undefined
}

function formatBytes(text: string, verb: 'x' | 'X', flags: Flags): string {
  const bytes = Buffer.from(text).subarray(0, flags.precision)
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  const prefix = flags.sharp ? `0${verb}` : ''
  const digits = verb === 'X' ? pairs.map((pair) => pair.toUpperCase()) : pairs
  const joined = flags.space ? digits.map((pair) => prefix + pair).join(' ') : digits.join('')
  return padded(flags.space || joined === '' ? joined : prefix + joined, flags)
}

/** An element of an array or object. */
function formatPart(part: Value, verb: string, flags: Flags, write: Write): void {
  if (part.type === 'null') write(flags.sharpV ? 'interface {}(nil)' : '<nil>')
  else formatValue(part, verb, flags, write)
}

function formatArray(array: ArrayValue, verb: string, flags: Flags, write: Write): void {
  write(flags.sharpV ? `${arrayType}{` : '[')
  array.items.forEach((item, index) => {
    if (index > 0) write(flags.sharpV ? ', ' : ' ')
    inside(array, `[${index}]`, () => formatPart(item, verb, flags, write))
  })
  write(flags.sharpV ? '}' : ']')
}

function formatObject(object: ObjectValue, verb: string, flags: Flags, write: Write): void {
  const keys = [...object.fields.keys()].sort(byBytes)
  write(flags.sharpV ? `${objectType}{` : 'map[')
  keys.forEach((key, index) => {
    if (index > 0) write(flags.sharpV ? ', ' : ' ')
    formatValue({ type: 'string', value: key }, verb, flags, write)
    write(':')
    inside(object, `.${key}`, () => formatPart(object.fields.get(key) as Value, verb, flags, write))
  })
  write(flags.sharpV ? '}' : ']')
}
