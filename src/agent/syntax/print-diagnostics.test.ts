import { expect, test } from 'vitest'
import type { Diagnostic } from '../../config/diagnostics.ts'
import { sourceFile } from '../../config/source-file.ts'
import { parseFile } from './parse.ts'
import { type PrintDiagnosticsOptions, printAlloyDiagnostics } from './print-diagnostics.ts'

/** `marked` as it stands in the text; found after `after`. */
function finding(text: string, marked: string, fields: Partial<Diagnostic> = {}, after = ''): Diagnostic {
  const start = text.indexOf(marked, text.indexOf(after))
  const place = sourceFile('testfile', text).position({ start, end: start + marked.length })
  return { severity: 'error', message: 'synthetic error', ...place, ...fields }
}

function check(text: string, diagnostic: Diagnostic, want: string, options?: PrintDiagnosticsOptions): void {
  expect(printAlloyDiagnostics(new Map([['testfile', text]]), [diagnostic], options)).toBe(want)
}

test('one line', () => {
  const text = 'test.block "label" {\n\tattr       = 1\n\tother_attr = 2\n}'
  check(
    text,
    finding(text, 'attr'),
    `Error: testfile:2:2: synthetic error

1 | test.block "label" {
2 |     attr       = 1
  |     ^^^^
3 |     other_attr = 2
`,
  )
})

test('an empty range is one character; at the end of a line there is none', () => {
  const text = 'foo,bar'
  const at = (start: number): Diagnostic => ({
    ...finding(text, 'x'),
    line: 1,
    col: start + 1,
    span: { start, end: start },
  })
  check(text, at(3), 'Error: testfile:1:4: synthetic error\n\n1 | foo,bar\n  |    ^\n')
  check(text, at(7), 'Error: testfile:1:8: synthetic error\n\n1 | foo,bar\n  |        \n')
})

test('numbers of different lengths', () => {
  const text = Array.from({ length: 11 }, (_, i) => `LINE_${i + 1}`).join('\n')
  check(
    text,
    finding(text, 'LINE_9'),
    `Error: testfile:9:1: synthetic error

 8 | LINE_8
 9 | LINE_9
   | ^^^^^^
10 | LINE_10
`,
  )
})

test('several lines, from the start of one and from the middle', () => {
  const text = (start: string): string =>
    `FILE_BEGIN\n${start}START\nTEXT\n\tTEXT\n\t\tTEXT\n\t\t\tDONE after\nFILE_END`
  const marked = 'START\nTEXT\n\tTEXT\n\t\tTEXT\n\t\t\tDONE'
  check(
    text(''),
    finding(text(''), marked),
    `Error: testfile:2:1: synthetic error

1 |   FILE_BEGIN
2 |   START
  |  _^^^^^
3 | | TEXT
4 | |     TEXT
5 | |         TEXT
6 | |             DONE after
  | |_____________^^^^
7 |   FILE_END
`,
  )
  check(
    text('before '),
    finding(text('before '), marked),
    `Error: testfile:2:8: synthetic error

1 |   FILE_BEGIN
2 |   before START
  |  ________^^^^^
3 | | TEXT
4 | |     TEXT
5 | |         TEXT
6 | |             DONE after
  | |_____________^^^^
7 |   FILE_END
`,
  )
})

test('several diagnostics, warnings, files that are not there', () => {
  const a = 'old_field = 15\n3 & 4'
  const b = 'old_field = 22'
  const old = (text: string, file: string): Diagnostic =>
    finding(text, 'old_field', { file, severity: 'warning', message: 'old_field is deprecated' })
  const print = printAlloyDiagnostics(
    new Map([
      ['file_a', a],
      ['file_b', b],
    ]),
    [
      old(a, 'file_a'),
      finding(a, '&', { file: 'file_a', message: 'unrecognized operator &', hint: 'write &&' }),
      old(b, 'file_b'),
      finding(b, '22', { file: 'file_c' }),
      { severity: 'error', name: '--flag', message: 'no place' },
    ],
  )
  expect(print).toBe(`Warning: file_a:1:1: old_field is deprecated

1 | old_field = 15
  | ^^^^^^^^^
2 | 3 & 4

Error: file_a:2:3: unrecognized operator &

1 | old_field = 15
2 | 3 & 4
  |   ^
hint: write &&

Warning: file_b:1:1: old_field is deprecated

1 | old_field = 22
  | ^^^^^^^^^

Error: file_c:1:13: synthetic error

Error: --flag: no place
`)
  expect(printAlloyDiagnostics(new Map(), [])).toBe('')
})

