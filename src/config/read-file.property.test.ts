// Laws: any text at all gives settings or diagnostics, in bounded time and without an exception.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { loadConfiguration } from './load.ts'
import { settingPaths } from './settings.ts'

const read = (text: string) => {
  const loaded = loadConfiguration({ file: { name: 'f', text } })
  expect(loaded.ok || printDiagnostics(loaded.diagnostics) !== '').toBe(true)
  for (const { line, col, span, excerpt } of loaded.diagnostics) {
    if (line === undefined || col === undefined || span === undefined) continue
    expect(line).toBeGreaterThan(0)
    expect(col).toBeGreaterThan(0)
    expect(span.start).toBeLessThanOrEqual(text.length)
    expect(excerpt?.caretLength).toBeGreaterThan(0)
  }
  return loaded
}

test('law: any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void read(text)),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), (text) => void read(text)),
    { numRuns: 500 },
  )
})

const words = [
  ...settingPaths.flatMap((path) => path.split('.')),
  ...['sluice', 'tenants', 'url', 'headers', 'basic_auth', 'X-Scope-OrgID', 'team-*', '10s', '5', 'true', 'null', '""'],
  ...[
    ': ',
    ':',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '\n- ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '&a ',
    '*a',
    '<<: ',
    '#',
    '"',
    "'",
    '|\n',
    '!!str ',
  ],
  ...['---\n', '\t', '? ', '%', '\\', '\r\n', '\0'],
]

test('law: any order of the words that mean something', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (parts) => void read(parts.join(''))),
    { numRuns: 500 },
  )
})

const scalar = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 6 }),
  ),
}))

test('law: any tree of values under the names of settings', () => {
  fc.assert(
    fc.property(tree, (value) => void read(JSON.stringify({ sluice: value, tenant: value, auth: value }))),
    { numRuns: 200 },
  )
})

test('what would take long, or end the process', () => {
  const check = (text: string, message: RegExp) => {
    const loaded = read(text)
    expect(printDiagnostics(loaded.diagnostics)).toMatch(message)
  }
  check('['.repeat(20_000), /nested more than 64 deep/)
  check('a: '.repeat(5000), /nested more than 64 deep/)
  check('- '.repeat(5000), /nested more than 64 deep/)
  check('tenant: &t { <<: *t }', /stands inside what it repeats/)
  const laughs = Array.from({ length: 12 }, (_, i) =>
    i === 0
      ? 'x0: &x0 { label: a }'
      : `x${i}: &x${i} { <<: [${Array(10)
          .fill(`*x${i - 1}`)
          .join(', ')}] }`,
  )
  check(`${laughs.join('\n')}\ntenant: *x11\n`, /aliases make the document too large/)
})
