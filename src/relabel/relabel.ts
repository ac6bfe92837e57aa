// Applies rules to the labels of a series exactly as Prometheus does (model/relabel/relabel.go). Pure: the same labels
// give the same result, so that it can be remembered.

import { createHash } from 'node:crypto'
import { toLower, toUpper } from '../config/letter-case.ts'
import type { Label } from '../wire/codec.ts'
import { isLabelName, type NameScheme } from './label-names.ts'
import { LabelSet } from './label-set.ts'
import { compileRegex, type RuleRegex } from './regex.ts'
import type { RelabelRule } from './rule.ts'
import { expand, parseTemplate, type Template } from './template.ts'
import { changesBetween, type Trace } from './trace.ts'

export interface Relabeler {
  /**
   * The labels after all rules, sorted by name, without empty values; `labels` itself if nothing changes; undefined if
   * a rule drops the series. With a `trace`, one entry for each rule that was reached is added to it.
   */
  relabel(labels: readonly Label[], trace?: Trace): readonly Label[] | undefined
}

export interface RelabelOptions {
  /** Which target labels `replace` may set; a rule whose target turns out to be another does nothing. Default `legacy`. */
  readonly names?: NameScheme
  /** Set before the first rule, where the series has no such label or an empty one. Default none. */
  readonly externalLabels?: readonly Label[]
}

/**
 * Compiles rules that `ruleProblems` finds nothing wrong with. Throws RegexProblem for a regular expression that is none.
 */
export function compileRules(rules: readonly RelabelRule[], options: RelabelOptions = {}): Relabeler {
  const { names = 'legacy', externalLabels = [] } = options
  const compiled = rules.map((rule) => compileRule(rule, names))
  const set = new LabelSet()
  return {
    relabel(labels, trace) {
      set.begin(labels)
      for (const [name, value] of externalLabels) if (set.get(name) === '') set.set(name, value)
      for (const [number, rule] of compiled.entries()) {
        const isKept = trace === undefined ? rule.apply(set, rule.source(set)) : traced(rule, number, set, trace)
        if (!isKept) return undefined
      }
      return set.finish(labels)
    },
  }
}

interface CompiledRule {
  readonly rule: RelabelRule
  readonly regex: RuleRegex
  /** Values of the source labels, joined. */
  source(set: LabelSet): string
  /** False: the series is dropped. */
  apply(set: LabelSet, source: string): boolean
}

function compileRule(rule: RelabelRule, names: NameScheme): CompiledRule {
  const { sourceLabels, separator } = rule
  const regex = compileRegex(rule.regex)
  const [only] = sourceLabels
  return {
    rule,
    regex,
    source:
      sourceLabels.length === 1
        ? (set) => set.get(only!)
        : (set) => sourceLabels.map((name) => set.get(name)).join(separator),
    apply: actionOf(rule, regex, names),
  }
}

function actionOf(rule: RelabelRule, regex: RuleRegex, names: NameScheme): CompiledRule['apply'] {
  const { action, targetLabel, modulus } = rule
  const replacement = parseTemplate(rule.replacement)
  switch (action) {
    case 'drop':
      return (_, source) => !regex.matches(source)
    case 'keep':
      return (_, source) => regex.matches(source)
    case 'dropequal':
      return (set, source) => set.get(targetLabel) !== source
    case 'keepequal':
      return (set, source) => set.get(targetLabel) === source
    case 'replace':
      return replace(regex, parseTemplate(targetLabel), replacement, names)
    case 'hashmod':
      return setting(targetLabel, (source) => String(hashOf(source) % modulus))
    case 'lowercase':
      return setting(targetLabel, toLower)
    case 'uppercase':
      return setting(targetLabel, toUpper)
    case 'labelmap':
      return (set) => {
        for (const [name, value] of set.all()) {
          if (regex.matches(name)) set.set(regex.replaceAll(name, replacement), value)
        }
        return true
      }
    case 'labeldrop':
      return without((name) => regex.matches(name))
    case 'labelkeep':
      return without((name) => !regex.matches(name))
  }
}

function replace(regex: RuleRegex, target: Template, replacement: Template, names: NameScheme): CompiledRule['apply'] {
  return (set, source) => {
    const groups = regex.exec(source)
    if (groups === undefined) return true
    const name = expand(target, groups, regex.names)
    if (isLabelName(name, names)) set.set(name, expand(replacement, groups, regex.names))
    return true
  }
}

function setting(target: string, value: (source: string) => string): CompiledRule['apply'] {
  return (set, source) => {
    set.set(target, value(source))
    return true
  }
}

function without(goes: (name: string) => boolean): CompiledRule['apply'] {
  return (set) => {
    for (const [name] of set.all()) if (goes(name)) set.delete(name)
    return true
  }
}

/** The last 8 bytes of the MD5 sum. */
function hashOf(source: string): bigint {
  return createHash('md5').update(source).digest().readBigUInt64BE(8)
}

function traced(compiled: CompiledRule, number: number, set: LabelSet, trace: Trace): boolean {
  const { rule, regex } = compiled
  const { action, targetLabel } = rule
  const before = set.all()
  const isByName = action === 'labelmap' || action === 'labeldrop' || action === 'labelkeep'
  const isByValue = action === 'replace' || action === 'keep' || action === 'drop'
  const matching = isByName ? before.map(([name]) => name).filter((name) => regex.matches(name)) : []
  const source = compiled.source(set)
  const isEqual = action === 'keepequal' || action === 'dropequal' ? set.get(targetLabel) === source : true
  const isKept = compiled.apply(set, source)
  trace.push({
    rule: number,
    action,
    source: isByName ? matching.join(', ') : source,
    matched: isByName ? matching.length > 0 : isByValue ? regex.matches(source) : isEqual,
    dropped: !isKept,
    changes: isKept ? changesBetween(before, set.all()) : [],
  })
  return isKept
}
