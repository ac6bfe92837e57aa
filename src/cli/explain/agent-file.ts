// What an agent does with series, by its configuration in Alloy's language.

import { statSync } from 'node:fs'
import { kinds } from '../../agent/components/kinds.ts'
import type { Delivery, ExplainedSeries } from '../../agent/explain/delivery.ts'
import { type AgentReport, type Entry, entriesOf, explainAgent } from '../../agent/explain/explain-agent.ts'
import { settleComponents } from '../../agent/explain/settle-components.ts'
import { readSources } from '../../agent/graph/read-sources.ts'
import { printAlloyDiagnostics } from '../../agent/syntax/print-diagnostics.ts'
import { labelsText } from '../../tenancy/collisions.ts'
import { CommandFailure, exitCode } from '../exit.ts'
import type { End, JudgedSeries, Judgement } from './judged.ts'
import type { AskedItem } from './questions.ts'
import { countLines } from './summary.ts'

/** A configuration in Alloy's language: a file that is called so, or a directory. */
export const isAgentFile = (path: string): boolean =>
  path.endsWith('.alloy') || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** `from`: ids of components in which series begin. Throws CommandFailure: 78 for errors in the file, 2 for a wrong `from`. */
export async function judgeByAgent(
  path: string,
  from: readonly string[],
  questions: readonly AskedItem[],
): Promise<Judgement> {
  const { sources, diagnostics: unread } = await readSources(path)
  const { components, diagnostics, texts } = await settleComponents(sources, { kinds, stability: 'experimental' })
  const found = [...unread, ...diagnostics]
  const print = printAlloyDiagnostics(texts, found, { color: process.stderr.isTTY === true })
  if (unread.length > 0 || components === undefined)
    throw new CommandFailure(exitCode.badConfiguration, print.trimEnd())
  process.stderr.write(print)
  const report = explainAgent(chosen(entriesOf(components), from, questions), questions)
  const series = report.series.map(({ labels, deliveries }) => ({ labels, ends: deliveries.map(endOf) }))
  return { isAgent: true, series, text: reportText(report, series), report }
}

function chosen(entries: readonly Entry[], from: readonly string[], questions: readonly AskedItem[]): readonly Entry[] {
  const known = entries.map(({ id }) => id).join(', ')
  const unknown = from.find((id) => entries.every((entry) => entry.id !== id))
  if (unknown !== undefined) {
    throw new CommandFailure(exitCode.usage, `--from ${unknown}: there is no such component; there are ${known}`)
  }
  const own =
    from.length === 0 ? entries.filter((entry) => entry.isOutermost) : entries.filter(({ id }) => from.includes(id))
  for (const signal of new Set(
    questions.filter(({ fault }) => fault === undefined).map((question) => question.signal),
  )) {
    if (own.some((entry) => entry.signal === signal)) continue
    const what =
      from.length === 0 ? `no component takes pushes of ${signal}` : `--from ${from.join(' ')} takes no ${signal}`
    throw new CommandFailure(exitCode.usage, `${what}: choose another with --from; there are ${known}`)
  }
  return own
}

function endOf({ verdict, at, tenant, rule, reason }: Delivery): End {
  const end = { at, rule }
  if (verdict === 'tenant') return { ...end, kind: 'tenant', tenant: tenant as string, text: `tenant ${tenant}` }
  if (verdict === 'untenanted') return { ...end, kind: 'untenanted', text: 'no tenant' }
  if (verdict === 'output') return { ...end, kind: 'output', text: 'standard output' }
  const isRelabelled = verdict === 'dropped' && ['relabelling', 'nowhere', 'no_labels'].includes(reason ?? '')
  return { ...end, kind: isRelabelled ? 'relabelled' : 'refused', text: `${verdict} (${reason})` }
}

function reportText({ series, warnings }: AgentReport, judged: readonly JudgedSeries[]): string {
  const lines = series.flatMap(seriesLines)
  if (series.length > 1) lines.push(...countLines(judged, ({ text, at }) => `${text} at ${at}`))
  for (const warning of warnings) lines.push(`warning: ${warning}`)
  return `${lines.join('\n')}\n`
}

/** A tree of components; what several ways have in common stands once. */
function seriesLines({ labels, deliveries }: ExplainedSeries): readonly string[] {
  const lines = [labelsText(labels)]
  let before: readonly string[] = []
  for (const delivery of deliveries) {
    const way = delivery.path.map(({ at }) => at)
    const fork = way.findIndex((at, depth) => at !== before[depth])
    for (const [depth, { at, steps }] of delivery.path.entries()) {
      if (fork < 0 || depth < fork) continue
      lines.push(`${indent(depth)}${at}`, ...steps.map((step) => `${indent(depth + 1)}${step}`))
    }
    lines.push(...verdictLines(delivery).map((line) => indent(way.length) + line))
    before = way
  }
  return lines
}

const indent = (depth: number): string => '  '.repeat(depth + 1)

function verdictLines({ verdict, tenant, rule, reason, sent }: Delivery): readonly string[] {
  switch (verdict) {
    case 'tenant':
      return [`→ tenant ${tenant}, by ${rule}`, ...sentLines(sent)]
    case 'untenanted':
      return ['→ no tenant: the endpoint has no tenancy', ...sentLines(sent)]
    case 'output':
      return ['→ standard output']
    default:
      return [reason === 'nowhere' ? '→ dropped: it is handed on to nobody' : `→ ${verdict}: ${reason}, by ${rule}`]
  }
}

function sentLines(sent: Delivery['sent']): readonly string[] {
  if (sent === undefined) return []
  const { labels, url, header } = sent
  return [`  sent as ${labelsText(labels)} to ${url}${header === undefined ? '' : ` with ${header}`}`]
}
