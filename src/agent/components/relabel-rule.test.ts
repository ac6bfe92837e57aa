import { expect, test } from 'vitest'
import type { RelabelRule } from '../../relabel/rule.ts'
import { decodeBlock } from '../graph/decode-block.ts'
import type { Block } from '../syntax/ast.ts'
import { parseFile } from '../syntax/parse.ts'
import { relabelRuleSchema, settleRelabelRule } from './relabel-rule.ts'

/** The rule of a block with this body, or `text at 'place' | hint` of each problem. */
function settled(body: string): RelabelRule | readonly string[] | undefined {
  const text = `rule { ${body} }`
  const block = parseFile('a', text).file.body[0] as Block
  const problems: string[] = []
  const report = (_severity: string, { start, end }: { start: number; end: number }, message: string, hint?: string) =>
    void problems.push(`${message} at ${text.slice(start, end)}${hint === undefined ? '' : ` | ${hint}`}`)
  const { decoded, hasFailed } = decodeBlock(block, relabelRuleSchema, { scope: { lookup: () => undefined }, report })
  const rule = hasFailed ? undefined : settleRelabelRule(decoded, report)
  expect(rule === undefined).toBe(problems.length > 0)
  return rule ?? problems
}
const check = (body: string, ...want: readonly string[]) => expect(settled(body)).toEqual(want)

const defaults: RelabelRule = {
  ...{ action: 'replace', sourceLabels: [], separator: ';', regex: '(.*)', modulus: 0n },
  ...{ targetLabel: '', replacement: '$1' },
}

test('a rule has Alloy’s defaults for what is not written', () => {
  const is = (body: string, want: Partial<RelabelRule>) => expect(settled(body)).toEqual({ ...defaults, ...want })
  is('target_label = "a"', { targetLabel: 'a' })
  is('action = "keep"', { action: 'keep' })
  is('action = "keepequal"\nregex = "(.*)"\ntarget_label = "a"\nsource_labels = ["b"]', {
    ...{ action: 'keepequal', targetLabel: 'a', sourceLabels: ['b'] },
  })
  is('source_labels = ["a", "b"]\nseparator = "/"\nregex = "x(y)"\nreplacement = "z$1"\ntarget_label = "t_$1"', {
    ...{ sourceLabels: ['a', 'b'], separator: '/', regex: 'x(y)', replacement: 'z$1', targetLabel: 't_$1' },
  })
  is('action = "hashmod"\nmodulus = 8\ntarget_label = "a"', { action: 'hashmod', modulus: 8n, targetLabel: 'a' })
})

test('what is wrong is said in Alloy’s words, at its place', () => {
  const name = 'write the name of a label, such as team'
  check(
    '',
    `relabel configuration for replace action requires 'target_label' value at rule { } | ${name}`.replace(
      '{ }',
      '{  }',
    ),
  )
  check('target_label = "a-b"', `"a-b" is invalid 'target_label' for replace action at "a-b" | ${name}`)
  check(
    'action = "Replace"',
    'unrecognized action type Replace at "Replace" | the values are replace, keep, drop, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase, keepequal, dropequal',
  )
  check(
    'action = "hashmod"\ntarget_label = "a"',
    'relabel configuration for hashmod requires non-zero modulus at "hashmod" | set `modulus` to the number of buckets',
  )
  check(
    'action = "labeldrop"\nsource_labels = []',
    `labeldrop action requires only 'regex', and no other fields at "labeldrop"`,
  )
  check(
    'action = "drop"\nregex = "a("',
    'error parsing regexp: missing closing ): `^(?s:a()$` at "a(" | mend it; the syntax is that of RE2',
  )
  check(
    'action = "lowercase"\nregex = "["\nreplacement = "x"\ntarget_label = "a"',
    `'replacement' can not be set for lowercase action at "x" | take it out`,
    'error parsing regexp: missing closing ]: `[)$` at "[" | mend it; the syntax is that of RE2',
  )
})
