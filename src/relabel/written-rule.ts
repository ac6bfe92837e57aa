// A rule as a configuration has it, and Prometheus' defaults for what it leaves out.

import { type Action, actions, type RelabelRule } from './rule.ts'

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

/** The action that a text names, in whatever case; undefined for none. */
export function actionNamed(text: string): Action | undefined {
  return actions.find((action) => action === text.toLowerCase())
}

/** The rule with defaults filled in. Expects one that `ruleProblems` finds nothing wrong with. */
export function completeRule(written: WrittenRule): RelabelRule {
  return {
    action: actionNamed(written.action) ?? defaultRule.action,
    sourceLabels: written.sourceLabels ?? [],
    separator: written.separator ?? defaultRule.separator,
    regex: written.regex ?? defaultRule.regex,
    modulus: written.modulus ?? 0n,
    targetLabel: written.targetLabel ?? '',
    replacement: written.replacement ?? defaultRule.replacement,
  }
}
