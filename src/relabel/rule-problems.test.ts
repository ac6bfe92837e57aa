// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Go’s templates, not JavaScript’s
import { describe, expect, test } from 'vitest'
import { ruleProblems } from './rule-problems.ts'
import type { WrittenRule } from './written-rule.ts'

const check = (rule: WrittenRule, want: string[], names: 'legacy' | 'utf8' = 'utf8') =>
  expect(ruleProblems(rule, names)).toEqual(want)

test('as Prometheus has it (TestRelabelValidate)', () => {
  check({ action: '' }, ['relabel action cannot be empty'])
  const noTarget = (action: string) => [`relabel configuration for ${action} action requires 'target_label' value`]
  check({ action: 'replace' }, noTarget('replace'))
  check({ action: 'lowercase' }, noTarget('lowercase'))
  check({ action: 'lowercase', targetLabel: '${3}' }, [])
  check(
    { action: 'lowercase', targetLabel: '${3}' },
    [`"\${3}" is invalid 'target_label' for lowercase action`],
    'legacy',
  )
  const replace = { action: 'replace', sourceLabels: ['a'], regex: 'some-([^-]+)-([^,]+)', replacement: '${1}' }
  for (const targetLabel of ['${3}', '0${3}', '-${3}']) check({ ...replace, targetLabel }, [])
  const strimzi = '__meta_kubernetes_pod_label_(strimzi_io_.+)'
  check({ action: 'labelmap', regex: strimzi, replacement: '$1' }, [], 'legacy')
  check({ action: 'labelmap', regex: '__meta_(.+)', replacement: '${1}' }, [], 'legacy')
})

describe('a target with references, legacy names (TestTargetLabelLegacyValidity)', () => {
  const valid = ['label', 'label${1}', '${1}label', '${1}', '$1', 'asd$2asd', '_${1}_', 'foo${bar}foo']
  const invalid = ['-label', '${', '$', '${}', 'foo${', '-foo${1}bar-', 'bar.foo${1}bar', '0${1}']
  test.each(valid)('%s is valid', (targetLabel) => check({ action: 'replace', targetLabel }, [], 'legacy'))
  test.each(invalid)('%s is not', (targetLabel) =>
    check(
      { action: 'replace', targetLabel },
      [`${JSON.stringify(targetLabel)} is invalid 'target_label' for replace action`],
      'legacy',
    ),
  )
  test('a long one is judged at once', () => {
    const targetLabel = `${'a'.repeat(100_000)}-`
    expect(ruleProblems({ action: 'replace', targetLabel }, 'legacy')).toHaveLength(1)
  })
})

test('fields that an action has no use for are refused', () => {
  const onlyEqual = (action: string) =>
    `${action} action requires only 'source_labels' and \`target_label\`, and no other fields`
  const onlyRegex = (action: string) => `${action} action requires only 'regex', and no other fields`
  for (const action of ['keepequal', 'dropequal']) {
    check({ action, targetLabel: 'a', sourceLabels: ['b'] }, [])
    check({ action, targetLabel: 'a', regex: '(.*)' }, [onlyEqual(action)])
    check({ action, targetLabel: 'a', modulus: 1n }, [onlyEqual(action)])
    check({ action, targetLabel: 'a', separator: ',' }, [onlyEqual(action)])
    check({ action, targetLabel: 'a', replacement: 'x' }, [
      `'replacement' can not be set for ${action} action`,
      onlyEqual(action),
    ])
  }
  for (const action of ['labeldrop', 'labelkeep']) {
    check({ action, regex: 'a' }, [])
    check({ action, regex: 'a', sourceLabels: [] }, [onlyRegex(action)])
    check({ action, regex: 'a', targetLabel: 'x' }, [onlyRegex(action)])
    check({ action, regex: 'a', replacement: 'x' }, [onlyRegex(action)])
  }
  check({ action: 'uppercase', targetLabel: 'a', replacement: 'x' }, [
    `'replacement' can not be set for uppercase action`,
  ])
  check({ action: 'hashmod', targetLabel: 'a' }, ['relabel configuration for hashmod requires non-zero modulus'])
  check({ action: 'labelmap', replacement: 'a-b' }, [`"a-b" is invalid 'replacement' for labelmap action`], 'legacy')
})

test('actions are named in any case, and all problems come at once', () => {
  check({ action: 'LabelDrop', regex: 'a' }, [])
  check({ action: 'nonsense', regex: 'a(' }, [
    'unknown relabel action "nonsense"',
    'error parsing regexp: missing closing ): `^(?s:a()$`',
  ])
  check({ action: 'hashmod' }, [
    'relabel configuration for hashmod requires non-zero modulus',
    `relabel configuration for hashmod action requires 'target_label' value`,
  ])
})

test('a regular expression that is none is refused in Go’s words', () => {
  const refused = (regex: string, text: string) => check({ action: 'drop', regex }, [`error parsing regexp: ${text}`])
  refused('a{2,1}', 'invalid repeat count: `{2,1}`')
  refused('*a', 'missing argument to repetition operator: `*`')
  refused('(?=a)', 'invalid or unsupported Perl syntax: `(?=`')
  refused('[b-a]', 'invalid character class range: `b-a`')
  refused('\\8', 'invalid escape sequence: `\\8`')
})
