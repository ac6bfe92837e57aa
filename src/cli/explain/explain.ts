// `sluice explain`: which tenant each series of label sets, exposition text or a captured body goes to, by the proxy's or
// the agent's own decisions.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { ConfigurationSource } from '../configuration.ts'
import { CommandFailure, exitCode } from '../exit.ts'
import { isAgentFile, judgeByAgent } from './agent-file.ts'
import { changesOf, changesText } from './difference.ts'
import { expectedTenants, holdTo } from './expect.ts'
import type { Judgement } from './judged.ts'
import { judgeByProxy } from './proxy-file.ts'
import { type Asked, readQuestions } from './questions.ts'
import { summaryOf } from './summary.ts'

export interface ExplainOptions extends Asked {
  readonly source: ConfigurationSource
  readonly json?: boolean
  /** Components of an agent in which series begin; default: all that take pushes. */
  readonly from?: readonly string[]
  /** `tenant=ID` */
  readonly expect?: readonly string[]
  /** A file to compare with. */
  readonly diff?: string
}

/**
 * Prints what becomes of each item, or how that differs with another file. Throws CommandFailure: 1 where series go
 * elsewhere than expected, 2 where there is nothing to explain, 78 for wrong configurations.
 */
export async function explain(options: ExplainOptions, problems: readonly Diagnostic[]): Promise<void> {
  const { source, diff, from = [], json = false } = options
  const tenants = expectedTenants(options.expect ?? [])
  const questions = readQuestions(options)
  if (from.length > 0 && ![source.file, diff].some((file) => file !== undefined && isAgentFile(file))) {
    throw new CommandFailure(exitCode.usage, '--from is for the components of an agent')
  }
  const judge = async (file: string | undefined): Promise<Judgement> => {
    if (file !== undefined && isAgentFile(file)) return judgeByAgent(file, from, questions)
    return judgeByProxy({ ...source, file }, problems, questions)
  }
  const judged = await judge(source.file)
  const changes = diff === undefined ? undefined : changesOf(judged, await judge(diff))
  const report =
    changes === undefined
      ? { ...judged.report, summary: summaryOf(judged.series) }
      : { changes, series: questions.length }
  const text = changes === undefined ? judged.text : changesText(changes, questions.length)
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : text)
  holdTo(tenants, judged.series)
}
