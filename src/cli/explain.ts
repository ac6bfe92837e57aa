// `sluice explain`: which tenant each series of label sets or a captured body goes to, by the proxy's own `route`.

import { readFileSync } from 'node:fs'
import type { Diagnostic } from '../config/diagnostics.ts'
import { resolveProxySettings } from '../config/proxy-settings.ts'
import { createExplainer, type Explained, type Question, type Report } from '../proxy/explain.ts'
import { labelsText } from '../tenancy/collisions.ts'
import type { Label } from '../wire/codec.ts'
import { LabelReader } from '../wire/loki/label-text.ts'
import { type CapturedItem, readCapturedBody } from './captured-body.ts'
import { type ConfigurationSource, settingsOrFail } from './configuration.ts'
import { CommandFailure, exitCode } from './exit.ts'

export interface ExplainOptions {
  readonly sets: readonly string[]
  readonly source: ConfigurationSource
  readonly body?: string
  readonly logs?: boolean
  readonly contentType?: string
  readonly header?: readonly string[]
  readonly json?: boolean
}

/** Prints one block per different label set; fails with 2 where there is nothing to explain. */
export function explain(options: ExplainOptions, problems: readonly Diagnostic[]): void {
  const settings = resolveProxySettings(settingsOrFail(options.source, problems))
  const signal = options.logs === true ? 'logs' : 'metrics'
  const headers = Object.fromEntries((options.header ?? []).map(readHeader))
  const { body, logs = false, contentType } = options
  const items: CapturedItem[] = labelSets(options.sets).map((labels) => ({ signal, labels }))
  if (body !== undefined) items.push(...readCapturedBody(body, logs, contentType))
  else if (items.length === 0) {
    throw new CommandFailure(
      exitCode.usage,
      'nothing to explain: give label sets such as \'{__name__="up", tenant="a"}\', or --body FILE',
    )
  }
  const report = createExplainer(settings)(items.map((item): Question => ({ ...item, headers })))
  process.stdout.write(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report))
}

function labelSets(sets: readonly string[]): Label[][] {
  const texts = sets.flatMap((set) => (set === '-' ? readFileSync(0, 'utf8').split('\n') : [set]))
  return texts.filter((text) => !/^\s*(#|$)/.test(text)).map(readLabels)
}

/** What follows the labels on a line of exposition text: value, time, exemplar. */
const afterLabels = /(?<=\}|^[\w:]+)\s+[^\s{}"#]+(\s+-?[\d.]+)?(\s+#\s*\{[^}]*\}\s.*)?$/

/** `name{a="b"}` or `{a="b"}`; the rest of an exposition line may follow. */
function readLabels(text: string): Label[] {
  const series = text.trim().replace(afterLabels, '')
  const bytes = Buffer.from(series)
  const reader = new LabelReader()
  reader.open(bytes, 0, bytes.length)
  const labels: Label[] = []
  while (reader.next()) {
    const name = Buffer.from(reader.names.subarray(reader.nameAt, reader.nameEnd)).toString()
    labels.push([name, Buffer.from(reader.value()).toString()])
  }
  if (reader.fault !== undefined)
    throw new CommandFailure(exitCode.usage, `${text}\n  is no label set: ${reader.fault}`)
  return labels
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new CommandFailure(exitCode.usage, `--header "${text}": write it as "Name: value"`)
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()]
}

function reportText({ outcomes, warnings }: Report): string {
  const lines = outcomes.flatMap(explainedLines)
  const counts = new Map<string, number>()
  for (const { outcome, tenant, reason } of outcomes) {
    const key = outcome === 'tenant' ? `tenant ${tenant}` : `${outcome} (${reason})`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  if (outcomes.length > 1) for (const [key, count] of counts) lines.push(`${String(count).padStart(6)} × ${key}`)
  for (const warning of warnings) lines.push(`warning: ${warning}`)
  return `${lines.join('\n')}\n`
}

function explainedLines({ labels, outcome, tenant, rule, reason, trace, sent }: Explained): string[] {
  const verdict = outcome === 'tenant' ? `tenant ${tenant}, by ${rule}` : `${outcome}: ${reason}, by ${rule}`
  const lines = [labelsText(labels), `  → ${verdict}`, ...trace.map((step) => `    ${step}`)]
  if (sent !== undefined) lines.push(`    sent as ${labelsText(sent.labels)} to ${sent.url} with ${sent.header}`)
  return lines
}
