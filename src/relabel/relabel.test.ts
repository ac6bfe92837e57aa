// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Go’s templates, not JavaScript’s
import { describe, expect, test } from 'vitest'
import type { Label } from '../wire/codec.ts'
import { compileRules } from './relabel.ts'
import type { Trace } from './trace.ts'
import { completeRule, type WrittenRule } from './written-rule.ts'

type Written = Partial<WrittenRule>
const rulesOf = (rules: readonly Written[]) => rules.map((rule) => completeRule({ action: 'replace', ...rule }))
const labelsOf = (labels: Record<string, string>): Label[] =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
const relabel = (labels: Record<string, string>, rules: readonly Written[], names: 'utf8' | 'legacy' = 'utf8') => {
  const result = compileRules(rulesOf(rules), { names }).relabel(labelsOf(labels))
  return result === undefined ? undefined : Object.fromEntries(result)
}

describe('as Prometheus has it (model/relabel, TestRelabel)', () => {
  const check = (input: Record<string, string>, rules: Written[], want: Record<string, string> | undefined) => {
    test(
      JSON.stringify(rules, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      () => expect(relabel(input, rules)).toEqual(want),
    )
  }
  const abc = { a: 'foo', b: 'bar', c: 'baz' }
  const from = (...sourceLabels: string[]) => ({ sourceLabels })

  check(abc, [{ ...from('a'), regex: 'f(.*)', targetLabel: 'd', replacement: 'ch${1}-ch${1}' }], {
    ...abc,
    d: 'choo-choo',
  })
  check(
    abc,
    [
      { ...from('a', 'b'), regex: 'f(.*);(.*)r', targetLabel: 'a', replacement: 'b${1}${2}m' },
      { ...from('c', 'a'), regex: '(b).*b(.*)ba(.*)', targetLabel: 'd', replacement: '$1$2$2$3' },
    ],
    { a: 'boobam', b: 'bar', c: 'baz', d: 'boooom' },
  )
  check(
    { a: 'foo' },
    [
      { ...from('a'), regex: '.*o.*', action: 'drop' },
      { ...from('a'), regex: 'f(.*)', targetLabel: 'd', replacement: 'ch$1-ch$1' },
    ],
    undefined,
  )
  check({ a: 'foo', b: 'bar' }, [{ ...from('a'), regex: '.*o.*', action: 'drop' }], undefined)
  check({ a: 'abc' }, [{ ...from('a'), regex: '.*(b).*', targetLabel: 'd' }], { a: 'abc', d: 'b' })
  check({ a: 'foo' }, [{ ...from('a'), regex: 'no-match', action: 'drop' }], { a: 'foo' })
  check({ a: 'foo' }, [{ ...from('a'), regex: 'f|o', action: 'drop' }], { a: 'foo' })
  check({ a: 'foo' }, [{ ...from('a'), regex: 'no-match', action: 'keep' }], undefined)
  check({ a: 'foo' }, [{ ...from('a'), regex: 'f.*', action: 'keep' }], { a: 'foo' })
  check({ a: 'boo' }, [{ ...from('a'), regex: 'f', targetLabel: 'b', replacement: 'bar' }], { a: 'boo' })
  check({ a: 'foo', f: 'baz' }, [{ ...from('a'), regex: '(f).*', targetLabel: '$1', replacement: '$2' }], { a: 'foo' })
  check(abc, [{ ...from('c'), targetLabel: 'd', action: 'hashmod', modulus: 1000n }], { ...abc, d: '976' })
  check({ a: 'foo\nbar' }, [{ ...from('a'), targetLabel: 'b', action: 'hashmod', modulus: 1000n }], {
    a: 'foo\nbar',
    b: '734',
  })
  check({ a: 'foo', b1: 'bar', b2: 'baz' }, [{ regex: '(b.*)', replacement: 'bar_${1}', action: 'labelmap' }], {
    a: 'foo',
    b1: 'bar',
    b2: 'baz',
    bar_b1: 'bar',
    bar_b2: 'baz',
  })
  const meta = { a: 'foo', __meta_my_bar: 'aaa', __meta_my_baz: 'bbb', __meta_other: 'ccc' }
  check(meta, [{ regex: '__meta_(my.*)', replacement: '${1}', action: 'labelmap' }], {
    ...meta,
    my_bar: 'aaa',
    my_baz: 'bbb',
  })
  const pairs = 'some-([^-]+)-([^,]+)'
  check({ a: 'some-name-value' }, [{ ...from('a'), regex: pairs, replacement: '${2}', targetLabel: '${1}' }], {
    a: 'some-name-value',
    name: 'value',
  })
  check({ a: 'some-name-value' }, [{ ...from('a'), regex: pairs, replacement: '${3}', targetLabel: '${1}' }], {
    a: 'some-name-value',
  })
  check(
    { a: 'some-name-0' },
    [
      { ...from('a'), regex: pairs, replacement: '${1}', targetLabel: '${3}' },
      { ...from('a'), regex: pairs, replacement: '${1}', targetLabel: '${3}' },
      { ...from('a'), regex: 'some-([^-]+)(-[^,]+)', replacement: '${1}', targetLabel: '${3}' },
    ],
    { a: 'some-name-0' },
  )
  const tags = 'path:/secret,job:some-job,label:foo=bar'
  check(
    { __meta_sd_tags: tags },
    [
      { ...from('__meta_sd_tags'), regex: '(?:.+,|^)path:(/[^,]+).*', targetLabel: '__metrics_path__' },
      { ...from('__meta_sd_tags'), regex: '(?:.+,|^)job:([^,]+).*', targetLabel: 'job' },
      {
        ...from('__meta_sd_tags'),
        regex: '(?:.+,|^)label:([^=]+)=([^,]+).*',
        replacement: '${2}',
        targetLabel: '${1}',
      },
    ],
    { __meta_sd_tags: tags, __metrics_path__: '/secret', job: 'some-job', foo: 'bar' },
  )
  const port = '__meta_kubernetes_pod_container_port_name'
  const annotation = '__meta_kubernetes_pod_annotation_XXX_metrics_port'
  check(
    { [port]: 'foo', [annotation]: '9091' },
    [
      { regex: `^${port}$`, action: 'labeldrop' },
      { ...from(annotation), regex: '(.+)', replacement: 'metrics', targetLabel: port },
      { ...from(port), regex: '^metrics$', action: 'keep' },
    ],
    { [annotation]: '9091', [port]: 'metrics' },
  )
  check({ a: 'foo', b1: 'bar', b2: 'baz' }, [{ regex: '(b.*)', action: 'labelkeep' }], { b1: 'bar', b2: 'baz' })
  check({ a: 'foo', b1: 'bar', b2: 'baz' }, [{ regex: '(b.*)', action: 'labeldrop' }], { a: 'foo' })
  check(
    { foo: 'bAr123Foo' },
    [
      { ...from('foo'), action: 'uppercase', targetLabel: 'foo_uppercase' },
      { ...from('foo'), action: 'lowercase', targetLabel: 'foo_lowercase' },
    ],
    { foo: 'bAr123Foo', foo_lowercase: 'bar123foo', foo_uppercase: 'BAR123FOO' },
  )
  const ports = { __tmp_port: '1234', __port1: '1234', __port2: '5678' }
  check(ports, [{ ...from('__tmp_port'), action: 'keepequal', targetLabel: '__port1' }], ports)
  check(ports, [{ ...from('__tmp_port'), action: 'dropequal', targetLabel: '__port1' }], undefined)
  check(ports, [{ ...from('__tmp_port'), action: 'dropequal', targetLabel: '__port2' }], ports)
  check(ports, [{ ...from('__tmp_port'), action: 'keepequal', targetLabel: '__port2' }], undefined)
  const lines = { a: 'line1\nline2', b: 'bar', c: 'baz' }
  const line = { ...from('a'), regex: 'line1.*line2', replacement: 'match${1}' }
  check(lines, [{ ...line, targetLabel: 'd' }], { ...lines, d: 'match' })
  const { a, ...bc } = lines
  check({ 'utf-8.label': a, ...bc }, [{ ...line, ...from('utf-8.label'), targetLabel: 'd' }], {
    'utf-8.label': a,
    ...bc,
    d: 'match',
  })
  check(lines, [{ ...line, targetLabel: 'utf-8.label' }], { ...lines, 'utf-8.label': 'match' })
  check(lines, [{ ...line, targetLabel: 'utf-8.label${1}' }], { ...lines, 'utf-8.label': 'match' })
  const named = { ...from('a'), regex: '(line1).*(?<second>line2)' }
  check(
    lines,
    [
      { ...named, targetLabel: 'label1_${1}', replacement: 'val_${second}' },
      { ...named, targetLabel: 'label2_$1', replacement: 'val_$second' },
    ],
    { ...lines, label1_line1: 'val_line2', label2_line1: 'val_line2' },
  )
  for (const [name, unit] of [
    ['http_requests_total', 'total'],
    ['disk_usage_bytes', 'bytes'],
  ] as const) {
    check(
      { __name__: name },
      [{ ...from('__name__'), regex: `.*_${unit}$`, targetLabel: '__x__', replacement: unit }],
      {
        __name__: name,
        __x__: unit,
      },
    )
  }
})

test('hashmod takes the last eight bytes of the MD5 sum', () => {
  const check = (values: Record<string, string>, modulus: bigint, want: string) =>
    expect(
      relabel(values, [{ action: 'hashmod', sourceLabels: Object.keys(values), targetLabel: 'h', modulus }])?.h,
    ).toBe(want)
  check({ absent: '' }, 1000n, '958')
  check({ a: '10.132.183.40:80' }, 1000n, '80')
  check({ a: 'foo', b: 'bar' }, 1000n, '750')
  // md5 of nothing ends in e9800998ecf8427e.
  check({ absent: '' }, 2n ** 64n - 1n, String(0xe9800998ecf8427en))
})

test('of names made alike by labelmap the last wins: what came, in order, then what rules have set', () => {
  const rules = [
    { sourceLabels: ['x_a'], targetLabel: 'y_a', replacement: 'set' },
    { action: 'labelmap', regex: '[xyz]_a', replacement: 'a' },
  ]
  expect(relabel({ x_a: '1', z_a: '2' }, rules)).toEqual({ a: 'set', x_a: '1', y_a: 'set', z_a: '2' })
})

test('a label that a rule sets again keeps its place among those that rules have set', () => {
  const rules = [
    { action: 'labeldrop', regex: 'old.*' },
    ...['x', 'y', 'x'].map((name, k) => ({ targetLabel: `new_${name}`, replacement: `${name}${k}` })),
    { action: 'labelmap', regex: 'new_.', replacement: 'last' },
  ]
  expect(relabel({ old_1: '1', old_2: '2', z: '3' }, rules)).toEqual({ last: 'y1', new_x: 'x2', new_y: 'y1', z: '3' })
})

test('a target that is no legal name is left alone, by either scheme', () => {
  const rule = { sourceLabels: ['a'], targetLabel: '$1', replacement: 'x' }
  const check = (value: string, names: 'utf8' | 'legacy', want: boolean) => {
    expect(Object.keys(relabel({ a: value }, [rule], names)!).includes(value)).toBe(want)
  }
  check('b', 'legacy', true)
  check('b-c', 'legacy', false)
  check('0b', 'legacy', false)
  check('b-c', 'utf8', true)
  check('0b', 'utf8', true)
})

test('labels that stay as they are come back as the same list; empty ones go; others are sorted', () => {
  const { relabel: apply } = compileRules(rulesOf([{ sourceLabels: ['a'], targetLabel: 'b', regex: '(x)' }]))
  const check = (labels: Label[], want: readonly Label[]) => expect(apply(labels)).toEqual(want)
  const same: Label[] = [
    ['b', 'x'],
    ['a', 'x'],
  ]
  expect(apply(same)).toBe(same)
  check(
    [
      ['c', '1'],
      ['a', 'x'],
      ['empty', ''],
    ],
    [
      ['a', 'x'],
      ['b', 'x'],
      ['c', '1'],
    ],
  )
  // The first of a repeated name counts; a rule that sets it takes all of them away.
  check(
    [
      ['a', 'x'],
      ['a', 'y'],
      ['b', '1'],
      ['b', '2'],
    ],
    [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
    ],
  )
  check(
    [
      ['a', ''],
      ['a', 'x'],
      ['b', '1'],
    ],
    [['b', '1']],
  )
  // U+FFFF is before U+10000 in UTF-8, behind its first half in UTF-16.
  check(
    [
      ['\u{10000}', '1'],
      ['\uffff', '1'],
      ['a', 'x'],
    ],
    [
      ['a', 'x'],
      ['b', 'x'],
      ['\uffff', '1'],
      ['\u{10000}', '1'],
    ],
  )
})

test('a temporary label leaves no change behind', () => {
  const { relabel: apply } = compileRules(
    rulesOf([
      { sourceLabels: ['a'], targetLabel: '__tmp' },
      { action: 'labeldrop', regex: '__tmp' },
    ]),
  )
  const labels: Label[] = [['a', 'x']]
  expect(apply(labels)).toBe(labels)
})

test('external labels come before the first rule, and a series’ own label wins', () => {
  const externalLabels: Label[] = [
    ['cluster', 'eu'],
    ['zone', 'z'],
  ]
  const rules = rulesOf([{ sourceLabels: ['cluster', 'zone'], targetLabel: 'both' }])
  const { relabel: apply } = compileRules(rules, { externalLabels })
  expect(Object.fromEntries(apply([['zone', 'own']])!)).toEqual({ both: 'eu;own', cluster: 'eu', zone: 'own' })
  expect(Object.fromEntries(apply([['zone', '']])!)).toEqual({ both: 'eu;z', cluster: 'eu', zone: 'z' })
})

test('the trace says for each rule what it looked at and what it did, as far as the series came', () => {
  const trace: Trace = []
  const rules = rulesOf([
    { sourceLabels: ['a', 'b'], regex: 'x;(.*)', targetLabel: 'c' },
    { sourceLabels: ['a'], regex: 'no', targetLabel: 'd' },
    { action: 'labelmap', regex: '(a|b)', replacement: 'm_$1' },
    { action: 'labeldrop', regex: 'a' },
    { action: 'keepequal', sourceLabels: ['b'], targetLabel: 'c' },
    { action: 'drop', sourceLabels: ['b'], regex: 'y' },
    { action: 'labeldrop', regex: 'b' },
  ])
  expect(
    compileRules(rules).relabel(
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
      trace,
    ),
  ).toBeUndefined()
  const change = (name: string, before: string, after: string) => ({ name, before, after })
  const entry = (rule: number, source: string, matched: boolean, ...changes: object[]) => ({
    rule,
    action: rules[rule]!.action,
    source,
    matched,
    dropped: false,
    changes,
  })
  expect(trace).toEqual([
    entry(0, 'x;y', true, change('c', '', 'y')),
    entry(1, 'x', false),
    entry(2, 'a, b', true, change('m_a', '', 'x'), change('m_b', '', 'y')),
    entry(3, 'a', true, change('a', 'x', '')),
    entry(4, 'y', true),
    { ...entry(5, 'y', true), dropped: true },
  ])
})
