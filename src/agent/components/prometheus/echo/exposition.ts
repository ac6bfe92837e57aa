// A batch as exposition text, as Go's expfmt writes it: families by name, each with its type; native histograms as
// their count and sum, since these formats have no more of them.

import { type Batch, flag } from '../../../../wire/batch.ts'
import type { Label } from '../../../../wire/codec.ts'
import { signedFloat } from '../../../syntax/stdlib/float-text.ts'
import { readMetadata, readSamples } from './read-samples.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** Type of metadata → its name. */
const typeNames = {
  text: ['untyped', 'counter', 'gauge', 'histogram', 'untyped', 'summary', 'untyped', 'untyped'],
  openmetrics: ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'],
} as const

interface Family {
  type: string
  help: string
  readonly lines: string[]
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0

/** Malformed series, and those without a name, are left out, as in Alloy; every other line ends with a line break. */
export function exposition(batch: Batch, format: ExpositionFormat): string {
  const families = new Map<string, Family>()
  const familyOf = (name: string): Family => {
    const known = families.get(name)
    if (known !== undefined) return known
    const family: Family = { type: typeNames[format][0], help: '', lines: [] }
    families.set(name, family)
    return family
  }
  for (const { family, type, help } of readMetadata(batch)) {
    Object.assign(familyOf(family), { type: typeNames[format][type] ?? typeNames[format][0], help })
  }
  for (let i = 0; i < batch.count; i++) {
    if (batch.flags[i]! & flag.faulty) continue
    const all = batch.codec.labels(batch, i)
    const name = all.find(([label]) => label === '__name__')?.[1]
    if (name === undefined || name === '') continue
    const labels = all.filter(([label]) => label !== '__name__')
    const family = familyOf(name)
    const { samples, histograms } = readSamples(batch, i)
    const line = (suffix: string, value: number, timeMs: number, more: readonly Label[] = []): void => {
      const head = headOf(`${name}${suffix}`, [...labels, ...more])
      family.lines.push(`${head} ${floatText(value, format)}${timeText(timeMs, format)}\n`)
    }
    for (const { value, timeMs } of samples) line('', value, timeMs)
    for (const { count, sum, timeMs } of histograms) {
      family.type = 'histogram'
      line('_bucket', count, timeMs, [['le', '+Inf']])
      line('_sum', sum, timeMs)
      line('_count', count, timeMs)
    }
  }
  return [...families]
    .sort(byName)
    .map(([name, family]) => familyText(name, family, format))
    .join('')
}

function familyText(name: string, { type, help, lines }: Family, format: ExpositionFormat): string {
  const shown = isMetricName(name) ? name : quoted(name)
  const helpText = format === 'text' ? help.replace(/[\\\n]/g, escaped) : help.replace(/[\\\n"]/g, escaped)
  return `${help === '' ? '' : `# HELP ${shown} ${helpText}\n`}# TYPE ${shown} ${type}\n${lines.join('')}`
}

const isMetricName = (name: string): boolean => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)
const isLabelName = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)

const escaped = (char: string): string => (char === '\n' ? '\\n' : `\\${char}`)
const quoted = (text: string): string => `"${text.replace(/[\\\n"]/g, escaped)}"`

/** A name that the old grammar has no place for goes into the braces. */
function headOf(name: string, labels: readonly Label[]): string {
  const isPlain = isMetricName(name)
  const pairs = labels.map(([label, value]) => `${isLabelName(label) ? label : quoted(label)}=${quoted(value)}`)
  const inside = (isPlain ? pairs : [quoted(name), ...pairs]).join(',')
  return `${isPlain ? name : ''}${inside === '' ? '' : `{${inside}}`}`
}

function floatText(value: number, format: ExpositionFormat): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : signedFloat(value, 'g', undefined)
  const text = signedFloat(value, 'g', undefined).replace('+', '')
  return format === 'openmetrics' && /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** As in Alloy, none where it is 1970 or earlier. */
function timeText(timeMs: number, format: ExpositionFormat): string {
  if (timeMs <= 0) return ''
  return format === 'text' ? ` ${timeMs}` : ` ${floatText(timeMs / 1000, format)}`
}
