// Reads the configuration as the commands take it: file, environment, flags. Read anew at each reload.

import { readFileSync } from 'node:fs'
import { type Diagnostic, hasErrors, printDiagnostics, unreadableFile } from '../config/diagnostics.ts'
import type { FlagValues } from '../config/flags.ts'
import { type Loaded, loadConfiguration } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { CommandFailure, exitCode } from './exit.ts'

export interface ConfigurationSource {
  readonly file: string | undefined
  readonly flags: FlagValues
}

/** Never throws: a file that can't be read is a diagnostic. */
export function readConfiguration({ file, flags }: ConfigurationSource): Loaded {
  const sources = { env: process.env, flags }
  if (file === undefined) return loadConfiguration(sources)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return { ok: false, diagnostics: [unreadableFile(file, (error as Error).message)] }
  }
  return loadConfiguration({ ...sources, file: { name: file, text } })
}

/** The settings; throws CommandFailure 78 with every problem. Warnings go to standard error. */
export function settingsOrFail(source: ConfigurationSource, problems: readonly Diagnostic[]): Settings {
  const loaded = readConfiguration(source)
  const diagnostics = [...problems, ...loaded.diagnostics]
  if (!loaded.ok || hasErrors(problems))
    throw new CommandFailure(exitCode.badConfiguration, printDiagnostics(diagnostics))
  if (diagnostics.length > 0) process.stderr.write(`${printDiagnostics(diagnostics)}\n`)
  return loaded.configuration.settings
}
