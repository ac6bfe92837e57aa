import fc from 'fast-check'
import { expect, test } from 'vitest'
import { within } from '../../test/support/cpu.ts'
import { sameAsEngine } from '../../test/support/same-as-engine.ts'
import { compileRegex } from './regex.ts'
import { scriptRegex } from './script-regex.ts'

test('what JavaScript may match is seen, and nothing else', () => {
  const check = (pattern: string, isScript: boolean) =>
    expect(scriptRegex(pattern) !== undefined, pattern).toBe(isScript)
  for (const script of [
    '[0-7]',
    '1..',
    '^team-\\d+$',
    '(team-\\d+)-.*',
    '([^:]+)(?::\\d+)?',
    'ip-(\\d+)-(\\d+)-(\\d+)-(\\d+)\\..*',
    '[^.]+\\.([a-z]+-[a-z]+-\\d)\\..*',
    '(.*)-\\d',
    '(.*)-[0-9a-f]{8,10}-[a-z0-9]{5}',
    '.*-(preview|sandbox)-[0-9a-f]{8}',
    '(eth|ens|wlan)(\\d+)',
    '(?P<x>[\\w-]+)/(?<y>\\S*)',
    '[a-z]{0,9}[a-z]*;',
    'a?b|c*',
  ]) {
    check(script, true)
  }
  for (const other of [
    // Given back character by character, tried again to the end each time.
    '(.*)-[0-9]+',
    '.*.*x',
    '[a-z]*[a-z]*x',
    '[a-z]{0,9}[a-z]{0,9}x',
    '.*[a-z]{65}',
    '(a|ab)(b*)',
    '(a?|b)c',
    '(ab)?a',
    '(a*)?b',
    // Repeated groups, and what means something else to one of the two.
    '(a+)+b',
    '(?:ab)*',
    'a*?b',
    '(?i)[a-b]x',
    '[[:alpha:]]x?',
    '\\bx?',
    '\\pL+',
    '[^]a]x?',
    '[a^]x?',
    'x?\\z',
    'é+',
    'a)|(b?',
    '(?=a)b?',
    'x{,2}',
    '[z-a]',
    '[--a]',
  ]) {
    check(other, false)
  }
})

test('a text is matched as RE2 matches it', () => {
  const check = (pattern: string, text: string, want: boolean) =>
    expect(sameAsEngine(pattern, text), pattern).toBe(want)
  check('([^:]+)(?::\\d+)?', '10.0.0.1:8080', true)
  check('([^:]+)(?::\\d+)?', 'host', true)
  check('([^:]+)(?::\\d+)?', 'host:', false)
  check('(.*)-[0-9a-f]{8,10}-[a-z0-9]{5}', 'a-b-0123456789-x2x2x', true)
  check('(.*)-[0-9a-f]{8,10}-[a-z0-9]{5}', 'a-b-01234567890-x2x2x', false)
  check('[^a].', '😀😀', true)
  check('..', '😀', false)
  check('\\s\\S\\w\\W\\d\\D', '\f\u00a0_é0a', true)
  check('\\s?', '\v', false)
  check('\\s?', '\u00a0', false)
  check('.[.]', '\n.', true)
  check('a?', 'a\n', false)
  check('[\\d-]{2}', '-1', true)
  check('[+--]{2}', '+,', true)
  check('(a)?(b)?c', 'c', true)
})

test('generated patterns and texts are matched as RE2 matches them', () => {
  const set = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\D', '[^\\s;]', '\\.', '-', '[a-c1]', '\\w')
  const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{2,}')
  const { pattern } = fc.letrec<{ pattern: string; sequence: string; atom: string }>((tie) => ({
    pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
    sequence: fc.array(tie('atom'), { maxLength: 4 }).map((all) => all.join('')),
    atom: fc.oneof(
      { maxDepth: 3 },
      { weight: 5, arbitrary: fc.tuple(set, quantifier).map((both) => both.join('')) },
      { weight: 1, arbitrary: fc.tuple(tie('pattern'), fc.constantFrom('', '?')).map(([p, q]) => `(${p})${q}`) },
      { weight: 1, arbitrary: fc.tuple(tie('pattern'), fc.constantFrom('', '?')).map(([p, q]) => `(?:${p})${q}`) },
    ),
  }))
  const piece = fc.constantFrom('a', 'b', 'ab', '1', '.', '-', ';', '😀', '\n', ' ', 'é')
  const text = fc.array(piece, { maxLength: 8 }).map((all) => all.join(''))
  let scripts = 0
  let matched = 0
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (chosen, texts) => {
      if (scriptRegex(chosen) === undefined) return
      scripts++
      for (const one of texts) if (sameAsEngine(chosen, one)) matched++
    }),
    { numRuns: 3000 },
  )
  expect(scripts).toBeGreaterThan(200)
  expect(matched).toBeGreaterThan(100)
})

test('no text makes matching slow', () => {
  within(10, () => {
    for (const pattern of [
      '(.*)-[0-9a-f]{8,10}-[a-z0-9]{5}',
      '.*[a-f-]{60}x',
      '[a-f-]{0,64}[a-e-]*x',
      '[^:]+(?::\\d+)?',
    ]) {
      const regex = compileRegex(pattern)
      expect(scriptRegex(pattern)).toBeDefined()
      for (const piece of ['a', '-', 'f-', ':1']) {
        for (const size of [9_000, 200_000]) regex.exec(`${piece.repeat(size / piece.length)}!`)
      }
    }
  })
})
