// JSON to values, as Go's encoding/json reads it into `any`.

import { arrayValue, boolValue, floatValue, intValue, nullValue, objectValue, stringValue } from '../make-value.ts'
import type { Value } from '../value.ts'
import { CallError } from '../value-error.ts'

/** Arrays and objects in one another at most. */
export const maxNesting = 500

/** What a JSON text says, all numbers as float64. Throws CallError, which never quotes the text. */
export const decodeJson = (text: string): Value => fromJson(parseJson(text), 0, plain)

/** The same, with whole numbers as int64 where they are written as such. */
export function decodeJsonExactly(text: string): Value {
  parseJson(text)
  return fromJson(
    parseJson(text.replace(token, (written) => (written[0] === '"' ? `"s${written.slice(1)}` : `"n${written}"`))),
    0,
    marked,
  )
}

/** Strings and numbers of a JSON text that is known to be one. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    if (/end of JSON input/.test(message)) throw new CallError('unexpected end of JSON input')
    const at = /position (\d+)/.exec(message)?.[1]
    throw new CallError(`invalid JSON${at === undefined ? '' : ` at character ${at}`}`)
  }
}

/** How strings and keys are to be read. */
interface Reading {
  readonly text: (text: string) => Value
  readonly key: (text: string) => string
}

const plain: Reading = { text: stringValue, key: (key) => key }

/** Every string with a letter before it: `s`, or `n` if it was a number. */
const marked: Reading = {
  text: (text) => (text[0] === 's' ? stringValue(text.slice(1)) : numberOf(text.slice(1))),
  key: (key) => key.slice(1),
}

function numberOf(text: string): Value {
  if (/^-?\d{1,19}$/.test(text)) {
    const whole = BigInt(text)
    if (BigInt.asIntN(64, whole) === whole) return intValue(whole)
  }
  return finite(Number(text))
}

function finite(number: number): Value {
  if (!Number.isFinite(number)) throw new CallError('a number of the JSON text is beyond a float64')
  return floatValue(number)
}

function fromJson(parsed: unknown, depth: number, reading: Reading): Value {
  if (depth > maxNesting) throw new CallError(`nested more than ${maxNesting} deep`)
  if (parsed === null) return nullValue()
  if (Array.isArray(parsed)) return arrayValue(parsed.map((item) => fromJson(item, depth + 1, reading)))
  switch (typeof parsed) {
    case 'boolean':
      return boolValue(parsed)
    case 'number':
      return finite(parsed)
    case 'string':
      return reading.text(parsed)
    default:
      return objectValue(
        Object.entries(parsed as object).map(([key, field]) => [reading.key(key), fromJson(field, depth + 1, reading)]),
      )
  }
}
