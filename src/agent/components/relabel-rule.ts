// The block of a relabelling rule: `rule` of relabel components, `write_relabel_config` of endpoints. Alloy's arguments,
// defaults and texts; what a rule means is in src/relabel.

import type { SettingSpec } from '../../config/setting-spec.ts'
import { actions, type RelabelRule } from '../../relabel/rule.ts'
import { ruleProblems } from '../../relabel/rule-problems.ts'
import { completeRule, defaultRule, type WrittenRule } from '../../relabel/written-rule.ts'
import type { BlockSchema, Decoded, Report } from '../graph/component.ts'

const fields = {
  source_labels: { type: 'list', of: 'label', doc: 'Labels whose values, joined, the rule looks at.' },
  separator: { type: 'string', default: defaultRule.separator, doc: 'What joins the values of the source labels.' },
  regex: {
    type: 'string',
    default: defaultRule.regex,
    doc: 'RE2 expression that the whole of the joined values (for `labelmap`, `labeldrop` and `labelkeep`: a label’s name) must match.',
  },
  modulus: {
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    doc: 'By what `hashmod` divides the hash of the joined values; at least 1 there.',
  },
  target_label: {
    type: 'string',
    doc: 'The label that is set, or compared with; `replace` expands groups ($1) in it.',
  },
  replacement: {
    type: 'string',
    default: defaultRule.replacement,
    doc: 'What `replace` and `labelmap` set, with groups ($1) of the match.',
  },
  action: {
    type: 'enum',
    values: actions,
    exact: 'unrecognized action type ',
    default: defaultRule.action,
    doc: 'What the rule does.',
  },
} as const satisfies Record<string, SettingSpec>

/** What stands in a block of a rule. */
export const relabelRuleSchema: BlockSchema = {
  attributes: fields,
  blocks: {},
  check: (decoded, report) => void settleRelabelRule(decoded, report),
}

/** The rule that a block makes; undefined where something is wrong with it, which is reported. */
export function settleRelabelRule({ values, spans, span }: Decoded, report: Report): RelabelRule | undefined {
  const text = (name: keyof typeof fields): string | undefined => values.get(name) as string | undefined
  const regex = text('regex')
  const modulus = values.get('modulus') as number | undefined
  const sourceLabels = values.get('source_labels') as readonly string[] | undefined
  const target = text('target_label')
  const written: WrittenRule = {
    action: text('action') as string,
    ...(sourceLabels && { sourceLabels }),
    separator: text('separator') as string,
    // As Alloy: what is written as it is anyway counts as not written.
    ...(regex !== undefined && regex !== defaultRule.regex && { regex }),
    ...(modulus !== undefined && { modulus: BigInt(modulus) }),
    ...(target !== undefined && { targetLabel: target }),
    replacement: text('replacement') as string,
  }
  const problems = ruleProblems(written)
  for (const message of problems) {
    const [, name, hint] = places.find(([pattern]) => pattern.test(message)) ?? []
    report('error', (name && spans.get(name)) ?? spans.get('action') ?? span, message, hint)
  }
  return problems.length === 0 ? completeRule(written) : undefined
}

/** Which argument a text is about, where it is one, and what to do. */
const places: readonly (readonly [pattern: RegExp, name: keyof typeof fields, hint: string])[] = [
  [/non-zero modulus$/, 'modulus', 'set `modulus` to the number of buckets'],
  [/'target_label'/, 'target_label', 'write the name of a label, such as team'],
  [/is invalid 'replacement'/, 'replacement', 'write the name of a label, with $1 for the first group'],
  [/^'replacement' can not be set/, 'replacement', 'take it out'],
  [/^error parsing regexp/, 'regex', 'mend it; the syntax is that of RE2'],
]
