// What a source gave for the rows of the HTTP client, as rules and settings ask for it. Secrets are told apart from
// nothing here, and never shown.

import { Secret } from '../secret.ts'
import type { SettingSpec, SettingValue } from '../setting-spec.ts'

export interface ClientValues {
  /** The value of a row, undefined if it is not given. */
  get(path: string): SettingValue | undefined
  /** Given, even if empty. */
  has(path: string): boolean
  /** Given, and neither empty nor false. */
  isSet(path: string): boolean
  /** The text of a row, '' if it is not given. */
  text(path: string): string
  /** Whether the group itself, or anything in it, is given. */
  hasGroup(group: string): boolean
}

const isEmpty = (value: SettingValue | undefined): boolean => {
  if (value === undefined || value === '' || value === false) return true
  if (value instanceof Secret) return value.reveal() === ''
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** `failed` are rows that are given but could not be read; who asks for the value of one is reported to `onFailed`. */
export function clientValues(
  values: ReadonlyMap<string, SettingValue>,
  failed: ReadonlySet<string> = new Set(),
  onFailed: () => void = () => undefined,
): ClientValues {
  const get: ClientValues['get'] = (path) => {
    if (failed.has(path)) onFailed()
    return values.get(path)
  }
  const groups = new Set([...values.keys()].flatMap(groupsOf))
  const unclear = new Set([...failed].flatMap(groupsOf))
  return {
    get,
    has: (path) => values.has(path) || failed.has(path),
    isSet: (path) => !isEmpty(get(path)),
    text(path) {
      const value = get(path)
      return value instanceof Secret ? value.reveal() : typeof value === 'string' ? value : ''
    },
    hasGroup(group) {
      if (groups.has(group)) return true
      if (unclear.has(group)) onFailed()
      return false
    },
  }
}

/** `a.b.c` → `a`, `a.b`. */
const groupsOf = (path: string): readonly string[] => {
  const names = path.split('.')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'))
}

/**
 * Gives the first row of each group that is there but empty: '' in it says so, since `sigv4: {}` means more than no
 * `sigv4` at all. A group whose first row is no text means nothing while it is empty.
 */
export function markGroups(
  values: Map<string, SettingValue>,
  failed: ReadonlySet<string>,
  groups: Iterable<string>,
  fields: Readonly<Record<string, SettingSpec>>,
): void {
  for (const group of groups) {
    const inside = `${group}.`
    const isGiven = [...values.keys(), ...failed].some((path) => path.startsWith(inside))
    const first = Object.keys(fields).find((path) => path.startsWith(inside))
    if (!isGiven && first !== undefined && fields[first]?.type === 'string') values.set(first, '')
  }
}
