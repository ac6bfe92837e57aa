// What an expression may read besides itself.

import type { Span } from '../../config/source-file.ts'
import type { Value } from './value.ts'

/** From the least stable on. */
export type Stability = 'experimental' | 'public-preview' | 'generally-available'

/** The names of the standard library, each an object, a function or a value. */
export type Library = ReadonlyMap<string, Value>

export interface Scope {
  /** Components, arguments, variables. They come before the library. */
  lookup(name: string): Value | undefined
  /** The standard library; by default, one that reads this process' environment. */
  readonly library?: Library
  /** The least stable that may be used. Default: generally-available. */
  readonly stability?: Stability
  /** Told of deprecated functions, with where they stand. */
  readonly warn?: (span: Span, message: string, hint?: string) => void
}

/** Nothing but the library. */
export const emptyScope: Scope = { lookup: () => undefined }
