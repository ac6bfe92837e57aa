// Where a value came from, so that whatever is found wrong with it later can point there.

import type { Diagnostic } from './diagnostics.ts'
import type { SettingPath } from './settings.ts'
import type { Position, Span } from './source-file.ts'

export interface Origin {
  readonly kind: 'flag' | 'env' | 'file' | 'default'
  /** The flag with its dashes, the variable, the key with its groups, or the path of a default. */
  readonly name: string
  /** Of the value, in a file. */
  readonly position?: Position
  /** In a file: the items of a list by index; the parts of overrides by `index.field`. */
  readonly parts?: ReadonlyMap<string, Span>
}

/** Where a value may come from: the highest that is set wins. */
export const precedence = { 'ct key': 1, 'sluice key': 2, CT: 3, SLUICE: 4, flag: 5 } as const

/** A value that one source gives one setting. */
export interface Entry {
  readonly path: SettingPath
  readonly rank: number
  readonly value: unknown
  readonly origin: Origin
}

/** What reading one source gives. */
export interface Reading {
  readonly entries: readonly Entry[]
  readonly diagnostics: readonly Diagnostic[]
  /** Settings that it names but whose values could not be read. */
  readonly failed: readonly SettingPath[]
}
