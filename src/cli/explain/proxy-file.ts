// What the proxy does with series, by its settings: cortex-tenant's file, variables, flags.

import type { Diagnostic } from '../../config/diagnostics.ts'
import { resolveProxySettings } from '../../config/proxy-settings.ts'
import { proxyEndpointIds } from '../../pipeline/queues.ts'
import { createExplainer, type Explained, type Report } from '../../proxy/explain.ts'
import { labelsText } from '../../tenancy/collisions.ts'
import { type ConfigurationSource, settingsOrFail } from '../configuration.ts'
import type { End, JudgedSeries, Judgement } from './judged.ts'
import type { AskedItem } from './questions.ts'
import { countLines } from './summary.ts'

/** Throws CommandFailure 78 where the settings are wrong. */
export function judgeByProxy(
  source: ConfigurationSource,
  problems: readonly Diagnostic[],
  questions: readonly AskedItem[],
): Judgement {
  const report = createExplainer(resolveProxySettings(settingsOrFail(source, problems)))(questions)
  const series = report.outcomes.map((outcome) => ({ labels: outcome.labels, ends: [endOf(outcome)] }))
  return { isAgent: false, series, text: reportText(report, series), report }
}

function endOf({ signal, outcome, tenant, reason, rule }: Explained): End {
  const at = proxyEndpointIds[signal]
  if (outcome !== 'tenant') return { at, kind: 'refused', text: `${outcome} (${reason})`, rule }
  return { at, kind: 'tenant', tenant: tenant as string, text: `tenant ${tenant}`, rule }
}

function reportText({ outcomes, warnings }: Report, judged: readonly JudgedSeries[]): string {
  const lines = outcomes.flatMap(explainedLines)
  if (outcomes.length > 1) lines.push(...countLines(judged, ({ text }) => text))
  for (const warning of warnings) lines.push(`warning: ${warning}`)
  return `${lines.join('\n')}\n`
}

function explainedLines({ labels, outcome, tenant, rule, reason, trace, sent }: Explained): string[] {
  const verdict = outcome === 'tenant' ? `tenant ${tenant}, by ${rule}` : `${outcome}: ${reason}, by ${rule}`
  const lines = [labelsText(labels), `  → ${verdict}`, ...trace.map((step) => `    ${step}`)]
  if (sent !== undefined) lines.push(`    sent as ${labelsText(sent.labels)} to ${sent.url} with ${sent.header}`)
  return lines
}
