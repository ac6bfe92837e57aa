// Arguments, exports and debug information in the form that Alloy's API gives bodies of blocks
// (syntax/encoding/alloyjson). No secret is in it.

import { formatDuration } from '../../config/duration.ts'
import { Secret } from '../../config/secret.ts'
import type { SettingSpec } from '../../config/setting-spec.ts'
import { isHttpUrl, maskUrl } from '../../config/upstream-url.ts'
import { capsuleNames, type Receiver } from '../flow/receiver.ts'
import type { Value } from '../syntax/value.ts'
import { type JsonValue, valueToJson } from '../syntax/value-text.ts'
import type { AttributeSpec, BlockSchema, Decoded } from './component.ts'
import { isCapsule, isSecret } from './decode-attribute.ts'

export type StatementJson =
  | { readonly name: string; readonly type: 'attr'; readonly value: JsonValue }
  | { readonly name: string; readonly type: 'block'; readonly body: readonly StatementJson[] }

const hidden: JsonValue = { type: 'capsule', value: '(secret)' }

/** Alloy shows a receiver by the export that it is. */
const receiverToJson = ({ id }: Receiver): JsonValue => ({ type: 'capsule', value: `${id}.receiver` })

const receiverNames: readonly string[] = Object.values(capsuleNames)

const exportToJson = (value: Value): JsonValue =>
  value.type === 'capsule' && receiverNames.includes(value.name)
    ? receiverToJson(value.content as Receiver)
    : valueToJson(value)

/** Values by name, as attributes. */
export const valuesToJson = (values: Iterable<readonly [string, Value]>): readonly StatementJson[] =>
  [...values].map(([name, value]) => ({ name, type: 'attr', value: exportToJson(value) }))

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

function argumentToJson(spec: AttributeSpec, value: unknown): JsonValue {
  if (!isCapsule(spec)) return isSecret(spec) ? masked(value) : plainToJson(inOwnUnit(spec, value))
  if (spec.type === 'any') return valueToJson(value as Value)
  if (spec.type !== 'receivers') return plainToJson(value)
  return { type: 'array', value: (value as readonly Receiver[]).map(receiverToJson) }
}

const inOwnUnit = (spec: SettingSpec, value: unknown): unknown =>
  spec.type === 'duration' ? formatDuration(value as number) : value

/** Whatever its row is called, a URL may have a password or a token in it. */
const textToJson = (text: string): JsonValue => ({ type: 'string', value: isHttpUrl(text) ? maskUrl(text) : text })

function plainToJson(value: unknown): JsonValue {
  if (value instanceof Secret) return hidden
  if (Array.isArray(value)) return { type: 'array', value: value.map(plainToJson) }
  if (value === null || value === undefined) return { type: 'null', value: null }
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'number') return { type: 'number', value }
  if (typeof value !== 'object') return textToJson(String(value))
  return { type: 'object', value: Object.entries(value).map(([key, part]) => ({ key, value: plainToJson(part) })) }
}

/** The names in a mapping are no secrets. */
function masked(value: unknown): JsonValue {
  if (Array.isArray(value)) return { type: 'array', value: value.map(masked) }
  if (typeof value !== 'object' || value === null || value instanceof Secret) return hidden
  return { type: 'object', value: Object.entries(value).map(([key, part]) => ({ key, value: masked(part) })) }
}
