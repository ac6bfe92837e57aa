// `sluice validate`: all that is wrong with the agent's files, at once, without starting anything; or what of them, and
// of Alloy as a whole, there is here.

import { kinds } from '../agent/components/kinds.ts'
import { checkSources } from '../agent/graph/check.ts'
import { readSources } from '../agent/graph/read-sources.ts'
import { allCoverageText } from '../agent/reference/coverage-text.ts'
import { coverageOf, coverageText } from '../agent/reference/file-coverage.ts'
import { printAlloyDiagnostics } from '../agent/syntax/print-diagnostics.ts'
import { hasErrors } from '../config/diagnostics.ts'
import { type AlloyFlags, stabilityOf } from './alloy-flags.ts'
import { CommandFailure, exitCode } from './exit.ts'

export interface ValidateOptions {
  /** Says what of it, or of Alloy as a whole, there is here. */
  readonly coverage?: boolean
}

export interface ValidateStreams {
  readonly output: { write(text: string): unknown }
  readonly errors: { write(text: string): unknown }
  /** Escape sequences in what is said about problems. */
  readonly color: boolean
}

/**
 * Throws CommandFailure 78 with all diagnostics where one is an error, 2 where there is nothing to validate; warnings
 * alone go to `errors`, coverage to `output`.
 */
export async function validate(
  path: string | undefined,
  { coverage = false }: ValidateOptions,
  alloy: AlloyFlags,
  { output, errors, color }: ValidateStreams,
): Promise<void> {
  if (path === undefined) {
    if (!coverage) throw new CommandFailure(exitCode.usage, 'name a file, or a directory of files *.alloy')
    output.write(allCoverageText(kinds))
    return
  }
  const { sources, diagnostics: unread } = await readSources(path)
  if (coverage) output.write(coverageText(coverageOf(sources, kinds)))
  const { diagnostics, texts } = checkSources(sources, { kinds, stability: stabilityOf(alloy) })
  const all = [...unread, ...diagnostics]
  const text = printAlloyDiagnostics(texts, all, { color })
  if (hasErrors(all)) throw new CommandFailure(exitCode.badConfiguration, text.trimEnd())
  errors.write(text)
}
