// Settings that are mappings with names of the user's own (headers, parameters, claims), from plain values or from
// what a file holds in their form. No message shows a value: most are secrets.

import { headersHint } from './decode-text.ts'
import { quoted } from './diagnostics.ts'
import { headerNameProblem, headerTokenProblem, headerValueProblem } from './header-rules.ts'
import type { HttpHeaderValues } from './http-client/http-client-settings.ts'
import { nearest, nearestHint } from './nearest.ts'
import { Secret } from './secret.ts'
import type { HeadersSpec, SettingSpec, SettingValue } from './setting-spec.ts'

/** Where in the value (`[1]`, `.X-A`, '' for all of it) something is wrong, what, and what to do; `name`: with a name. */
export type ReportAt = (at: string, message: string, hint?: string, what?: 'name') => void

/** A mapping of a file: unlike an object's, its names may repeat. */
export class Pairs {
  readonly entries: readonly (readonly [name: string, value: unknown])[]

  constructor(entries: Pairs['entries']) {
    this.entries = entries
  }
}

const mapTypes = ['headers', 'map', 'http_headers', 'object'] as const
export type AnyMapSpec = Extract<SettingSpec, { readonly type: (typeof mapTypes)[number] }>

export const isMapSpec = (spec: SettingSpec): spec is AnyMapSpec => (mapTypes as readonly string[]).includes(spec.type)

/** What a value is, for people. */
export const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Pairs) return 'a mapping'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export const wrongType = (want: string, value: unknown): string => `${want} belongs here, not ${kindOf(value)}`

/** Whether a value is an object with names and values. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)

const entriesOf = (value: unknown): Pairs['entries'] | undefined =>
  value instanceof Pairs ? value.entries : isRecord(value) ? Object.entries(value) : undefined

type Read<T> = (value: unknown, at: string) => T | undefined

/** The entries whose names are fit and whose values could be read. */
function entries<T>(
  value: unknown,
  at: string,
  report: ReportAt,
  problemOf: (name: string) => string | undefined,
  hint: string,
  read: Read<T>,
): Readonly<Record<string, T>> | undefined {
  const given = entriesOf(value)
  if (given === undefined) return void report(at, wrongType('an object', value), 'write { name: value }')
  const result = new Map<string, T>()
  for (const [name, content] of given) {
    if (content === undefined) continue
    const problem = problemOf(name)
    if (problem !== undefined) report(`${at}.${name}`, problem, hint, 'name')
    const one = read(content, `${at}.${name}`)
    if (one !== undefined) result.set(name, one)
  }
  return Object.fromEntries(result)
}

/** Header names differ by more than their case. */
function headerNames(problemOf: (name: string) => string | undefined): (name: string) => string | undefined {
  const seen = new Set<string>()
  return (name) => {
    const lower = name.toLowerCase()
    if (seen.has(lower)) return `the header ${quoted(name)} is set twice`
    seen.add(lower)
    return problemOf(name)
  }
}

function uniqueNames(): (name: string) => string | undefined {
  const seen = new Set<string>()
  return (name) => (seen.has(name) ? `${quoted(name)} is set twice` : void seen.add(name))
}

/** Reads a text, or a Secret. */
function textOf(value: unknown, at: string, report: ReportAt, isHeader: boolean): string | undefined {
  const text = value instanceof Secret ? value.reveal() : value
  if (typeof text !== 'string') return void report(at, wrongType('a text', value))
  const problem = isHeader ? headerValueProblem(text) : undefined
  if (problem !== undefined) report(at, problem, 'write one line of printable text')
  return text
}

function listOf<T>(value: unknown, at: string, report: ReportAt, read: Read<T>): readonly T[] | undefined {
  if (!Array.isArray(value)) return void report(at, wrongType('a list', value), 'write [a, b]')
  return value.flatMap((item, index) => {
    const one = read(item, `${at}[${index}]`)
    return one === undefined ? [] : [one]
  })
}

function headerValues(value: unknown, at: string, report: ReportAt): HttpHeaderValues | undefined {
  const known = ['values', 'secrets', 'files']
  const isUnique = uniqueNames()
  const problemOf = (name: string): string | undefined =>
    known.includes(name) ? isUnique(name) : `unknown key ${quoted(name)}`
  const guess = entriesOf(value)?.find(([name]) => !known.includes(name))?.[0]
  const similar = guess === undefined ? undefined : nearest(guess, known)
  const hint = nearestHint(similar, known)
  const lists = entries(value, at, report, problemOf, hint, (content, where) =>
    listOf(content, where, report, (item, place) => textOf(item, place, report, !where.endsWith('.files'))),
  )
  if (lists === undefined) return undefined
  const { values = [], secrets = [], files = [] } = lists
  return { values, secrets: secrets.map((text) => new Secret(text)), files }
}

/** How deep a mapping's own content may be nested. */
export const maxDepth = 32

/** A value of JSON's kind, copied. */
function free(value: unknown, at: string, report: ReportAt, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (depth > maxDepth) return void report(at, `nested more than ${maxDepth} deep`)
  const within: Read<unknown> = (content, where) => free(content, where, report, depth + 1)
  if (Array.isArray(value)) return listOf(value, at, report, within)
  if (entriesOf(value) !== undefined) return entries(value, at, report, uniqueNames(), 'take one of them out', within)
  return void report(at, `${kindOf(value)} has no place in JSON`)
}

const openNames =
  ({ authorization }: HeadersSpec) =>
  (name: string): string | undefined =>
    authorization === true && name.toLowerCase() === 'authorization' ? undefined : headerNameProblem(name)

/** Reads a mapping. What is wrong is reported; undefined if there is no value then. */
export function decodeMap(spec: AnyMapSpec, value: unknown, report: ReportAt): SettingValue | undefined {
  const secret: Read<Secret> = (content, at) => {
    const text = textOf(content, at, report, spec.type === 'map' && spec.isHeaders === true)
    return text === undefined ? undefined : new Secret(text)
  }
  const takeOut = 'take one of them out'
  switch (spec.type) {
    case 'headers':
      return entries(value, '', report, headerNames(openNames(spec)), headersHint, (content, at) =>
        textOf(content, at, report, true),
      )
    case 'http_headers':
      return entries(value, '', report, headerNames(headerTokenProblem), headersHint, (content, at) =>
        headerValues(content, at, report),
      )
    case 'object':
      return entries(value, '', report, uniqueNames(), takeOut, (content, at) => free(content, at, report))
    case 'map': {
      const names = spec.isHeaders ? headerNames(headerTokenProblem) : uniqueNames()
      const hint = spec.isHeaders ? headersHint : takeOut
      return spec.of === 'secret'
        ? entries(value, '', report, names, hint, secret)
        : entries(value, '', report, names, hint, (content, at) => listOf(content, at, report, secret))
    }
  }
}
