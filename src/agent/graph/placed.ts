// An expression's value with the place of each part that was written out, so that what is wrong with the third item of
// a list is reported at the third item. A part may be unknown: a check can't know what a component will export.

import type { Span } from '../../config/source-file.ts'
import type { Expression, Identifier } from '../syntax/ast.ts'
import { evaluate } from '../syntax/evaluate.ts'
import type { Scope } from '../syntax/scope.ts'
import type { Value } from '../syntax/value.ts'
import { EvaluationError } from '../syntax/value-error.ts'
import type { Report } from './component.ts'

export interface Placed {
  /** The innermost expression that was written for it. */
  readonly expression: Expression
  /** From the expression's value to this one: `[1].name`; '' for the expression's own. */
  readonly path: string
  /** undefined: not known yet. */
  readonly value: Value | undefined
  /** Of an array that is written out. */
  readonly items?: readonly Placed[]
  /** Of an object that is written out. */
  readonly fields?: ReadonlyMap<string, PlacedField>
}

export interface PlacedField {
  readonly key: Identifier
  readonly part: Placed
}

export interface PlaceContext {
  readonly scope: Scope
  /** Whether an expression can be evaluated now. */
  readonly isKnown: (expression: Expression) => boolean
  readonly report: Report
}

/** Evaluates part by part; what can't be evaluated is reported. undefined if anything was. */
export function place(expression: Expression, context: PlaceContext): Placed | undefined {
  if (expression.kind === 'array') return placeArray(expression, expression.elements, context)
  if (expression.kind === 'object') return placeObject(expression, context)
  if (!context.isKnown(expression)) return { expression, path: '', value: undefined }
  try {
    return { expression, path: '', value: evaluate(expression, context.scope) }
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    return void context.report('error', error.span, error.message, error.hint)
  }
}

function placeArray(
  expression: Expression,
  elements: readonly Expression[],
  context: PlaceContext,
): Placed | undefined {
  const placed = elements.map((element) => place(element, context))
  const items = placed.filter((item) => item !== undefined)
  if (items.length < placed.length) return undefined
  const values = items.map(({ value }) => value).filter((value) => value !== undefined)
  const value: Value | undefined = values.length < items.length ? undefined : { type: 'array', items: values }
  return { expression, path: '', value, items }
}

function placeObject(expression: Expression & { kind: 'object' }, context: PlaceContext): Placed | undefined {
  const fields = new Map<string, PlacedField>()
  let hasFailed = false
  for (const field of expression.fields) {
    const part = place(field.value, context)
    if (part === undefined) hasFailed = true
    else fields.set(field.key.name, { key: field.key, part })
  }
  if (hasFailed) return undefined
  const values = new Map<string, Value>()
  for (const [name, { part }] of fields) if (part.value !== undefined) values.set(name, part.value)
  const value: Value | undefined = values.size < fields.size ? undefined : { type: 'object', fields: values }
  return { expression, path: '', value, fields }
}

/** Nothing of it is known, not even its type. */
export const isUnknown = ({ value, items, fields }: Placed): boolean =>
  value === undefined && items === undefined && fields === undefined

/** The items of an array; undefined: it is none, or not known. */
export function itemsOf(placed: Placed): readonly Placed[] | undefined {
  if (placed.items !== undefined) return placed.items
  const { value, expression, path } = placed
  if (value?.type !== 'array') return undefined
  return value.items.map((item, index) => ({ expression, path: `${path}[${index}]`, value: item }))
}

/** The fields of an object; undefined: it is none, or not known. */
export function fieldsOf(placed: Placed): ReadonlyMap<string, Placed> | undefined {
  const { value, expression, path, fields } = placed
  if (fields !== undefined) return new Map([...fields].map(([name, { part }]) => [name, part]))
  if (value?.type !== 'object') return undefined
  return new Map(
    [...value.fields].map(([name, field]) => [name, { expression, path: `${path}.${name}`, value: field }]),
  )
}

/** Where the part is that `at` names, as `[1]`, `.name` or `.name[0]`; the nearest that is written out. */
export function spanAt(placed: Placed, at: string, what: 'name' | 'value' = 'value'): Span {
  const index = /^\[(\d+)\]/.exec(at)
  const item = index === null ? undefined : placed.items?.[Number(index[1])]
  if (index !== null && item !== undefined) return spanAt(item, at.slice(index[0].length), what)
  for (const [name, { key, part }] of placed.fields ?? []) {
    if (!at.startsWith(`.${name}`)) continue
    const rest = at.slice(name.length + 1)
    if (rest === '') return what === 'name' ? { start: key.start, end: key.end } : spanOf(part.expression)
    if (rest.startsWith('.') || rest.startsWith('[')) return spanAt(part, rest, what)
  }
  return spanOf(placed.expression)
}

export const spanOf = ({ start, end }: Span): Span => ({ start, end })
