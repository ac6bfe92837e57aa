// Values from what TypeScript has.

import { Secret } from '../../config/secret.ts'
import type {
  ArrayValue,
  BoolValue,
  CapsuleValue,
  NullValue,
  NumberValue,
  ObjectValue,
  SecretValue,
  StringValue,
  Value,
} from './value.ts'

export const nullValue = (): NullValue => ({ type: 'null' })
export const boolValue = (value: boolean): BoolValue => ({ type: 'bool', value })
export const stringValue = (value: string): StringValue => ({ type: 'string', value })
export const arrayValue = (items: readonly Value[]): ArrayValue => ({ type: 'array', items })

/** An int64: wraps beyond it. */
export const intValue = (value: bigint | number): NumberValue => ({
  type: 'number',
  kind: 'int',
  value: BigInt.asIntN(64, BigInt(value)),
})
/** A uint64: wraps beyond it. */
export const uintValue = (value: bigint): NumberValue => ({
  type: 'number',
  kind: 'uint',
  value: BigInt.asUintN(64, value),
})
export const floatValue = (value: number): NumberValue => ({ type: 'number', kind: 'float', value })

export const objectValue = (fields: Iterable<readonly [string, Value]>): ObjectValue => ({
  type: 'object',
  fields: new Map(fields),
})

export const secretValue = (secret: Secret | string): SecretValue => ({
  type: 'secret',
  secret: typeof secret === 'string' ? new Secret(secret) : secret,
})

/** `name` names the type in messages, as Alloy does: `storage.Appendable`. */
export const capsuleValue = (name: string, content: object): CapsuleValue => ({ type: 'capsule', name, content })
