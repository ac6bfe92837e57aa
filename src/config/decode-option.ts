// One setting from a plain JavaScript value, as the library's options give it. Grammars and bounds are those of texts
// (decode-text.ts); durations may be milliseconds and sizes bytes, too. What may be secret is in no message.

import { decodeMap, isMapSpec, type ReportAt, wrongType } from './decode-map.ts'
import { checkQuantity, type Decoded, decodeText, itemHint, itemProblem } from './decode-text.ts'
import { Secret } from './secret.ts'
import type { ListSpec, SettingSpec, SettingValue } from './setting-spec.ts'

function text(spec: SettingSpec, want: string, value: unknown, report: ReportAt): SettingValue | undefined {
  if (typeof value !== 'string') return void report('', wrongType(want, value))
  return settle(decodeText(spec, value), report)
}

function settle(decoded: Decoded, report: ReportAt): SettingValue | undefined {
  if ('value' in decoded) return decoded.value
  return void report('', decoded.problem, decoded.hint)
}

function list(spec: ListSpec, value: unknown, report: ReportAt): readonly string[] | undefined {
  if (!Array.isArray(value)) return void report('', wrongType('a list', value), 'write [a, b]')
  const items: string[] = []
  for (const [index, item] of value.entries()) {
    const problem = typeof item === 'string' ? itemProblem(spec, item) : wrongType('a text', item)
    if (problem !== undefined) report(`[${index}]`, problem, itemHint(spec))
    else items.push(item)
  }
  if (value.length < (spec.minItems ?? 0)) report('', `the list needs at least ${spec.minItems} item`, itemHint(spec))
  return items
}

/** Reads one option. What is wrong is reported; undefined if there is no value then. */
export function decodeOption(spec: SettingSpec, value: unknown, report: ReportAt): SettingValue | undefined {
  if (isMapSpec(spec)) return decodeMap(spec, value, report)
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : void report('', wrongType('true or false', value))
    case 'integer':
      if (typeof value !== 'number') return void report('', wrongType('a whole number', value))
      if (!Number.isInteger(value)) return void report('', `${value} is not a whole number`)
      return settle(checkQuantity(spec, value), report)
    case 'duration':
    case 'size':
      if (typeof value !== 'number') return text(spec, spec.type === 'size' ? 'a size' : 'a duration', value, report)
      if (!Number.isInteger(value)) return void report('', `${value} is not a whole number`)
      return settle(checkQuantity(spec, value), report)
    case 'secret':
      return value instanceof Secret ? value : text(spec, 'a text', value, report)
    case 'list':
      return list(spec, value, report)
    default:
      return text(spec, 'a text', value, report)
  }
}
