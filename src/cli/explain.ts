// `sluice explain`: which tenant each series of label sets or a captured body goes to, by the proxy's own `route`.

import { readFileSync } from 'node:fs'
import type { Diagnostic } from '../config/diagnostics.ts'
import { resolveProxySettings } from '../config/proxy-settings.ts'
import { createExplainer, type Explained, type Question, type Report, textOf } from '../proxy/explain.ts'
import { type Label, watchLabels } from '../wire/codec.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { lokiJsonToProtobuf } from '../wire/loki/json.ts'
import { LabelReader } from '../wire/loki/label-text.ts'
import { uncompress } from '../wire/snappy.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
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

/** Bound of what a captured body may unpack to. */
const maxBytes = 512 << 20

/** Prints one block per different label set; fails with 2 where there is nothing to explain. */
export function explain(options: ExplainOptions, problems: readonly Diagnostic[]): void {
  const settings = resolveProxySettings(settingsOrFail(options.source, problems))
  const signal = options.logs === true ? 'logs' : 'metrics'
  const headers = Object.fromEntries((options.header ?? []).map(readHeader))
  const sets = [...labelSets(options.sets), ...(options.body === undefined ? [] : bodyLabels(options.body, options))]
  if (sets.length === 0) {
    throw new CommandFailure(
      exitCode.usage,
      'nothing to explain: give label sets such as \'{__name__="up", tenant="a"}\', or --body FILE',
    )
  }
  const report = createExplainer(settings)(sets.map((labels): Question => ({ labels, headers, signal })))
  process.stdout.write(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report))
}

function labelSets(sets: readonly string[]): Label[][] {
  const texts = sets.flatMap((set) => (set === '-' ? readFileSync(0, 'utf8').split('\n') : [set]))
  return texts.filter((text) => text.trim() !== '' && !text.startsWith('#')).map(readLabels)
}

/** `name{a="b"}` or `{a="b"}`; the value and time of an exposition line may follow. */
function readLabels(text: string): Label[] {
  const series = text.trim().replace(/(?<=\})\s+[^\s{}"]+(\s+-?\d+)?$|(?<=^[\w:]+)\s+\S+(\s+-?\d+)?$/, '')
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

/** The label sets of a captured body, each once. */
function bodyLabels(file: string, { logs, contentType }: ExplainOptions): Label[][] {
  const body = readFileSync(file)
  const json = contentType?.startsWith('application/json') === true
  const codec = logs === true || json ? lokiPush : remoteWrite1
  const bytes = json ? lokiJsonToProtobuf(body, maxBytes) : uncompress(body, maxBytes)
  const batch = codec.scan(bytes, watchLabels([]))
  const sets = new Map<string, Label[]>()
  for (let i = 0; i < batch.count; i++) {
    const labels = codec.labels(batch, i)
    sets.set(textOf(labels), labels)
  }
  return [...sets.values()]
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
  const lines = [textOf(labels), `  → ${verdict}`, ...trace.map((step) => `    ${step}`)]
  if (sent !== undefined) lines.push(`    sent as ${textOf(sent.labels)} to ${sent.url} with ${sent.header}`)
  return lines
}
