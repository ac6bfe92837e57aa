import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { within } from '../../test/support/cpu.ts'
import { sameAsEngine } from '../../test/support/same-as-engine.ts'
import { parsePlain } from './plain-pattern.ts'
import { compileRegex } from './regex.ts'
import { parseTemplate } from './template.ts'

test('what needs no engine is seen, and nothing else', () => {
  const check = (pattern: string, isPlain: boolean) => expect(parsePlain(pattern) !== undefined, pattern).toBe(isPlain)
  for (const plain of [
    '',
    'up',
    'a|b|c',
    '(.*)',
    '(.+)',
    '.*',
    'kube_(pod|node)_info',
    '(go|process)_.*',
    '.*_total',
    '^up$',
    '.*o.*',
    '(.+);(.+)',
    '__meta_(my.*)',
    '(?P<x>a)\\.b\\-c',
    '(?<x>a.*)',
    'a|',
    '.*(?:a|b)',
    '😀.*',
  ]) {
    check(plain, true)
  }
  for (const other of [
    '.*.*',
    'a*',
    'a?',
    '.',
    '[ab]',
    '\\d',
    '(?i)a',
    '(?i:a)',
    'a{2}',
    '.*?',
    '.+?',
    '(a)?',
    'a\\',
    '^a|b',
    'a$b',
    'a^',
    '(.*)(a|ba)',
    '.*a.*b.*',
    'a)|(b',
    '(a',
    '\\Qa\\E',
    '\\$$$',
    '$a',
    '(^a)',
  ]) {
    check(other, false)
  }
})

test('short cuts and the engine find the same in texts made for them', () => {
  const texts = [
    '',
    'a',
    'b',
    'ab',
    'ba',
    'aba',
    'abab',
    'xba',
    'a\nb',
    'a.b',
    '😀',
    'x😀y',
    ';',
    'a;b',
    'a;;b',
    'up',
    'aab',
    '$',
    '\\',
  ]
  for (const pattern of [
    '',
    'a|b|ab',
    'a|ab|',
    '(a|ab)(.*)',
    '(ab|a)(.*)',
    '(.*)a(.*)',
    '(.+)a(.+)',
    '(.*)ab(.*)b',
    '.*(a|b)',
    '(a.*|.*b)',
    '(.*);(.*)',
    '(.+);(.*)',
    '^a.*$',
    '^(.+)$',
    '\\$',
    'a\\$',
    '\\\\$',
    '((a)(b))|(b)',
    'a|(a)',
    '(a)|(a)',
    '.+',
    '(?P<n>a)b',
    '((.*))',
    '()a()',
    'a(|b)',
    '(|b)a',
  ]) {
    for (const text of texts) sameAsEngine(pattern, text)
  }
})

test('short cuts and the engine find the same in generated patterns and texts', () => {
  const literal = fc.constantFrom('a', 'b', 'ab', '\\.', '_', '😀', ';', '\\\\')
  const run = fc.constantFrom('.*', '.+')
  const { pattern } = fc.letrec<{ pattern: string; sequence: string; atom: string }>((tie) => ({
    pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
    sequence: fc.array(tie('atom'), { maxLength: 4 }).map((all) => all.join('')),
    atom: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: literal },
      { weight: 2, arbitrary: run },
      { weight: 2, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
      { weight: 1, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
    ),
  }))
  const anchored = fc
    .tuple(fc.constantFrom('', '', '^'), pattern, fc.constantFrom('', '', '$'))
    .map((all) => all.join(''))
  const text = fc
    .array(fc.constantFrom('a', 'b', 'ab', '.', '_', '😀', ';', '\\', '\n'), { maxLength: 7 })
    .map((all) => all.join(''))
  let plain = 0
  let matched = 0
  fc.assert(
    fc.property(anchored, fc.array(text, { minLength: 1, maxLength: 6 }), (chosen, texts) => {
      if (parsePlain(chosen) === undefined) return
      plain++
      for (const one of texts) if (sameAsEngine(chosen, one)) matched++
    }),
    { numRuns: 1500 },
  )
  expect(plain).toBeGreaterThan(150)
  expect(matched).toBeGreaterThan(50)
})

describe('RE2 and not JavaScript', () => {
  const check = (pattern: string, text: string, want: boolean) => {
    test(`${pattern} on ${JSON.stringify(text)}`, () => expect(compileRegex(pattern).matches(text)).toBe(want))
  }
  check('a.b', 'a\nb', true)
  check('(?i)KELVIN', 'kelvin', true)
  check('(?i:a)b', 'Ab', true)
  check('[[:alpha:]]+', 'abc', true)
  check('[[:alpha:]]+', '[:', false)
  check('\\pL+', 'é', true)
  check('\\p{Greek}+', 'αβ', true)
  check('a\\z', 'a', true)
  check('\\Qa.b\\E', 'axb', false)
  check('\\x{61}', 'a', true)
  check('\\s', '\u00a0', false)
  check('\\s', '\v', false)
  check('a$|b', 'b', true)
  check('(?P<n>a)', 'a', true)
  // A parenthesis too many gets round the anchors, as it does in Prometheus.
  check('a)|(b', 'axx', true)
})

test('a pattern that gets round the anchors replaces as Go’s ReplaceAllString does', () => {
  const check = (pattern: string, text: string, want: string) => {
    expect(compileRegex(pattern).replaceAll(text, parseTemplate('<$0>'))).toBe(want)
  }
  check('a)|(?:b', 'axb', '<a>x<b>')
  check('x*)|(?:b', 'xxyb', '<xx>y<b>')
  check('x)|(?:b*', 'xbb', '<x><bb>')
  check('x)|(?:b*', 'xyb', '<x>y<b>')
  check('.*', '', '<>')
})

test('no text makes matching slow', () => {
  const hostile = 'a'.repeat(200_000)
  within(10, () => {
    for (const pattern of ['(a+)+b', '(.*)a(.*)', '.*ab.*', '(a|aa)+$x', '(.*)b(.*)c(.*)'])
      compileRegex(pattern).exec(hostile)
  })
})
