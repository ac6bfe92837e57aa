// Flags to entries, in two steps: `parseFlags` takes the settings out of a command line and leaves the rest to the
// command; `readFlags` reads their texts.

import { type Diagnostic, quoted } from './diagnostics.ts'
import { nearest } from './nearest.ts'
import { precedence, type Reading } from './origin.ts'
import { flagOf, type SettingPath, settingPaths, specOf } from './settings.ts'
import { TextReading } from './text-reading.ts'

/** The text that the command line gives a setting, and the flag as it was written. */
export interface FlagValue {
  readonly text: string
  readonly name: string
}
export type FlagValues = ReadonlyMap<SettingPath, FlagValue>

const known: ReadonlyMap<string, SettingPath> = new Map(
  settingPaths.flatMap((path) => {
    const alias = specOf(path).flagAlias
    return alias === undefined
      ? [[flagOf(path), path] as const]
      : [[flagOf(path), path] as const, [flagOf(alias), path] as const]
  }),
)

export interface ParsedFlags {
  readonly values: FlagValues
  /** Every argument that is no setting, in order; what follows `--` is left alone. */
  readonly rest: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Takes `--path=value`, `--path value` and, for booleans, `--path` out of a command line. */
export function parseFlags(argv: readonly string[]): ParsedFlags {
  const values = new Map<SettingPath, FlagValue>()
  const rest: string[] = []
  const diagnostics: Diagnostic[] = []
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    if (argument === '--') {
      rest.push(...argv.slice(i))
      break
    }
    const equals = argument.indexOf('=')
    const name = equals < 0 ? argument : argument.slice(0, equals)
    const path = known.get(name)
    if (path === undefined) {
      rest.push(argument)
      continue
    }
    const next = argv[i + 1]
    let text: string
    if (equals >= 0) text = argument.slice(equals + 1)
    else if (specOf(path).type === 'boolean')
      text = next === 'true' || next === 'false' ? (argv[++i] as string) : 'true'
    else if (next !== undefined && !next.startsWith('--')) text = argv[++i] as string
    else {
      diagnostics.push({ severity: 'error', name, message: 'the flag needs a value', hint: `write ${name}=VALUE` })
      continue
    }
    if (values.has(path)) diagnostics.push({ severity: 'warning', name, message: 'given twice; the last one counts' })
    values.set(path, { text, name })
  }
  return { values, rest, diagnostics }
}

/** Reads what `parseFlags` took out. `--path=` is an empty text or list, and wrong for everything else. */
export function readFlags(values: FlagValues): Reading {
  const reading = new TextReading()
  for (const [path, { text, name }] of values) {
    reading.add(text, { path, rank: precedence.flag, origin: { kind: 'flag', name } })
  }
  return reading
}

/** An argument that no command knows, as a diagnostic. */
export function unknownFlag(argument: string): Diagnostic {
  const name = argument.replace(/=.*$/s, '')
  const similar = nearest(name, known.keys())
  const message = `unknown flag ${quoted(name)}`
  const hint = similar === undefined ? 'docs/configuration.md lists all that are settings' : `did you mean ${similar}?`
  return { severity: 'error', message, hint }
}
