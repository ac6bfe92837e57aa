// What one row of the settings table says, and the TypeScript type that its values have. Everything that reads,
// checks, prints or documents settings works from these rows; none knows a setting by name.

import type { HttpHeaderValues } from './http-client/http-client-settings.ts'
import type { Secret } from './secret.ts'
import type { Override } from './tenancy-settings.ts'

interface Common {
  /** One sentence: what it does, in which unit, within which bounds. Markdown. */
  readonly doc: string
  /** Never printed. */
  readonly secret?: true
  /** What applies while it is not set, where that is no constant. Markdown. */
  readonly defaultText?: string
  /** One of cortex-tenant's keys: the path is its place in the file. */
  readonly ct?: { readonly env: string /** 0 and "" mean the default, as in ct. */; readonly zeroIsDefault?: true }
  /** ct's keys for the same matter. It is read instead of them, unless one of them comes from a higher source. */
  readonly replaces?: readonly string[]
  /** A change needs a restart; all others take effect with a reload. */
  readonly restart?: true
  /** A second name of the flag, without the dashes. */
  readonly flagAlias?: string
  /** A second variable. */
  readonly variableAlias?: string
}

interface TextSpec extends Common {
  readonly type: 'string'
  readonly default?: string
}
export interface SecretSpec extends Common {
  readonly type: 'secret'
  /** A URL: only its password is masked where people read it. */
  readonly isUrl?: true
}
export interface CheckedSpec extends Common {
  /** address: host:port. header: a header name. */
  readonly type: 'address' | 'header' | 'url'
  readonly default?: string
  /** '' is allowed and switches it off. */
  readonly optional?: true
}
interface BooleanSpec extends Common {
  readonly type: 'boolean'
  readonly default?: boolean
}
export interface QuantitySpec extends Common {
  /** duration: milliseconds, in Go's grammar for ct's keys and Prometheus' for others. size: bytes. */
  readonly type: 'integer' | 'duration' | 'size'
  readonly default?: number
  readonly min: number
  readonly max: number
}
export interface ChoiceSpec extends Common {
  readonly type: 'enum'
  readonly values: readonly string[]
  /** Other spellings that are taken; matched, like the values, in any case. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Case counts; what is said, with the value after it, where it is none of them. */
  readonly exact?: string
  readonly default?: string
}
export interface ListSpec extends Common {
  readonly type: 'list'
  readonly of: 'label' | 'glob' | 'text'
  readonly minItems?: number
  readonly default?: readonly string[]
}
export interface HeadersSpec extends Common {
  readonly type: 'headers'
  /** `Authorization` may be among them: no other setting gives it. */
  readonly authorization?: true
}
/** A mapping from names to secret texts, or to lists of them. */
export interface MapSpec extends Common {
  readonly type: 'map'
  readonly of: 'secret' | 'secrets'
  /** Names and values must be fit for a header. */
  readonly isHeaders?: true
}
interface HttpHeadersSpec extends Common {
  readonly type: 'http_headers'
}
/** A mapping whose content is not ours to know. */
interface ObjectSpec extends Common {
  readonly type: 'object'
}
interface OverridesSpec extends Common {
  readonly type: 'overrides'
  readonly default?: readonly Override[]
}

export type SettingSpec =
  | TextSpec
  | SecretSpec
  | CheckedSpec
  | BooleanSpec
  | QuantitySpec
  | ChoiceSpec
  | ListSpec
  | HeadersSpec
  | MapSpec
  | HttpHeadersSpec
  | ObjectSpec
  | OverridesSpec

export type SecretMap = Readonly<Record<string, Secret>>
export type SecretListMap = Readonly<Record<string, readonly Secret[]>>
export type HttpHeadersMap = Readonly<Record<string, HttpHeaderValues>>

interface Values {
  readonly boolean: boolean
  readonly integer: number
  readonly duration: number
  readonly size: number
  readonly secret: Secret
  readonly list: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly http_headers: HttpHeadersMap
  readonly object: Readonly<Record<string, unknown>>
  readonly overrides: readonly Override[]
}

/** The type of the values of one row. */
export type ValueOf<S> = S extends { readonly type: infer T extends keyof Values }
  ? Values[T]
  : S extends { readonly type: 'map'; readonly of: infer O }
    ? O extends 'secret'
      ? SecretMap
      : SecretListMap
    : S extends { readonly type: 'enum'; readonly values: readonly (infer V)[] }
      ? V
      : string

export type SettingValue = string | SecretMap | SecretListMap | Values[keyof Values]

/** Timers of the runtime hold no longer time than this: 24 days and 20 hours. */
export const maxTimerMs = 2 ** 31 - 1
