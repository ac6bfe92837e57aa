// `string`: Go's package strings, by characters and not by UTF-16 units.

import { toLower, toUpper } from '../../../config/letter-case.ts'
import { toList, toText } from '../convert.ts'
import { stringValue } from '../make-value.ts'
import { CallError } from '../value-error.ts'
import { format } from './format.ts'
import { boundedArray, boundedText, fn, maxItems, rawFn, tooManyItems } from './function.ts'

const toTexts = (value: Parameters<typeof toText>[0]): readonly string[] => toList(value, toText)

/** How often `part` stands in `text`, without overlaps; of '', between all characters. */
function occurrences(text: string, part: string): number {
  if (part === '') return Array.from(text).length + 1
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}

function split(text: string, separator: string): readonly string[] {
  if (separator === '') return Array.from(text)
  if (occurrences(text, separator) >= maxItems) throw tooManyItems()
  return text.split(separator)
}

function replaceAll(text: string, part: string, by: string): string {
  if (part !== '') return text.split(part).join(by)
  return `${by}${Array.from(text, (char) => char + by).join('')}`
}

function trim(text: string, cutset: string): string {
  const cut = new Set(cutset)
  const chars = Array.from(text)
  let start = 0
  let end = chars.length
  while (start < end && cut.has(chars[start] as string)) start++
  while (end > start && cut.has(chars[end - 1] as string)) end--
  return chars.slice(start, end).join('')
}

/** White space as Unicode has it, which is also Go's: unlike JavaScript's, with U+0085 and without U+FEFF. */
const isSpace = /^\p{White_Space}$/u

function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace.test(text[start] as string)) start++
  while (end > start && isSpace.test(text[end - 1] as string)) end--
  return text.slice(start, end)
}

const one = [toText] as const
const two = [toText, toText] as const

export const stringFunctions = [
  rawFn('string.format', (args) => {
    const [spec, ...values] = args
    if (spec === undefined) throw new CallError('expected at least 1 args, got 0')
    return stringValue(format(toText(spec), values))
  }),
  fn('string.join', [toTexts, toText], (texts: readonly string[], separator: string) => {
    const length = texts.reduce((sum, text) => sum + text.length + separator.length, -separator.length)
    return boundedText(() => texts.join(separator), length)
  }),
  fn('string.replace', [toText, toText, toText], (text: string, part: string, by: string) => {
    const length = text.length + occurrences(text, part) * (by.length - part.length)
    return boundedText(() => replaceAll(text, part, by), length)
  }),
  fn('string.split', two, (text, separator) => boundedArray(split(text, separator).map(stringValue))),
  fn('string.to_lower', one, (text) => boundedText(() => toLower(text))),
  fn('string.to_upper', one, (text) => boundedText(() => toUpper(text))),
  fn('string.trim', two, (text, cutset) => stringValue(trim(text, cutset))),
  fn('string.trim_prefix', two, (text, prefix) => {
    return stringValue(text.startsWith(prefix) ? text.slice(prefix.length) : text)
  }),
  fn('string.trim_suffix', two, (text, suffix) => {
    return stringValue(text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text)
  }),
  fn('string.trim_space', one, (text) => stringValue(trimSpace(text))),
]
