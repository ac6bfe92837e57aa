// One setting from a plain JavaScript value, as the library's options give it. Grammars and bounds are those of texts
// (decode-text.ts); durations may be milliseconds and sizes bytes, too. What may be secret is in no message.

import { checkQuantity, type Decoded, decodeText, headersHint, itemHint, itemProblem } from './decode-text.ts'
import { quoted } from './diagnostics.ts'
import { headerNameProblem, headerValueProblem } from './header-rules.ts'
import type { HeadersSpec, ListSpec, SettingSpec, SettingValue } from './setting-spec.ts'

/** Where in the value (`[1]`, `.X-A`, '' for all of it) something is wrong, what, and what to do. */
export type ReportOption = (at: string, message: string, hint?: string) => void

/** What a value is, for people. */
export const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Whether a value is an object with names and values. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wrongType = (want: string, value: unknown): string => `${want} belongs here, not ${kindOf(value)}`

function text(spec: SettingSpec, want: string, value: unknown, report: ReportOption): SettingValue | undefined {
  if (typeof value !== 'string') return void report('', wrongType(want, value))
  return settle(decodeText(spec, value), report)
}

function settle(decoded: Decoded, report: ReportOption): SettingValue | undefined {
  if ('value' in decoded) return decoded.value
  return void report('', decoded.problem, decoded.hint)
}

function list(spec: ListSpec, value: unknown, report: ReportOption): readonly string[] | undefined {
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

function headers(
  spec: HeadersSpec,
  value: unknown,
  report: ReportOption,
): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return void report('', wrongType('an object', value), 'write { name: value }')
  const seen = new Set<string>()
  const read = new Map<string, string>()
  for (const [name, content] of Object.entries(value)) {
    if (content === undefined) continue
    const lower = name.toLowerCase()
    const isOpen = spec.authorization === true && lower === 'authorization'
    const problem = seen.has(lower)
      ? `the header ${quoted(name)} is set twice`
      : isOpen
        ? undefined
        : headerNameProblem(name)
    seen.add(lower)
    if (problem !== undefined) report('', problem, headersHint)
    else if (typeof content !== 'string') report(`.${name}`, wrongType('a text', content))
    else {
      const bad = headerValueProblem(content)
      if (bad !== undefined) report(`.${name}`, bad, 'write one line of printable text')
      read.set(name, content)
    }
  }
  return Object.fromEntries(read)
}

/** Reads one option. What is wrong is reported; undefined if there is no value then. */
export function decodeOption(spec: SettingSpec, value: unknown, report: ReportOption): SettingValue | undefined {
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
    case 'list':
      return list(spec, value, report)
    case 'headers':
      return headers(spec, value, report)
    default:
      return text(spec, 'a text', value, report)
  }
}
