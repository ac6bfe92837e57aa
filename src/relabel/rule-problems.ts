// What is wrong with a rule, in Prometheus' words and order (model/relabel/relabel.go, Config.Validate), but all of it
// and not only the first. A decoder puts the place to it.

import { isLabelName, type NameScheme } from './label-names.ts'
import { regexProblem } from './regex.ts'
import type { Action } from './rule.ts'
import { actionNamed, defaultRule, type WrittenRule } from './written-rule.ts'

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
