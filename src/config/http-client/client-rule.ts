// The form of a rule about the HTTP client's settings, and the questions that several rules ask.

import type { ClientValues } from './client-values.ts'

export interface ClientProblem {
  /** A row, or a group of rows. */
  readonly path: string
  /** A name in the row's mapping. */
  readonly part?: string
  /** Prometheus's text, where it has the rule. */
  readonly message: string
  readonly hint: string
}

/** What is wrong with some of the settings; nothing if they are fine. */
export type ClientRule = (values: ClientValues) => ClientProblem | readonly ClientProblem[] | undefined

/** At most one of the rows may be set. */
export const atMostOne =
  (message: string, ...paths: readonly string[]): ClientRule =>
  (values) => {
    const set = paths.filter((path) => values.isSet(path))
    return set.length > 1 ? { path: set[1] as string, message, hint: keepOne(set) } : undefined
  }

/** What to do where several are given and one is enough. */
export const keepOne = (paths: readonly string[]): string =>
  `keep one of ${paths.map((path) => `\`${path}\``).join(', ')}`

/** A secret manager would know the name; there is none. */
export const noManager = (...paths: readonly string[]): readonly ClientRule[] =>
  paths.map((path) => (values) => {
    if (!values.isSet(path)) return undefined
    const hint = 'there is no secret manager here; write the text itself, or use the file'
    return { path, message: 'cannot use secret ref without manager', hint }
  })
