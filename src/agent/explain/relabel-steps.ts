// What relabelling rules did to a series, a line each.

import { compileRules } from '../../relabel/relabel.ts'
import { type DropReason, relabelSeries } from '../../relabel/relabel-series.ts'
import type { RelabelRule } from '../../relabel/rule.ts'
import { changesBetween, type LabelChange, type Trace, type TraceEntry } from '../../relabel/trace.ts'
import type { Label } from '../../wire/codec.ts'

export interface RelabelSteps {
  /** The labels that it goes on with, or why it is dropped. */
  readonly result: readonly Label[] | DropReason
  readonly steps: readonly string[]
  /** What the rule that dropped it is called; '' if none did. */
  readonly droppedBy: string
}

/** Compiles once; the function explains series. `called`: what rules are called, by their places. */
export function relabelExplainer(
  rules: readonly RelabelRule[],
  called: (rule: number) => string,
  externalLabels: readonly Label[] = [],
): (labels: readonly Label[]) => RelabelSteps {
  const external = compileRules([], { externalLabels })
  const relabeler = compileRules(rules, { externalLabels })
  // Nothing is looked at where there is nothing to do.
  if (rules.length === 0 && externalLabels.length === 0)
    return (labels) => ({ result: labels, steps: [], droppedBy: '' })
  return (labels) => {
    const trace: Trace = []
    const result = relabelSeries(relabeler, labels, trace)
    const added = changesBetween(labels, external.relabel(labels) ?? labels)
    const steps = [
      ...added.map(({ name, after }) => `external label ${name} = ${JSON.stringify(after)}`),
      ...trace.map((entry) => `${called(entry.rule)} (${entry.action})${lookText(entry, rules)}${actText(entry)}`),
    ]
    if (result === 'no_labels') steps.push('no label is left: dropped')
    if (result === 'too_many_labels') steps.push(`it has ${labels.length} labels, which are too many: dropped`)
    const last = trace.find(({ dropped }) => dropped)
    const droppedBy = last === undefined ? '' : called(last.rule)
    return { result, steps, droppedBy }
  }
}

/** What most rules are called: `rule 1`. */
export const numbered =
  (name: string) =>
  (rule: number): string =>
    `${name} ${rule + 1}`

/** What a rule looked at. */
function lookText({ action, rule, source, matched }: TraceEntry, rules: readonly RelabelRule[]): string {
  const { targetLabel, sourceLabels, ...own } = rules[rule] as RelabelRule
  const regex = own.regex.length > longest ? `${own.regex.slice(0, longest)}…` : own.regex
  const seen = JSON.stringify(source)
  switch (action) {
    case 'hashmod':
    case 'lowercase':
    case 'uppercase':
      return ` of ${seen}`
    case 'keepequal':
    case 'dropequal':
      return `: ${seen} is ${matched ? '' : 'not '}${targetLabel}’s value`
    case 'labelmap':
    case 'labeldrop':
    case 'labelkeep':
      return matched ? `: ${regex} matches ${source}` : `: ${regex} matches no label`
    default:
      return sourceLabels.length === 0 && matched ? '' : `: ${seen} ${matched ? 'matches' : 'does not match'} ${regex}`
  }
}

/** Of a regular expression as it is shown, in characters. */
const longest = 60

function actText({ dropped, changes, matched, action }: TraceEntry): string {
  if (dropped) return ', dropped'
  if (changes.length > 0) return `, ${changes.map(changeText).join(', ')}`
  if (action === 'keep' || action === 'drop' || action === 'keepequal' || action === 'dropequal') return ', kept'
  return matched ? ', nothing changes' : ''
}

const changeText = ({ name, before, after }: LabelChange): string => {
  if (after === '') return `${name} removed`
  return before === ''
    ? `${name} = ${JSON.stringify(after)}`
    : `${name} = ${JSON.stringify(after)}, was ${JSON.stringify(before)}`
}
