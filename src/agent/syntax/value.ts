// What an expression comes to: Alloy's types of values. Values are immutable.

import type { Secret } from '../../config/secret.ts'

export type Value =
  | NullValue
  | BoolValue
  | NumberValue
  | StringValue
  | ArrayValue
  | ObjectValue
  | FunctionValue
  | SecretValue
  | CapsuleValue

/** Names of types as Alloy's texts have them; secrets are capsules in them. */
export type TypeName = 'null' | 'bool' | 'number' | 'string' | 'array' | 'object' | 'function' | 'capsule'

export interface NullValue {
  readonly type: 'null'
}

export interface BoolValue {
  readonly type: 'bool'
  readonly value: boolean
}

/** int64 and uint64 as bigint, which wraps at 64 bits; float64 as number. */
export type NumberValue =
  | { readonly type: 'number'; readonly kind: 'int' | 'uint'; readonly value: bigint }
  | { readonly type: 'number'; readonly kind: 'float'; readonly value: number }

export interface StringValue {
  readonly type: 'string'
  readonly value: string
}

export interface ArrayValue {
  readonly type: 'array'
  readonly items: readonly Value[]
}

export interface ObjectValue {
  readonly type: 'object'
  /** In the order in which they were written. */
  readonly fields: ReadonlyMap<string, Value>
}

/** A function of the standard library. `call` throws ValueError or CallError (value-error.ts). */
export interface FunctionValue {
  readonly type: 'function'
  readonly name: string
  readonly call: (args: readonly Value[]) => Value
}

/** Alloy's `secret`: never shown, and no string. `optional`: an OptionalSecret that holds a plain text is a string. */
export interface SecretValue {
  readonly type: 'secret'
  readonly secret: Secret
}

/** What only components understand: a receiver, say. Two are equal if `content` is the same object. */
export interface CapsuleValue {
  readonly type: 'capsule'
  /** Names the type in texts, as Alloy does: `capsule("storage.Appendable")`. */
  readonly name: string
  readonly content: object
}

export const typeName = (value: Value): TypeName => (value.type === 'secret' ? 'capsule' : value.type)
