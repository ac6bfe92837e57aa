// What is wrong with a rule, in Prometheus' words and order (model/relabel/relabel.go, Config.Validate), but all of it
// and not only the first. A decoder puts the place to it.

import { isLabelName, type NameScheme } from './label-names.ts'
import { regexProblem } from './regex.ts'
import type { Action } from './rule.ts'

/** A rule as written: what is absent takes Prometheus' default. */
export interface WrittenRule {
  readonly action: string
  readonly sourceLabels?: readonly string[]
  readonly separator?: string
  readonly regex?: string
  readonly modulus?: bigint
  readonly targetLabel?: string
  readonly replacement?: string
}

export const defaultRule = {
  action: 'replace',
  separator: ';',
  regex: '(.*)',
  replacement: '$1',
} as const

const actions: readonly Action[] = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
]

/** The action that a text names, in whatever case; undefined for none. */
export function actionNamed(text: string): Action | undefined {
  return actions.find((action) => action === text.toLowerCase())
}

/** A legacy label name in which references to groups may stand. */
const legacyTarget = /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*$/

/** Go's `%q` for what may stand in a configuration. */
const quotedName = (text: string): string => JSON.stringify(text)

/** Every problem of a rule, worst first; empty for a good one. `names`: default `legacy`, as in Alloy. */
export function ruleProblems(rule: WrittenRule, names: NameScheme = 'legacy'): readonly string[] {
  const action = actionNamed(rule.action)
  const problems: string[] = []
  if (rule.action === '') problems.push('relabel action cannot be empty')
  else if (action === undefined) problems.push(`unknown relabel action ${quotedName(rule.action)}`)
  else problems.push(...fieldProblems(rule, action, names))
  const regex = rule.regex === undefined ? undefined : regexProblem(rule.regex)
  if (regex !== undefined) problems.push(regex)
  return problems
}

function fieldProblems(rule: WrittenRule, action: Action, names: NameScheme): string[] {
  const { modulus = 0n, separator = defaultRule.separator, replacement = defaultRule.replacement } = rule
  const target = rule.targetLabel ?? ''
  const problems: string[] = []
  const isAny = (...others: Action[]): boolean => others.includes(action)
  if (action === 'hashmod' && modulus === 0n) {
    problems.push('relabel configuration for hashmod requires non-zero modulus')
  }
  const needsTarget = isAny('replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal')
  if (needsTarget && target === '') {
    problems.push(`relabel configuration for ${action} action requires 'target_label' value`)
  } else if (needsTarget && !isTarget(target, action === 'replace', names)) {
    problems.push(`${quotedName(target)} is invalid 'target_label' for ${action} action`)
  }
  const isEquality = isAny('keepequal', 'dropequal')
  if ((isEquality || isAny('lowercase', 'uppercase')) && replacement !== defaultRule.replacement) {
    problems.push(`'replacement' can not be set for ${action} action`)
  }
  if (action === 'labelmap' && !isTarget(replacement, true, names)) {
    problems.push(`${quotedName(replacement)} is invalid 'replacement' for ${action} action`)
  }
  const hasOther = modulus !== 0n || separator !== defaultRule.separator || replacement !== defaultRule.replacement
  if (isEquality && (rule.regex !== undefined || hasOther)) {
    problems.push(`${action} action requires only 'source_labels' and \`target_label\`, and no other fields`)
  }
  if (isAny('labeldrop', 'labelkeep') && (rule.sourceLabels !== undefined || target !== '' || hasOther)) {
    problems.push(`${action} action requires only 'regex', and no other fields`)
  }
  return problems
}

/** `isTemplate`: references to groups may stand in it. */
function isTarget(text: string, isTemplate: boolean, names: NameScheme): boolean {
  return isTemplate && names === 'legacy' ? legacyTarget.test(text) : isLabelName(text, names)
}
