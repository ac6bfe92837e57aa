// YAML to values as Go's yaml.v3 reads it into `any`: YAML 1.2's booleans, whole numbers as int64, dates as RFC 3339,
// merge keys. Aliases are bounded.

import { isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import { parseYaml, type YamlDocument } from '../../../config/yaml-document.ts'
import { plainScalar, tagPrefix } from '../../../config/yaml-scalar.ts'
import {
  arrayValue,
  boolValue,
  floatValue,
  intValue,
  nullValue,
  objectValue,
  stringValue,
  uintValue,
} from '../make-value.ts'
import type { ObjectValue, Value } from '../value.ts'
import { CallError } from '../value-error.ts'
import { maxNesting } from './json-decode.ts'

/** Values that a document may come to, with what aliases stand for counted every time. */
const maxNodes = 500_000

/** What the first document of a YAML text says. Throws CallError, which never quotes the text. */
export function decodeYaml(text: string): Value {
  const document = parseYaml(text)
  const problem = document.problems.find(({ severity }) => severity === 'error')
  if (problem !== undefined) {
    const line = text.slice(0, problem.span.start).split('\n').length
    throw new CallError(`yaml: line ${line}: ${problem.message}`)
  }
  return new Reader(document).value(document.root, 0)
}

class Reader {
  readonly #document: YamlDocument
  #nodes = 0

  constructor(document: YamlDocument) {
    this.#document = document
  }

  value(node: ParsedNode | null, depth: number): Value {
    if (depth > maxNesting) throw new CallError(`yaml: nested more than ${maxNesting} deep`)
    if (++this.#nodes > maxNodes) throw new CallError('yaml: document contains excessive aliasing')
    if (node === null) return nullValue()
    const target = this.#document.resolve(node)
    if (target === undefined) throw new CallError('yaml: unknown anchor referenced')
    if (isSeq<ParsedNode>(target)) return arrayValue(target.items.map((item) => this.value(item, depth + 1)))
    if (isMap<ParsedNode, ParsedNode | null>(target)) return this.#map(target, depth)
    return isScalar(target) ? scalarValue(target as Scalar.Parsed) : nullValue()
  }

  #map(map: YAMLMap<ParsedNode, ParsedNode | null>, depth: number): ObjectValue {
    const own = new Map<string, Value>()
    const merged = new Map<string, Value>()
    for (const { key, value } of map.items) {
      if (isScalar(key) && key.source === '<<' && key.type === 'PLAIN') {
        this.#merge(merged, this.value(value, depth + 1))
        continue
      }
      const name = keyText(this.value(key, depth + 1))
      if (own.has(name)) throw new CallError('yaml: a mapping has a key twice')
      own.set(name, this.value(value, depth + 1))
    }
    return objectValue(new Map([...merged, ...own]))
  }

  /** Of several, the first that has a key. */
  #merge(into: Map<string, Value>, from: Value): void {
    for (const map of from.type === 'array' ? from.items : [from]) {
      if (map.type !== 'object') throw new CallError('yaml: map merge requires map or sequence of maps as the value')
      for (const [key, value] of map.fields) if (!into.has(key)) into.set(key, value)
    }
  }
}

function keyText(key: Value): string {
  if (key.type === 'string' || key.type === 'bool' || key.type === 'number') return String(key.value)
  if (key.type === 'null') return 'null'
  throw new CallError('yaml: a key is neither text nor number')
}

/** Booleans of YAML 1.1, which yaml.v3 takes for texts. */
const oldBoolean = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/
const infinity = /^([-+]?)\.(inf|Inf|INF)$/

function scalarValue(scalar: Scalar.Parsed): Value {
  const { source, type, tag } = scalar
  if (tag === `${tagPrefix}str` || (tag === undefined && type !== 'PLAIN')) return stringValue(source)
  if (tag === `${tagPrefix}binary`) return stringValue(Buffer.from(source, 'base64').toString())
  const value = plainValue(source)
  return tag === `${tagPrefix}float` && value.type === 'number' ? floatValue(Number(value.value)) : value
}

function plainValue(source: string): Value {
  if (oldBoolean.test(source)) return stringValue(source)
  const endless = infinity.exec(source)
  if (endless !== null) return floatValue(endless[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
  if (/^\.(nan|NaN|NAN)$/.test(source)) return floatValue(Number.NaN)
  const meaning = plainScalar(source)
  switch (meaning.kind) {
    case 'null':
      return nullValue()
    case 'boolean':
      return boolValue(meaning.value)
    case 'integer':
      return wholeValue(meaning.value)
    case 'float':
      return Number.isFinite(meaning.value) ? floatValue(meaning.value) : stringValue(source)
    case 'text':
      return stringValue(timeText(source) ?? source)
  }
}

function wholeValue(value: bigint): Value {
  if (BigInt.asIntN(64, value) === value) return intValue(value)
  return BigInt.asUintN(64, value) === value ? uintValue(value) : floatValue(Number(value))
}

const time =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?(Z|[-+]\d{2}:\d{2})?)?$/

/** A date, or a date and time, in RFC 3339; undefined: it is neither. */
function timeText(source: string): string | undefined {
  const match = time.exec(source)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  const two = (text: string | undefined): string => (text as string).padStart(2, '0')
  const clock = `${two(hour)}:${two(minute)}:${two(second)}`
  const date = `${year}-${two(month)}-${two(day)}`
  const isReal = new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) && clock < '24' && Number(minute) < 60
  if (!isReal || Number(second) > 59) return undefined
  const trimmed = fraction.replace(/\.?0+$/, '')
  return `${date}T${clock}${trimmed}${zone === '+00:00' ? 'Z' : zone}`
}
