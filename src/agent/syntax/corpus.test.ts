// Alloy's own test files: errors where its parser reports them, valid files, and what its printer makes of files.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseFile } from './parse.ts'
import { printFile } from './print.ts'
import { Scanner } from './scan.ts'

const corpus = join(process.env.SLUICE_CORPUS ?? '../shared/corpus', 'alloy-syntax')
const names = (folder: string, ending = ''): readonly string[] =>
  existsSync(join(corpus, folder)) ? readdirSync(join(corpus, folder)).filter((name) => name.endsWith(ending)) : []
const read = (...path: readonly string[]): string => readFileSync(join(corpus, ...path), 'utf8')

/**
 * What comments announce: `ERROR "…"` at the start of the token before the comment, `ERROR HERE "…"` behind it. By
 * offset, as regular expressions.
 */
function announced(text: string): Map<number, RegExp> {
  const wanted = new Map<number, RegExp>()
  const scanner = new Scanner(text, () => {})
  let before = { start: 0, end: 0 }
  for (let token = scanner.next(); token.kind !== 'EOF'; token = scanner.next()) {
    const [, here, message] = /^\/\* *ERROR *(HERE)? *"([^"]*)" *\*\/$/.exec(token.text) ?? []
    if (message !== undefined) wanted.set(here === undefined ? before.start : before.end, new RegExp(message))
    else if (token.kind !== 'TERMINATOR' && token.kind !== 'COMMENT') before = token
  }
  return wanted
}

test.skipIf(!existsSync(corpus))('the corpus is whole', () => {
  expect(names('parser', '.alloy')).toHaveLength(6)
  expect(names('parser/valid')).toHaveLength(5)
  expect(names('parser/fuzz/FuzzParser')).toHaveLength(3)
  expect(names('printer', '.in')).toHaveLength(10)
})

test.each(names('parser', '.alloy'))('errors: %s', (name) => {
  const text = read('parser', name)
  const wanted = announced(text)
  expect(wanted.size).toBeGreaterThan(0)
  for (const { span, message } of parseFile(name, text).diagnostics) {
    const at = span?.start ?? -1
    expect([at, message]).toEqual([at, expect.stringMatching(wanted.get(at) ?? /nothing was announced here/)])
    wanted.delete(at)
  }
  expect([...wanted]).toEqual([])
})

test.each(names('parser/valid'))('valid: %s', (name) => {
  const { file, diagnostics } = parseFile(name, read('parser/valid', name))
  expect(diagnostics).toEqual([])
  const printed = printFile(file)
  expect(printFile(parseFile(name, printed).file)).toBe(printed)
})

test.each(names('parser/fuzz/FuzzParser'))('once broke the parser: %s', (name) => {
  const [, bytes = ''] = /^\[\]byte\((".*")\)$/m.exec(read('parser/fuzz/FuzzParser', name)) ?? []
  expect(parseFile(name, JSON.parse(bytes)).diagnostics).not.toEqual([])
})

test.each(names('printer', '.in'))('printed: %s', (name) => {
  const { file, diagnostics } = parseFile(name, read('printer', name))
  const wanted = (ending: string): string => join('printer', name.replace(/\.in$/, ending))
  if (!existsSync(join(corpus, wanted('.expect')))) {
    expect(diagnostics.map(({ message }) => message)).toContain(read(wanted('.error')).trim())
    return
  }
  expect(diagnostics).toEqual([])
  const want = `${read(wanted('.expect')).trimEnd()}\n`
  expect(printFile(file)).toBe(want)
  expect(printFile(parseFile(name, want).file)).toBe(want)
})
