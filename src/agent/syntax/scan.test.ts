// What Alloy's own scanner tests demand, and where statements end.
import { expect, test } from 'vitest'
import { isIdentifier, Scanner } from './scan.ts'
import type { Token } from './token.ts'

interface Scanned {
  readonly tokens: readonly Token[]
  readonly errors: readonly (readonly [at: number, message: string])[]
}

function scan(text: string): Scanned {
  const errors: [number, string][] = []
  const scanner = new Scanner(text, (at, message) => errors.push([at, message]))
  const tokens: Token[] = []
  do tokens.push(scanner.next())
  while (tokens.at(-1)?.kind !== 'EOF')
  return { tokens, errors }
}

const whitespace = '  \t  \n\n\n'

test('each kind of token, alone and in a row', () => {
  const words: [kind: string, written: string, text?: string][] = [
    ['COMMENT', '/* a comment */'],
    ['COMMENT', '// a comment \n', '// a comment '],
    ['COMMENT', '/*\r*/', '/**/'],
    ['COMMENT', '/**\r/*/'],
    ['COMMENT', '/**\r\r/*/', '/**\r/*/'],
    ['COMMENT', '//\r\n', '//'],
    ...['foobar', 'a۰۱۸', 'foo६४', 'bar９８７６', 'ŝ', 'ŝfoo', '_x', '𝒳1'].map((name): [string, string] => [
      'IDENT',
      name,
    ]),
    ...['0', '1', '123456789012345678890', '01234567'].map((number): [string, string] => ['NUMBER', number]),
    ...['0.', '.0', '3.14159265', '1e0', '1e+100', '1E-100', '2.71828e-1000'].map((float): [string, string] => [
      'FLOAT',
      float,
    ]),
    ...[
      '"Hello, world!"',
      '`Hello, world!\\\\`',
      '`a\nb`',
      String.raw`"\a\b\f\n\r\t\v\\\"\101\x41\u0041\U00000041"`,
    ].map((text): [string, string] => ['STRING', text]),
    ...'+ - * / % ^ && || == < > = ! != <= >= ( [ { , . ) ] }'
      .split(' ')
      .map((sign): [string, string, string] => [sign, sign, '']),
    ['NULL', 'null'],
    ['BOOL', 'true'],
    ['BOOL', 'false'],
  ]
  for (const [kind, written, text = written] of words) {
    const { tokens, errors } = scan(written)
    expect([tokens[0]?.kind, tokens[0]?.text, errors]).toEqual([kind, text, []])
  }
  const { tokens, errors } = scan(words.map(([, written]) => written + whitespace).join(''))
  let at = 0
  const starts = words.map(
    ([, written]) => (at += written.length + whitespace.length) - written.length - whitespace.length,
  )
  const seen = tokens.filter(({ kind }) => kind !== 'TERMINATOR' && kind !== 'EOF')
  expect(seen.map(({ kind, start }) => [kind, start])).toEqual(words.map(([kind], i) => [kind, starts[i]]))
  expect(errors).toEqual([])
})

test('errors: the first token, and what is said on the way to it and of it', () => {
  const check = (text: string, kind: string, at: number, written: string, message: string): void => {
    const errors: [number, string][] = []
    const token = new Scanner(text, (...error) => errors.push(error)).next()
    expect([token.kind, token.text, errors]).toEqual([kind, written, message === '' ? [] : [[at, message]]])
  }
  check('\x07', 'ILLEGAL', 0, '\x07', 'illegal character U+0007')
  check('…', 'ILLEGAL', 0, '…', "illegal character U+2026 '…'")
  check('..', '.', 0, '', '')
  check("'illegal string'", 'ILLEGAL', 0, "'illegal string'", 'illegal single-quoted string; use double quotes')
  check('""', 'STRING', 0, '""', '')
  check('"abc', 'STRING', 0, '"abc', 'string literal not terminated')
  check('"abc\n', 'STRING', 0, '"abc', 'string literal not terminated')
  check('"abc\n   ', 'STRING', 0, '"abc', 'string literal not terminated')
  check('"abc\0def"', 'STRING', 4, '"abc\0def"', 'illegal character NUL')
  check('"abc\udc80def"', 'STRING', 4, '"abc\udc80def"', 'illegal UTF-8 encoding')
  check('\ufeff\ufeff', 'ILLEGAL', 1, '\ufeff', 'illegal byte order mark')
  check('//\ufeff', 'COMMENT', 2, '//\ufeff', 'illegal byte order mark')
  check('"abc\ufeffdef"', 'STRING', 4, '"abc\ufeffdef"', 'illegal byte order mark')
  check('abc\0def', 'IDENT', 3, 'abc', 'illegal character NUL')
  check('abc\0', 'IDENT', 3, 'abc', 'illegal character NUL')
  check('10E', 'FLOAT', 0, '10E', 'exponent has no digits')
  check('|', '||', 1, '', 'missing second | in ||')
  check('& x', '&&', 1, '', 'missing second & in &&')
  check('/* *', 'COMMENT', 0, '/* *', 'block comment not terminated')
  check('/*/', 'COMMENT', 0, '/*/', 'block comment not terminated')
  check('`abc\n', 'STRING', 0, '`abc\n', 'string literal not terminated')
})

