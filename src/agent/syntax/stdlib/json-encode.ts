// Values to JSON, as Go's encoding/json writes them: keys in order, `<`, `>` and `&` escaped. Secrets are refused.

import { byBytes } from '../../../config/byte-order.ts'
import { maxTextLength } from '../operators.ts'
import type { Value } from '../value.ts'
import { CallError, inside, ValueError } from '../value-error.ts'
import { maxNesting } from './json-decode.ts'

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

const jsonText = (text: string): string =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => escapes[char] as string)

/** A value as JSON. Throws ValueError at a part that has no JSON, a secret above all; CallError if it grows too long. */
export function encodeJson(value: Value): string {
  let length = 0
  const counted = (text: string): string => {
    length += text.length + 1
    if (length > maxTextLength) throw new CallError(`the text is longer than ${maxTextLength} characters`)
    return text
  }
  const encode = (value: Value, depth: number): string => {
    if (depth > 2 * maxNesting) throw new CallError(`nested more than ${2 * maxNesting} deep`)
    switch (value.type) {
      case 'null':
        return counted('null')
      case 'bool':
        return counted(String(value.value))
      case 'string':
        return counted(jsonText(value.value))
      case 'number':
        if (value.kind === 'float' && !Number.isFinite(value.value)) throw new ValueError(value, 'is no number in JSON')
        return counted(Object.is(value.value, -0) ? '-0' : String(value.value))
      case 'array': {
        const items = value.items.map((item, i) => inside(value, `[${i}]`, () => encode(item, depth + 1)))
        return counted(`[${items.join(',')}]`)
      }
      case 'object': {
        const fields = [...value.fields].sort(([a], [b]) => byBytes(a, b))
        const texts = fields.map(([key, field]) => {
          return `${jsonText(key)}:${inside(value, `.${key}`, () => encode(field, depth + 1))}`
        })
        return counted(`{${texts.join(',')}}`)
      }
      case 'secret':
        throw new ValueError(value, 'secrets may not be converted into strings')
      default:
        throw new ValueError(value, `cannot be written as JSON: it is a ${value.type}`)
    }
  }
  return encode(value, 0)
}
