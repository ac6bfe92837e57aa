// Arguments, exports and debug information in the form that Alloy's API gives bodies of blocks
// (syntax/encoding/alloyjson). No secret is in it.

import { formatDuration } from '../../config/duration.ts'
import { Secret } from '../../config/secret.ts'
import type { SettingSpec } from '../../config/setting-spec.ts'
import type { Receiver } from '../flow/receiver.ts'
import { typeName, type Value } from '../syntax/value.ts'
import type { AttributeSpec, BlockSchema, Decoded } from './component.ts'
import { isCapsule, isSecret } from './decode-attribute.ts'

export interface ValueJson {
  readonly type: string
  readonly value: unknown
}

export type StatementJson =
  | { readonly name: string; readonly type: 'attr'; readonly value: ValueJson }
  | { readonly name: string; readonly type: 'block'; readonly body: readonly StatementJson[] }

const hidden: ValueJson = { type: 'capsule', value: '(secret)' }

/** A value; null has no `value`, secrets are `(secret)`, functions and capsules a text. */
export function valueToJson(value: Value): ValueJson {
  switch (value.type) {
    case 'null':
      return { type: 'null', value: null }
    case 'number':
      return { type: 'number', value: Number(value.value) }
    case 'string':
    case 'bool':
      return { type: value.type, value: value.value }
    case 'array':
      return { type: 'array', value: value.items.map(valueToJson) }
    case 'object':
      return { type: 'object', value: [...value.fields].map(([key, field]) => ({ key, value: valueToJson(field) })) }
    case 'function':
      return { type: 'function', value: value.name }
    case 'secret':
      return hidden
    case 'capsule':
      return { type: typeName(value), value: capsuleText(value.name, value.content) }
  }
}

const capsuleText = (name: string, content: object): string =>
  'id' in content && typeof content.id === 'string' ? content.id : `capsule(${JSON.stringify(name)})`

/** Values by name, as attributes. */
export const valuesToJson = (values: Iterable<readonly [string, Value]>): readonly StatementJson[] =>
  [...values].map(([name, value]) => ({ name, type: 'attr', value: valueToJson(value) }))

/** What a block decoded to, defaults included; what may be left out and is empty is. */
export function argumentsToJson(decoded: Decoded, schema: BlockSchema): readonly StatementJson[] {
  const attributes = Object.entries(schema.attributes).flatMap(([name, spec]): StatementJson[] => {
    const value = decoded.values.get(name)
    if (value === undefined || (isEmpty(value) && !spec.required)) return []
    return [{ name, type: 'attr', value: argumentToJson(spec, value) }]
  })
  const blocks = Object.entries(schema.blocks).flatMap(([name, spec]) =>
    (decoded.blocks.get(name) ?? []).map(
      (block): StatementJson => ({ name, type: 'block', body: argumentsToJson(block, spec.schema) }),
    ),
  )
  return [...attributes, ...blocks]
}

const isEmpty = (value: unknown): boolean => {
  if (value === '' || value === false || value === 0) return true
  return typeof value === 'object' && value !== null && !(value instanceof Secret) && Object.keys(value).length === 0
}

function argumentToJson(spec: AttributeSpec, value: unknown): ValueJson {
  if (!isCapsule(spec)) return isSecret(spec) ? masked(value) : plainToJson(inOwnUnit(spec, value))
  if (spec.type === 'any') return valueToJson(value as Value)
  if (spec.type !== 'receivers') return plainToJson(value)
  return { type: 'array', value: (value as readonly Receiver[]).map(({ id }) => ({ type: 'capsule', value: id })) }
}

const inOwnUnit = (spec: SettingSpec, value: unknown): unknown =>
  spec.type === 'duration' ? formatDuration(value as number) : value

function plainToJson(value: unknown): ValueJson {
  if (value instanceof Secret) return hidden
  if (Array.isArray(value)) return { type: 'array', value: value.map(plainToJson) }
  if (value === null || value === undefined) return { type: 'null', value: null }
  if (typeof value !== 'object') return { type: typeof value === 'boolean' ? 'bool' : typeof value, value }
  return { type: 'object', value: Object.entries(value).map(([key, part]) => ({ key, value: plainToJson(part) })) }
}

/** The names in a mapping are no secrets. */
function masked(value: unknown): ValueJson {
  if (Array.isArray(value)) return { type: 'array', value: value.map(masked) }
  if (typeof value !== 'object' || value === null || value instanceof Secret) return hidden
  return { type: 'object', value: Object.entries(value).map(([key, part]) => ({ key, value: masked(part) })) }
}