test('colours', () => {
  const text = 'a'
  const body = '\n1 | a\n  | ^\n'
  check(text, finding(text, 'a'), `\x1b[31;1mError: \x1b[0m\x1b[1mtestfile:1:1: synthetic error\n\x1b[0m${body}`, {
    color: true,
  })
  check(
    text,
    finding(text, 'a', { severity: 'warning' }),
    `\x1b[33;1mWarning: \x1b[0m\x1b[1mtestfile:1:1: synthetic error\n\x1b[0m${body}`,
    { color: true },
  )
})

test('what is found while parsing', () => {
  const text = 'rw = a.b "default" {\n  x = 1\n}\nc.d = 1\n'
  expect(
    printAlloyDiagnostics(new Map([['f', text]]), parseFile('f', text).diagnostics),
  ).toBe(`Error: f:1:6: cannot use a block as an expression

1 |   rw = a.b "default" {
  |  ______^^^^^^^^^^^^^^^
2 | |   x = 1
3 | | }
  | |_^
4 |   c.d = 1

Error: f:4:1: attribute names may only consist of a single identifier with no "."

3 | }
4 | c.d = 1
  | ^^^
5 | 
`)
})

test('carets stand under characters, whatever these are made of', () => {
  const text = 'a = "𝒳é" + "\x1b[31m" + x\r\n'
  check(
    text,
    finding(text, 'x'),
    'Error: testfile:1:22: synthetic error\n\n1 | a = "𝒳é" + "\ufffd[31m" + x\n  |                      ^\n2 | \n',
  )
})

test('secrets are masked wherever they are seen, and carets move along', () => {
  const text = 'a = 1\npassword = "hunter2" + b\nkey = `BEGIN\nhunter2\nEND` + c\n'
  const secrets = new Map([
    [
      'testfile',
      ['"hunter2"', '`BEGIN\nhunter2\nEND`'].map((secret) => ({
        start: text.indexOf(secret),
        end: text.indexOf(secret) + secret.length,
      })),
    ],
  ])
  check(
    text,
    finding(text, 'b', {}, 'password'),
    `Error: testfile:2:24: synthetic error

1 | a = 1
2 | password = (secret) + b
  |                       ^
3 | key = (secret)
`,
    { secrets },
  )
  check(
    text,
    finding(text, '"hunter2" + b'),
    `Error: testfile:2:12: synthetic error

1 | a = 1
2 | password = (secret) + b
  |            ^^^^^^^^^^^^
3 | key = (secret)
`,
    { secrets },
  )
  check(
    text,
    finding(text, 'hunter2\nEND` + c'),
    `Error: testfile:4:1: synthetic error

3 |   key = (secret)
4 |   (secret)
  |  _^^^^^^^^
5 | | (secret) + c
  | |_^^^^^^^^^^^^
6 |   
`,
    { secrets },
  )
})

test('long lines are cut around what is marked, long ranges in their middle', () => {
  const text = `a = "${'x'.repeat(100_000)}" + here + "${'y'.repeat(100_000)}"`
  const print = printAlloyDiagnostics(new Map([['testfile', text]]), [finding(text, 'here')])
  const [, , line = '', carets = ''] = print.split('\n')
  expect(line.length).toBeLessThan(300)
  expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('here')
  const lines = `${Array.from({ length: 1000 }, (_, i) => `line ${i + 1}`).join('\n')}\n`
  const long = printAlloyDiagnostics(new Map([['testfile', lines]]), [finding(lines, lines.slice(7, -10))])
  expect(long.split('\n').length).toBeLessThan(60)
  expect(long).toContain('\n  22 | | line 22\n     | | …\n 999 | | line 999\n')
})