test('escapes: where they are wrong', () => {
  const check = (written: string, ...messages: string[]): void => {
    expect(scan(`"${written}"`).errors).toEqual(messages.map((message) => [2, message]))
  }
  check(String.raw`\q`, 'unknown escape sequence')
  check(String.raw`\'`, 'unknown escape sequence')
  check(String.raw`\400`, 'escape sequence is invalid Unicode code point')
  check(String.raw`\x4g`, "illegal character U+0067 'g' in escape sequence")
  check(String.raw`\18`, "illegal character U+0038 '8' in escape sequence")
  check(String.raw`\u12`, "illegal character U+0022 '\"' in escape sequence")
  check(String.raw`\ud800`, 'escape sequence is invalid Unicode code point')
  check(String.raw`\U00110000`, 'escape sequence is invalid Unicode code point')
  const ends = (text: string): void =>
    expect(scan(text).errors).toEqual([
      [2, 'escape sequence not terminated'],
      [0, 'string literal not terminated'],
    ])
  ends('"\\')
  ends('"\\x1')
})

test('a statement ends with its line, also before a comment that the line ends with', () => {
  const check = (text: string, kinds: string): void => {
    expect(
      scan(text)
        .tokens.map(({ kind }) => kind)
        .join(' '),
    ).toBe(kinds)
  }
  check('', 'EOF')
  check('\n\n', 'EOF')
  check('a', 'IDENT TERMINATOR EOF')
  check('a\n\n', 'IDENT TERMINATOR EOF')
  check(
    '1\n2.\n"x"\n`x`\ntrue\nnull\n',
    'NUMBER TERMINATOR FLOAT TERMINATOR STRING TERMINATOR STRING TERMINATOR BOOL TERMINATOR NULL TERMINATOR EOF',
  )
  check(')\n]\n}\n', ') TERMINATOR ] TERMINATOR } TERMINATOR EOF')
  check('(\n[\n{\n,\n.\n+\n=\n!\n', '( [ { , . + = ! EOF')
  check('a // x\nb', 'IDENT TERMINATOR COMMENT IDENT TERMINATOR EOF')
  check('a /* x */\nb', 'IDENT TERMINATOR COMMENT IDENT TERMINATOR EOF')
  check('a /* x */ b', 'IDENT COMMENT IDENT TERMINATOR EOF')
  check('a /* x\n */ b', 'IDENT TERMINATOR COMMENT IDENT TERMINATOR EOF')
  check('a /* x */ /* y */ // z', 'IDENT TERMINATOR COMMENT COMMENT COMMENT EOF')
  check('a /* x */ / b', 'IDENT COMMENT / IDENT TERMINATOR EOF')
  check('a #\n', 'IDENT ILLEGAL TERMINATOR EOF')
  check("a + 'x'\n", 'IDENT + ILLEGAL TERMINATOR EOF')
})

test('offsets are those of the text, also behind what was looked at twice', () => {
  const text = 'é𝒳 /* 𝒳\ufeff */ "ü"'
  const { tokens, errors } = scan(text)
  expect(tokens.map(({ start, end }) => text.slice(start, end))).toEqual(['é𝒳', '/* 𝒳\ufeff */', '"ü"', '', ''])
  expect(errors).toEqual([[text.indexOf('\ufeff'), 'illegal byte order mark']])
})

test('identifiers', () => {
  const check = (text: string, is: boolean): void => expect([text, isIdentifier(text)]).toEqual([text, is])
  check('', false)
  check('0identifier_1', false)
  check('identifier_1', true)
  check('_identifier_1', true)
  check('!@#$%^&*()', false)
  check('identifier_1!', false)
  check('identifier _ 1', false)
  check('true', false)
  check('null', false)
  check('größe', true)
  check('\ufeffa', false)
})
