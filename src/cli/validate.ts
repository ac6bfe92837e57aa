// `sluice validate`: all that is wrong with the agent's files, at once, without starting anything; or what of them, and
// of Alloy as a whole, there is here.

import { kinds } from '../agent/components/kinds.ts'
import { checkSources } from '../agent/graph/check.ts'
import { readSources } from '../agent/graph/read-sources.ts'
import { printAlloyDiagnostics } from '../agent/syntax/print-diagnostics.ts'
import { hasErrors } from '../config/diagnostics.ts'
import { type AlloyFlags, stabilityOf } from './alloy-flags.ts'
import { CommandFailure, exitCode } from './exit.ts'

export interface ValidateStreams {
  readonly errors: { write(text: string): unknown }
  /** Escape sequences in what is said about problems. */
  readonly color: boolean
}

/** Throws CommandFailure 78 with all diagnostics where one is an error; warnings alone go to `errors`. */
export async function validate(path: string, alloy: AlloyFlags, { errors, color }: ValidateStreams): Promise<void> {
  const { sources, diagnostics: unread } = await readSources(path)
  const { diagnostics, texts } = checkSources(sources, { kinds, stability: stabilityOf(alloy) })
  const all = [...unread, ...diagnostics]
  const text = printAlloyDiagnostics(texts, all, { color })
  if (hasErrors(all)) throw new CommandFailure(exitCode.badConfiguration, text.trimEnd())
  errors.write(text)
}
