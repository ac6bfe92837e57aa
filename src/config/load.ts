// The way from file, variables and flags to settings: read each, take the highest of each setting, check them
// together. All problems come at once; there are settings only if none of them is an error.

import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostics.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { type FlagValues, readFlags } from './flags.ts'
import type { Entry, Origin, Reading } from './origin.ts'
import { type FileReading, readFile } from './read-file.ts'
import { defaultSettings, type SettingPath, type Settings, settingPaths, specOf, variableOf } from './settings.ts'
import { type Finding, validate } from './validate.ts'

export interface Sources {
  /** `name` is what diagnostics call the file. */
  readonly file?: { readonly name: string; readonly text: string }
  /** Usually process.env. */
  readonly env?: Environment
  /** What `parseFlags` took from the command line. */
  readonly flags?: FlagValues
}

export interface Configuration {
  readonly settings: Settings
  /** Where the value of a setting comes from. */
  origin(path: SettingPath): Origin
}

export type Loaded =
  | {
      readonly ok: true
      readonly configuration: Configuration /** Warnings. */
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

const nothing: Reading = { entries: [], diagnostics: [], failed: [] }

/** For each setting the entry of the highest rank; the last of equals. */
function highest(readings: readonly Reading[]): ReadonlyMap<SettingPath, Entry> {
  const chosen = new Map<SettingPath, Entry>()
  for (const entry of readings.flatMap((reading) => reading.entries)) {
    const before = chosen.get(entry.path)
    if (before === undefined || entry.rank >= before.rank) chosen.set(entry.path, entry)
  }
  for (const [path, { value }] of chosen) {
    if (specOf(path).ct?.zeroIsDefault && (value === 0 || value === '')) chosen.delete(path)
  }
  return chosen
}

/**
 * A setting of one's own is read instead of ct's keys for the same matter, but CT_* variables win over files. So one from a lower source than ct's key is left out, and whoever wrote it is told.
 */
function outranked(chosen: ReadonlyMap<SettingPath, Entry>): readonly Finding[] {
  return [...chosen.values()].flatMap(({ path, rank }) => {
    const rivals = (specOf(path).replaces ?? []).map((rival) => chosen.get(rival as SettingPath))
    const winner = rivals.find((rival) => rival !== undefined && rival.rank > rank)
    if (winner === undefined) return []
    const message = `\`${path}\` is not used: ${winner.origin.name} says otherwise and goes before it`
    const hint = `set ${variableOf(path)}, or take ${winner.origin.name} away`
    return [{ severity: 'warning', path, message, hint }]
  })
}

function place(finding: Finding, origin: Origin, file: FileReading | undefined): Diagnostic {
  const { severity, message, hint, part } = finding
  const said = { severity, message, ...(hint === undefined ? {} : { hint }) }
  if (origin.position === undefined || file === undefined) return { ...said, name: origin.name }
  const span = (part === undefined ? undefined : origin.parts?.get(part)) ?? origin.position.span
  return { ...said, ...file.at(span) }
}

/** Never throws. */
export function loadConfiguration(sources: Sources): Loaded {
  const file = sources.file === undefined ? undefined : readFile(sources.file.name, sources.file.text)
  const env = sources.env === undefined ? nothing : readEnvironment(sources.env)
  const flags = sources.flags === undefined ? nothing : readFlags(sources.flags)
  const readings = [file ?? nothing, env, flags]
  const given = highest(readings)
  const unused = outranked(given)
  const chosen = new Map(given)
  for (const { path } of unused) chosen.delete(path)
  const values = Object.fromEntries([...chosen].map(([path, entry]) => [path, entry.value]))
  const settings = { ...defaultSettings, ...values } as Settings
  const origins = Object.fromEntries(
    settingPaths.map((path) => [path, chosen.get(path)?.origin ?? { kind: 'default', name: path }]),
  ) as Readonly<Record<SettingPath, Origin>>

  const findings = validate(settings, new Set(readings.flatMap((reading) => reading.failed)))
  const diagnostics = sortDiagnostics([
    ...readings.flatMap((reading) => reading.diagnostics),
    ...unused.map((finding) => place(finding, (given.get(finding.path) as Entry).origin, file)),
    ...findings.map((finding) => place(finding, origins[finding.path], file)),
  ])
  if (hasErrors(diagnostics)) return { ok: false, diagnostics }
  const configuration: Configuration = {
    settings,
    origin: (path) => origins[path],
  }
  return { ok: true, configuration, diagnostics }
}
