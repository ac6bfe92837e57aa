// From a placed value to the plain one that the settings' decoders take (config/decode-option.ts), by Alloy's rules:
// numbers and texts become one another, a secret never becomes a text.

import { Pairs } from '../../config/decode-map.ts'
import { Secret } from '../../config/secret.ts'
import type { SettingSpec } from '../../config/setting-spec.ts'
import type { TypeName } from '../syntax/value.ts'
import { mismatch } from './mismatch.ts'
import { numberOf, textOfNumber } from './numbers.ts'
import { fieldsOf, itemsOf, type Placed } from './placed.ts'

/** A value; not to be known yet; or none, and why has been reported. */
export type Outcome<T = unknown> = { readonly value: T } | 'unknown' | 'failed'

export interface PlainContext {
  /** The text of the file; absent where the value may be secret. */
  readonly source: string | undefined
  readonly fail: (placed: Placed, message: string, hint?: string) => void
}

export type ToPlain<T = unknown> = (placed: Placed, context: PlainContext) => Outcome<T>

const refuse = (want: TypeName, placed: Placed, context: PlainContext, hint?: string): 'failed' => {
  context.fail(placed, mismatch(want, placed, context.source), hint)
  return 'failed'
}

const isUnknown = (placed: Placed): boolean =>
  placed.value === undefined && placed.items === undefined && placed.fields === undefined

const text: ToPlain<string> = (placed, context) => {
  const { value } = placed
  if (isUnknown(placed)) return 'unknown'
  if (value?.type === 'string') return { value: value.value }
  if (value?.type === 'number') return { value: textOfNumber(value) }
  if (value?.type === 'secret') {
    context.fail(
      placed,
      'secrets may not be converted into strings',
      'give it where a secret belongs, or use convert.nonsensitive(…) if it is none',
    )
    return 'failed'
  }
  return refuse('string', placed, context)
}

/** A text that is secret from here on. */
const secret: ToPlain<Secret> = (placed, context) => {
  if (placed.value?.type === 'secret') return { value: placed.value.secret }
  const read = text(placed, context)
  return typeof read === 'string' ? read : { value: new Secret(read.value) }
}

/** A text, or one that is secret and is wanted as such. */
const textOrSecret: ToPlain<string> = (placed, context) =>
  placed.value?.type === 'secret' ? { value: placed.value.secret.reveal() } : text(placed, context)

const bool: ToPlain<boolean> = (placed, context) => {
  if (isUnknown(placed)) return 'unknown'
  return placed.value?.type === 'bool' ? { value: placed.value.value } : refuse('bool', placed, context)
}

const number: ToPlain<number> = (placed, context) => {
  if (isUnknown(placed)) return 'unknown'
  const value = placed.value === undefined ? undefined : numberOf(placed.value)
  return value === undefined ? refuse('number', placed, context) : { value }
}

const size: ToPlain<number | string> = (placed, context) =>
  placed.value?.type === 'number' ? number(placed, context) : text(placed, context)

/** Every item, so that all that is wrong is said. */
export const arrayOf =
  <T>(item: ToPlain<T>, hint?: (placed: Placed, context: PlainContext) => string | undefined): ToPlain<readonly T[]> =>
  (placed, context) => {
    if (isUnknown(placed)) return 'unknown'
    const items = itemsOf(placed)
    if (items === undefined) return refuse('array', placed, context, hint?.(placed, context))
    return all(items.map((each) => item(each, context)))
  }

const objectOf =
  <T>(field: ToPlain<T>): ToPlain<readonly (readonly [name: string, value: T])[]> =>
  (placed, context) => {
    if (isUnknown(placed)) return 'unknown'
    const fields = fieldsOf(placed)
    if (fields === undefined) return refuse('object', placed, context)
    const names = [...fields.keys()]
    const values = all([...fields.values()].map((each) => field(each, context)))
    return typeof values === 'string'
      ? values
      : { value: values.value.map((value, index) => [names[index] as string, value]) }
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

/** Whatever JSON has. */
const free: ToPlain = (placed, context) => {
  if (isUnknown(placed)) return 'unknown'
  const { value } = placed
  if (itemsOf(placed) !== undefined) return arrayOf(free)(placed, context)
  if (fieldsOf(placed) !== undefined) return pairsOf(free)(placed, context)
  if (value?.type === 'null') return { value: null }
  if (value?.type === 'number') return { value: Number(value.value) }
  return value?.type === 'bool' ? { value: value.value } : text(placed, context)
}

export const texts = arrayOf(text)
export const mapOfTexts = objectOf(text)

/** How the values of a row are read. */
export function plainOf(spec: SettingSpec): ToPlain {
  switch (spec.type) {
    case 'boolean':
      return bool
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
