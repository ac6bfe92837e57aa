// `sluice convert`: a proxy's file to Alloy's language, or an agent's remote_write to Prometheus' configuration.

import { kinds } from '../agent/components/kinds.ts'
import { type Converted, convertCortexTenant } from '../agent/convert/from-cortex-tenant.ts'
import { convertToPrometheus } from '../agent/convert/to-prometheus.ts'
import { hasErrors, printDiagnostics } from '../config/diagnostics.ts'
import { CommandFailure, exitCode } from './exit.ts'
import { readBytes, writeText } from './files.ts'

export interface ConvertOptions {
  readonly sourceFormat?: string
  readonly to?: string
  /** File for the conversion; default: standard output. */
  readonly output?: string
  /** File for the diagnostics; default: standard error. */
  readonly report?: string
  /** Gives a conversion that lacks something, too. */
  readonly bypassErrors?: boolean
  readonly showSecrets?: boolean
}

export interface ConvertStreams {
  readonly output: { write(text: string): unknown }
  readonly errors: { write(text: string): unknown }
}

type Target = 'alloy' | 'prometheus'
type Convert = (name: string, text: string, options: ConvertOptions) => Converted | Promise<Converted>

const fromCt: Readonly<Partial<Record<Target, Convert>>> = { alloy: convertCortexTenant }

const conversions: Readonly<Record<string, Readonly<Partial<Record<Target, Convert>>>>> = {
  'cortex-tenant': fromCt,
  ct: fromCt,
  alloy: {
    prometheus: (name, text, options) => convertToPrometheus(name, text, { kinds, stability: 'experimental' }, options),
  },
}

/** Formats of Alloy's converter, and what can be said of each. */
const later: Readonly<Record<string, string>> = {
  prometheus: 'a Prometheus configuration can’t be converted yet: write its remote_write as prometheus.remote_write',
  promtail: 'a Promtail configuration can’t be converted',
  static: 'a configuration of Grafana Agent can’t be converted',
  otelcol: 'a configuration of the OpenTelemetry Collector can’t be converted',
}

/**
 * Throws CommandFailure: 2 for formats that there aren't, 1 where a file can't be read or written or the conversion
 * lacks what is reported as an error (unless they are bypassed), 78 for a file that can't be understood.
 */
export async function convert(path: string, options: ConvertOptions, streams: ConvertStreams): Promise<void> {
  const convertFile = conversionOf(options)
  const text = readBytes(path).toString()
  const converted = await convertFile(path === '-' ? '<stdin>' : path, text, options)
  const { diagnostics, hasMasked } = converted
  const said = printDiagnostics(diagnostics)
  const { report, output } = options
  if (report !== undefined) writeText(report, said === '' ? '' : `${said}\n`)
  else if (said !== '') streams.errors.write(`${said}\n`)
  if (converted.text === undefined) throw new CommandFailure(exitCode.badConfiguration, 'there is nothing to convert')
  if (hasErrors(diagnostics) && options.bypassErrors !== true) {
    const where = report === undefined ? 'above' : `in ${report}`
    throw new CommandFailure(
      exitCode.failed,
      `not all of it can be converted (errors ${where}); --bypass-errors converts the rest`,
    )
  }
  const result = converted.text
  if (output === undefined) streams.output.write(result)
  else writeText(output, result, 0o600)
  if (hasMasked) {
    streams.errors.write('secrets are written as <secret>: put them in, or convert with --show-secrets\n')
  }
}

function conversionOf({ sourceFormat, to }: ConvertOptions): Convert {
  const fail = (text: string): never => {
    throw new CommandFailure(exitCode.usage, text)
  }
  const known = 'cortex-tenant (or ct) and alloy'
  if (sourceFormat === undefined) return fail(`what is it? --source-format is one of ${known}`)
  if (Object.hasOwn(later, sourceFormat)) return fail(`--source-format=${sourceFormat}: ${later[sourceFormat]}`)
  const targets = Object.hasOwn(conversions, sourceFormat) ? conversions[sourceFormat] : undefined
  if (targets === undefined) return fail(`--source-format=${sourceFormat} is not known: there are ${known}`)
  const [usual] = Object.keys(targets) as Target[]
  const target = to ?? usual
  const found = Object.hasOwn(targets, target as string) ? targets[target as Target] : undefined
  return found ?? fail(`--to=${target}: from ${sourceFormat} there is --to=${usual}`)
}
