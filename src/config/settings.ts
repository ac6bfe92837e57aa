// THE settings table: every setting once, by its path. Files, variables, flags, defaults, checks, printing, docs and
// the types below come from it; the two halves of it differ only in where ct has the setting too.

import { ctSettings } from './ct-settings.ts'
import type { SettingSpec, ValueOf } from './setting-spec.ts'
import { sluiceSettings } from './sluice-settings.ts'

export const settingsTable = { ...ctSettings, ...sluiceSettings }

type Table = typeof settingsTable

/** The path of a setting, such as `tenancy.keep_label`. */
export type SettingPath = keyof Table

/** Every setting by its path; undefined where it is not set and has no default of its own. */
export type Settings = {
  readonly [P in SettingPath]: Table[P] extends { readonly default: unknown }
    ? ValueOf<Table[P]>
    : ValueOf<Table[P]> | undefined
}

/** All paths, in the order of the table. */
export const settingPaths = Object.keys(settingsTable) as readonly SettingPath[]

export const specOf = (path: SettingPath): SettingSpec => settingsTable[path]

/** Name of the variable: `SLUICE_TENANCY_KEEP_LABEL`. */
export const variableOf = (path: string): string => `SLUICE_${path.toUpperCase().replaceAll('.', '_')}`

/** Name of the flag, with its dashes. */
export const flagOf = (path: string): string => `--${path}`

/** Every setting at its default. */
export const defaultSettings = Object.fromEntries(
  settingPaths.map((path) => {
    const spec = specOf(path)
    return [path, 'default' in spec ? spec.default : undefined]
  }),
) as unknown as Settings

/** The settings that differ and take effect only with a restart: what a reload has to say something about. */
export const restartChanges = (before: Settings, after: Settings): readonly SettingPath[] =>
  settingPaths.filter((path) => specOf(path).restart === true && before[path] !== after[path])
