// From a placed value to the plain one that the settings' decoders take (config/decode-option.ts), by Alloy's rules for
// types. Every part of a list or map is read, so that all that is wrong in it is said.

import { Pairs } from '../../config/decode-map.ts'
import type { SettingSpec } from '../../config/setting-spec.ts'
import { type Convert, toBoolean, toNumber, toSecret, toText } from '../syntax/convert.ts'
import type { Value } from '../syntax/value.ts'
import { typeError, ValueError } from '../syntax/value-error.ts'
import { mismatch } from './mismatch.ts'
import { fieldsOf, isUnknown, itemsOf, type Placed } from './placed.ts'

/** A value; not to be known yet; or none, and why has been reported. */
export type Outcome<T = unknown> = { readonly value: T } | 'unknown' | 'failed'

export interface PlainContext {
  /** What is written may be secret. */
  readonly isSecret: boolean
  readonly fail: (placed: Placed, message: string, hint?: string) => void
}

export type ToPlain<T = unknown> = (placed: Placed, context: PlainContext) => Outcome<T>

const secretHint = 'give it where a secret belongs, or use convert.nonsensitive(…) if it is none'

function refuse(error: ValueError, placed: Placed, context: PlainContext, hint?: string): 'failed' {
  const unwrap = placed.value?.type === 'secret' && hint === undefined
  context.fail(placed, mismatch(error, placed, context.isSecret), unwrap ? secretHint : hint)
  return 'failed'
}

/** Reads a value without parts; `hint` says what to do where it can't be. */
export const leaf =
  <T>(convert: Convert<T>, hint?: string): ToPlain<T> =>
  (placed, context) => {
    if (isUnknown(placed)) return 'unknown'
    try {
      return { value: convert(placed.value ?? partial(placed)) }
    } catch (error) {
      if (error instanceof ValueError) return refuse(error, placed, context, hint)
      throw error
    }
  }

/** What stands for an array or object of which not all is known: its type is. */
const partial = (placed: Placed): Value =>
  placed.items === undefined ? { type: 'object', fields: new Map() } : { type: 'array', items: [] }

export const arrayOf =
  <T>(item: ToPlain<T>, hint?: (placed: Placed) => string | undefined): ToPlain<readonly T[]> =>
  (placed, context) => {
    if (isUnknown(placed)) return 'unknown'
    const items = itemsOf(placed)
    if (items !== undefined) return all(items.map((each) => item(each, context)))
    return refuse(typeError(placed.value ?? partial(placed), 'array'), placed, context, hint?.(placed))
  }

export const objectOf =
  <T>(field: ToPlain<T>): ToPlain<readonly (readonly [name: string, value: T])[]> =>
  (placed, context) => {
    if (isUnknown(placed)) return 'unknown'
    const fields = fieldsOf(placed)
    if (fields === undefined) return refuse(typeError(placed.value ?? partial(placed), 'object'), placed, context)
    const names = [...fields.keys()]
    const values = all([...fields.values()].map((each) => field(each, context)))
    if (typeof values === 'string') return values
    return { value: values.value.map((value, index) => [names[index] as string, value]) }
  }

function all<T>(outcomes: readonly Outcome<T>[]): Outcome<readonly T[]> {
  if (outcomes.includes('failed')) return 'failed'
  if (outcomes.includes('unknown')) return 'unknown'
  return { value: outcomes.flatMap((outcome) => (typeof outcome === 'string' ? [] : [outcome.value])) }
}

const pairsOf =
  (field: ToPlain): ToPlain<Pairs> =>
  (placed, context) => {
    const entries = objectOf(field)(placed, context)
    return typeof entries === 'string' ? entries : { value: new Pairs(entries.value) }
  }

const text = leaf(toText)
const number = leaf(toNumber)
const secret = leaf(toSecret)
/** A text that may be secret; the row keeps it so. */
const textOrSecret = leaf((value) => (value.type === 'secret' ? value.secret.reveal() : toText(value)))
const size = leaf((value) => (value.type === 'number' ? toNumber(value) : toText(value)))

/** Whatever JSON has. */
const free: ToPlain = (placed, context) => {
  const type = placed.value?.type
  if (placed.items !== undefined || type === 'array') return arrayOf(free)(placed, context)
  if (placed.fields !== undefined || type === 'object') return pairsOf(free)(placed, context)
  if (type === 'null') return { value: null }
  if (type === 'number') return number(placed, context)
  return type === 'bool' ? leaf(toBoolean)(placed, context) : text(placed, context)
}

export const texts = arrayOf(text)
export const mapOfTexts = objectOf(text)

/** How the values of a row are read. */
export function plainOf(spec: SettingSpec): ToPlain {
  switch (spec.type) {
    case 'boolean':
      return leaf(toBoolean)
    case 'integer':
      return number
    case 'size':
      return size
    case 'list':
      return texts
    case 'secret':
      return secret
    case 'headers':
      return pairsOf(textOrSecret)
    case 'map':
      return pairsOf(spec.of === 'secret' ? secret : arrayOf(secret))
    case 'http_headers':
      return pairsOf(pairsOf(arrayOf(textOrSecret)))
    case 'object':
      return pairsOf(free)
    case 'duration':
    case 'string':
    case 'address':
    case 'header':
    case 'url':
    case 'enum':
      return spec.secret ? textOrSecret : text
    case 'overrides':
      throw new Error('overrides are blocks in this syntax')
  }
}
