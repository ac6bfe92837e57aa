// One setting from a text, as variables and flags give it; scalars of files that are texts come here too. The
// grammars are those of Go's strconv and of ct's variables, so that CT_* variables mean what they mean to ct.

import { parseAddress } from './address.ts'
import { printable, quoted } from './diagnostics.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { globProblem } from './glob.ts'
import { headerNameProblem } from './header-rules.ts'
import { Secret } from './secret.ts'
import type { CheckedSpec, ChoiceSpec, ListSpec, QuantitySpec, SettingSpec, SettingValue } from './setting-spec.ts'
import { formatSize, parseSize } from './size.ts'
import { maskUrl, urlProblem } from './upstream-url.ts'

/** A value, perhaps with a doubt about it; or why there is none. */
export type Decoded =
  | { readonly value: SettingValue; readonly warning?: string; readonly hint?: string }
  | { readonly problem: string; readonly hint?: string }

const failed = (problem: string, hint?: string): Decoded => (hint === undefined ? { problem } : { problem, hint })

const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
}

/** A number of one's own unit as its type is written. */
export const formatQuantity = (type: QuantitySpec['type'], value: number): string =>
  type === 'duration' ? formatDuration(value) : type === 'size' ? formatSize(value) : String(value)

const inBounds = ({ type, min, max }: QuantitySpec): string =>
  `write ${formatQuantity(type, min)} ${max >= 1e12 ? 'or more' : `to ${formatQuantity(type, max)}`}`

/** What to do about a text that is no whole number. */
export const wholeNumberHint = 'write digits only, such as 100'

/** What to do about a value that is no list. */
export const listHint = 'write [a, b] or one `- a` per line'

/** What to do about a text that can't be an item of this list. */
export const itemHint = ({ of }: ListSpec): string => itemHints[of]

const itemHints: Readonly<Record<ListSpec['of'], string>> = {
  glob: 'write an id, or a part of one with *, such as team-*',
  label: 'write the name of a label, such as team',
  text: 'write one text per item',
}

/** What to do about a header name that can't be one. */
export const headerNameHint = 'write a name such as X-Scope-OrgID'

/** What to do about a header that can't be set. */
export const headersHint = 'take it out, or choose another header'

/** Holds a number to its bounds. */
export function checkQuantity(spec: QuantitySpec, value: number): Decoded {
  const format = (n: number): string => formatQuantity(spec.type, n)
  if (value < spec.min) return failed(`${format(value)} is too little; at least ${format(spec.min)}`, inBounds(spec))
  if (value > spec.max) return failed(`${format(value)} is too much; at most ${format(spec.max)}`, inBounds(spec))
  if (spec.type === 'duration' && value > 0 && value < 1) {
    return {
      value,
      warning: `this is only ${formatDuration(value)}`,
      hint: 'a number without a unit counts nanoseconds',
    }
  }
  return { value }
}

function quantity(spec: QuantitySpec, text: string): Decoded {
  if (spec.type === 'integer') {
    if (!/^[+-]?\d{1,18}$/.test(text)) return failed(`${quoted(text)} is not a whole number`, wholeNumberHint)
    return checkQuantity(spec, Number(text))
  }
  if (spec.type === 'size') {
    const bytes = parseSize(text)
    if (bytes === undefined)
      return failed(`${quoted(text)} is not a size`, 'write bytes, or a unit such as 32MiB or 64MB')
    return checkQuantity(spec, bytes)
  }
  const grammar = spec.ct === undefined ? 'prometheus' : 'go'
  const ms = parseDuration(text, grammar)
  if (ms !== undefined) return checkQuantity(spec, ms)
  const example = grammar === 'go' ? '10s, 1m30s or 1.5h' : '500ms, 10s, 1m30s or 1d'
  return failed(`${quoted(text)} is not a duration`, `write numbers with units, such as ${example}`)
}

function choice(spec: ChoiceSpec, text: string): Decoded {
  if (spec.exact !== undefined) {
    if (spec.values.includes(text)) return { value: text }
    return failed(spec.exact + printable(text), `the values are ${spec.values.join(', ')}`)
  }
  const lower = text.toLowerCase()
  const value = spec.aliases?.[lower] ?? lower
  if (spec.values.includes(value)) return { value }
  return failed(`${quoted(text)} is not one of the values`, `the values are ${spec.values.join(', ')}`)
}

/** Why a text can't be an item of this list. */
export function itemProblem(spec: ListSpec, text: string): string | undefined {
  if (spec.of === 'glob') return globProblem(text)
  if (text !== '') return undefined
  return spec.of === 'label' ? 'a label name cannot be empty' : 'an item cannot be empty'
}

function list(spec: ListSpec, text: string): Decoded {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  for (const item of items) {
    const problem = itemProblem(spec, item)
    if (problem !== undefined) return failed(`${quoted(item)}: ${problem}`, itemHint(spec))
  }
  if (items.length < (spec.minItems ?? 0))
    return failed(`the list needs at least ${spec.minItems} item`, itemHint(spec))
  return { value: items }
}

function checked(spec: CheckedSpec, text: string): Decoded {
  if (text === '' && (spec.optional === true || spec.ct?.zeroIsDefault === true)) return { value: text }
  if (spec.type === 'header') {
    const problem = headerNameProblem(text)
    return problem === undefined ? { value: text } : failed(problem, headerNameHint)
  }
  if (spec.type === 'url') {
    const problem = urlProblem(text)
    if (problem === undefined) return { value: text }
    return failed(`${quoted(maskUrl(text))}: ${problem}`, 'write a URL such as http://mimir:8080/api/v1/push')
  }
  if (parseAddress(text) !== undefined) return { value: text }
  return failed(`${quoted(text)} is not an address`, 'write host:port, such as 127.0.0.1:8080 or :8080 or [::1]:8080')
}

/** Reads one setting from a text; lists are comma-separated. */
export function decodeText(spec: SettingSpec, text: string): Decoded {
  switch (spec.type) {
    case 'string':
      return { value: text }
    case 'boolean': {
      const value = Object.hasOwn(booleans, text) ? booleans[text] : undefined
      return value === undefined ? failed(`${quoted(text)} is not a boolean`, 'write true or false') : { value }
    }
    case 'integer':
    case 'duration':
    case 'size':
      return quantity(spec, text)
    case 'enum':
      return text === '' && spec.ct?.zeroIsDefault === true ? { value: '' } : choice(spec, text)
    case 'list':
      return list(spec, text)
    case 'address':
    case 'header':
    case 'url':
      return checked(spec, text)
    case 'secret':
      return { value: new Secret(text) }
    case 'headers':
    case 'map':
    case 'http_headers':
    case 'object':
    case 'overrides':
      return failed('it can be set in a file only', 'write it under `sluice:` in the file of --config')
  }
}
