// Any text at all is read to its end, in steps that grow with its length, and what is said of it can be printed.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Cursor } from './cursor.ts'
import { parseExpression, parseFile } from './parse.ts'
import { printFile } from './print.ts'
import { printAlloyDiagnostics } from './print-diagnostics.ts'
import { mostProblems } from './problems.ts'
import { textOfBytes } from './text-of-bytes.ts'

function read(text: string): number {
  const { file, diagnostics } = parseFile('f', text)
  for (const { line, col, span } of diagnostics) {
    expect(line).toBeGreaterThan(0)
    expect(col).toBeGreaterThan(0)
    expect(span?.start).toBeLessThanOrEqual(text.length)
    expect(span?.end).toBeGreaterThan(span?.start ?? 0)
  }
  const printed = printAlloyDiagnostics(new Map([['f', text]]), diagnostics)
  expect(printed === '').toBe(diagnostics.length === 0)
  expect(printed).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/)
  if (diagnostics.length === 0) {
    const once = printFile(file)
    const again = parseFile('f', once)
    expect(again.diagnostics).toEqual([])
    expect(printFile(again.file)).toBe(once)
  }
  parseExpression(text)
  return diagnostics.length
}

test('law: any bytes, any text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(textOfBytes(bytes))),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void read(text)),
    { numRuns: 300 },
  )
})

const words = [
  ...['a', 'b.c', ' "l" ', '"x"', '`y\n`', '1', '2.', 'e', 'true', 'null', '=', '==', '+', '-', '!', '|', '&&', '^'],
  ...['(', ')', '[', ']', '{', '}', ',', '.', '\n', '\n\n', ' ', '\t', '\r', '//', '// c\n', '/*', '*/', '/* c */'],
  ...['"', '`', "'", '\\', '\\x4', '\\u', '\0', '\ufeff', '\udc80', '…', 'é', '𝒳', 'a = 1\n', 'b {\n', '}\n'],
]

test('law: any order of tokens', () => {
  let faultless = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (some) => {
      if (read(some.join('')) === 0) faultless++
    }),
    { numRuns: 2000 },
  )
  expect(faultless).toBeGreaterThan(20)
})

const corpus = join(process.env.SLUICE_CORPUS ?? '../shared/corpus', 'alloy-syntax')
const files = (existsSync(corpus) ? readdirSync(corpus, { recursive: true, withFileTypes: true }) : [])
  .filter((entry) => entry.isFile())
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

test.skipIf(files.length === 0)('law: files with some of their text replaced', () => {
  let faultless = 0
  const change = fc.tuple(fc.nat(), fc.nat(6), fc.constantFrom('', ...words))
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 4 }), (file, changes) => {
      let text = file
      for (const [where, length, word] of changes) {
        const at = where % (text.length + 1)
        text = text.slice(0, at) + word + text.slice(at + length)
      }
      if (read(text) === 0) faultless++
    }),
    { numRuns: 1000 },
  )
  expect(faultless).toBeGreaterThan(20)
})

/** Characters looked at while a text is read. */
function steps(text: string): number {
  const advance = vi.spyOn(Cursor.prototype, 'advance')
  parseFile('f', text)
  const { length } = advance.mock.calls
  advance.mockRestore()
  return length
}

test('twice the text takes twice the steps', () => {
  const units = [
    ...['(', '[', '{', '-', '!', 'a {\n', 'a = {', 'a = b "c" {', '[{a = '],
    ...[
      'a = 1\n',
      '// c\n',
      'a /* c */ ',
      'a /* c */ // d\n',
      '/* ',
      '"',
      '"\\',
      '`',
      "'",
      '\\',
      '\0',
      '\ufeff',
      '\udc80',
    ],
    ...[')', ']', '}', '=', ',', '.', 'a.', 'a b ', 'a = [1 ', 'a = f(', '+ ', '1 + ', '𝒳', '\r', '\n', '|', '&'],
  ]
  for (const unit of units) {
    const [small, large] = [2000, 4000].map((count) => steps(`x = ${unit.repeat(count)}`)) as [number, number]
    expect([unit, large <= 2.1 * small + 100]).toEqual([unit, true])
  }
})

test('a million of each bracket and sign, and as many errors', () => {
  for (const unit of ['(', '[', '{', '-', '!', '[{a=', 'a {', 'f(', '\0', "'", '/*', 'a\n', '=\n', '"\n', 'a = b {']) {
    const text = `x = ${unit.repeat(1_000_000 / unit.length)}`
    const { diagnostics } = parseFile('f', text)
    expect(diagnostics.length).toBeGreaterThan(0)
    expect(diagnostics.length).toBeLessThanOrEqual(mostProblems + 1)
    expect(printAlloyDiagnostics(new Map([['f', text]]), diagnostics).length).toBeLessThan(2000 * diagnostics.length)
  }
})

test('one error more than anybody reads ends it', () => {
  const { diagnostics } = parseFile('f', 'a = )\n'.repeat(mostProblems + 10))
  expect(diagnostics).toHaveLength(mostProblems + 1)
  expect(diagnostics.at(-1)?.message).toBe('too many errors; the rest of the file was not read')
  expect(parseFile('f', 'a = )\n'.repeat(mostProblems)).diagnostics).toHaveLength(mostProblems)
})
