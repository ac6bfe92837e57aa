// The one form of files. Where Alloy's formatter breaks a file or needs two runs, ours does what its second run would.
import { expect, test } from 'vitest'
import { parseFile } from './parse.ts'
import { printFile } from './print.ts'

function check(text: string, want: string): void {
  const print = (source: string): string => {
    const { file, diagnostics } = parseFile('f', source)
    expect(diagnostics).toEqual([])
    return printFile(file)
  }
  expect(print(text)).toBe(want)
  expect(print(want)).toBe(want)
}

test('nothing but a line break, nothing but comments', () => {
  check('', '\n')
  check('\n\n\n', '\n')
  check('\n\n// a\n\n\n\n// b   \n/* c\n */', '// a\n\n// b   \n/* c\n */\n')
  check('\ufeff// a\r\nb=1\r\n', '// a\nb = 1\n')
})

test('statements', () => {
  check('a=1\nbb=2\n\n\n\nccc=3', 'a  = 1\nbb = 2\n\nccc = 3\n')
  check('a{}\nb{c=1}\nd=2\n', 'a { }\n\nb {\n\tc = 1\n}\nd = 2\n')
  check('a . b . c "" {\n\n\n}', 'a.b.c { }\n')
  check('a "größe"{\n\n  b=1\n\n}', 'a "größe" {\n\tb = 1\n}\n')
})

test('columns are as wide as characters, and end where a value takes several lines', () => {
  check('größe = 1\nb = 2', 'größe = 1\nb     = 2\n')
  check('𝒳𝒳 = 1\nb = 2', '𝒳𝒳 = 1\nb  = 2\n')
  check('a = [\n1,\n]\nbbb = 2', 'a = [\n\t1,\n]\nbbb = 2\n')
  check('a = 1 // x\nbbb = 22 // y\n', 'a   = 1  // x\nbbb = 22 // y\n')
  check('a = 1\n// x\nbbb = 2', 'a = 1\n// x\nbbb = 2\n')
})

test('expressions', () => {
  check('a=-1+!b*(c)^d[ 0 ].e(1,2 , 3,)', 'a = -1 + !b * (c) ^ d[0].e(1, 2, 3)\n')
  check('a=[]\nb={}\nc=f()', 'a = []\nb = {}\nc = f()\n')
  check('a={b=1,"c d"=2,}', 'a = {b = 1, "c d" = 2}\n')
  check('a={\nb=1,"c d"=2}', 'a = {\n\tb = 1, "c d" = 2}\n')
  check('a={\nb=1,\n"c d"=2,\n}', 'a = {\n\tb     = 1,\n\t"c d" = 2,\n}\n')
  check('a = 1 .x\nb = 1.5 .x', 'a = 1 .x\nb = 1.5.x\n')
})

test('what took several lines for no reason takes one, and is aligned as such', () => {
  check('a = 1 +\n2\nbbb = (\n3)', 'a   = 1 + 2\nbbb = (3)\n')
  check('a = [\n]\nb = {\n\n}\nccc = f(\n)', 'a   = []\nb   = {}\nccc = f()\n')
  check('a = {b =\n1}', 'a = {b = 1}\n')
})

test('strings stay as they are', () => {
  check('a = "x\ty  "', 'a = "x\ty  "\n')
  check('a = `x \n\t y\t\n  z`', 'a = `x \n\t y\t\n  z`\n')
  check('b {\na = `x\n\ty` // z\ncc = 1\n}', 'b {\n\ta = `x\n\ty` // z\n\tcc = 1\n}\n')
})

test('keys stay as they are, in quotes where they can be', () => {
  check(
    'a = {"x\\n\\"" = 1, `y z` = 2, `w\\d` = 3, `"` = 4, "" = 5, `` = 6}',
    'a = {"x\\n\\"" = 1, "y z" = 2, `w\\d` = 3, `"` = 4, "" = 5, `` = 6}\n',
  )
})

test('comments stay where they are', () => {
  check('a/* x */= /* y */1/* z */', 'a = /* x */ /* y */ 1 /* z */\n')
  check('a = f( // x\n1, // y\n2, // z\n)', 'a = f( // x\n\t1, // y\n\t2, // z\n)\n')
  check('a = (1 /* x */) // y', 'a = (1 /* x */ ) // y\n')
  check('a = [ // x\n]\nb = f( /* y */ )', 'a = [ // x\n]\nb = f( /* y */ )\n')
  check('a = b. // x\nc', 'a = b. // x\nc\n')
  check('a {\nb . // x\nc /* y */ {}\n}', 'a {\n\t// x\n\tb.c /* y */ { }\n}\n')
  check('a {\n// x\n\n// y\n}', 'a {\n\t// x\n\n\t// y\n}\n')
  check('a { // x\n}', 'a { // x\n}\n')
  check('a = {\nb = 1,\n// x\n}', 'a = {\n\tb = 1,\n\t// x\n}\n')
  check('a = 1\n// x\n\n\n\n// y', 'a = 1\n// x\n\n// y\n')
})
