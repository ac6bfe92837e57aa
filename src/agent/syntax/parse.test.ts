// Trees and errors. The texts and places are Alloy's.
import { expect, test } from 'vitest'
import type { Expression } from './ast.ts'
import { parseExpression, parseFile } from './parse.ts'
import { printFile } from './print.ts'
import { deepest } from './token-stream.ts'

/** With every operation in brackets. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return expression.text
    case 'reference':
      return expression.name
    case 'array':
      return `[${expression.elements.map(shape).join(' ')}]`
    case 'object':
      return `{${expression.fields.map(({ key, isQuoted, value }) => `${isQuoted ? `'${key.name}'` : key.name}:${shape(value)}`).join(' ')}}`
    case 'access':
      return `<${shape(expression.of)}.${expression.name.name}>`
    case 'index':
      return `<${shape(expression.of)}[${shape(expression.index)}]>`
    case 'call':
      return `<${shape(expression.of)}(${expression.args.map(shape).join(' ')})>`
    case 'unary':
      return `<${expression.operator}${shape(expression.operand)}>`
    case 'binary':
      return `<${shape(expression.left)}${expression.operator}${shape(expression.right)}>`
    case 'parentheses':
      return `(${shape(expression.inner)})`
  }
}

test('expressions', () => {
  const check = (text: string, want: string): void => {
    const { expression, diagnostics } = parseExpression(text)
    expect([diagnostics, expression && shape(expression)]).toEqual([[], want])
    expect([expression?.start, expression?.end]).toEqual([0, text.length])
  }
  check('10', '10')
  check('15.0', '15.0')
  check('"Hello, world!"', '"Hello, world!"')
  check('some_ident', 'some_ident')
  check('null', 'null')
  check('true', 'true')
  check('[]', '[]')
  check('[1]', '[1]')
  check('[0, 1, 2, 3,]', '[0 1 2 3]')
  check('[[0, 1, 2], [3, 4, 5]]', '[[0 1 2] [3 4 5]]')
  check('[\n\t0,\n\t1, \n\t2,\n]', '[0 1 2]')
  check('{}', '{}')
  check('{ field_a = 5, field_b = 10, }', '{field_a:5 field_b:10}')
  check('{ "field a" = 5, `f"b` = 6, "\\n" = 7 }', "{'field a':5 'f\"b':6 '\\n':7}")
  check('{ "" = 5 }', '{"":5}')
  check('{ field_a = { nested_field = 100 } }', '{field_a:{nested_field:100}}')
  check('{\n\tfield_a = 5,\n\tfield_b = 10,\n}', '{field_a:5 field_b:10}')
  check('!true', '<!true>')
  check('!!-x', '<!<!<-x>>>')
  check('-2 ^ 2', '<<-2>^2>')
  check('2 ^ -2', '<2^<-2>>')
  check('-a.b[0]', '<-<<a.b>[0]>>')
  check('1 + 2 - 3 * 4 / 5 % 6', '<<1+2>-<<<3*4>/5>%6>>')
  check('1 == 2 != 3 < 4 > 5 <= 6 >= 7', '<<<<<<1==2>!=3><4>>5><=6>>=7>')
  check('true || false && true', '<true||<false&&true>>')
  check('1 ^ 2 ^ 3', '<1^<2^3>>')
  check('1 * 3 + 5 ^ 3 - 2 % 1', '<<<1*3>+<5^3>>-<2%1>>')
  check('a.b.c.d', '<<<a.b>.c>.d>')
  check('a[0][1][2]', '<<<a[0]>[1]>[2]>')
  check('a()', '<a()>')
  check('a(1,2,3,)', '<a(1 2 3)>')
  check('a(\n\t1,\n\t2,\n\t3,\n)', '<a(1 2 3)>')
  check('(1 + 5) * 100', '<(<1+5>)*100>')
  check(
    '(a.b.c)(1, 3 * some_list[magic_index * 2]).resulting_field',
    '<<(<<a.b>.c>)(1 <3*<some_list[<magic_index*2>]>>)>.resulting_field>',
  )
  check('1 .x', '<1.x>')
})

test('an expression must be all there is', () => {
  const check = (text: string, ...messages: string[]): void => {
    const { expression, diagnostics } = parseExpression(text)
    expect([expression, diagnostics.map(({ col, message }) => `${col}: ${message}`)]).toEqual([undefined, messages])
  }
  check('1 2', '3: expected TERMINATOR, got NUMBER')
  check('', '1: expected expression, got EOF')
  check('a = 1', '3: expected TERMINATOR, got =')
})

test('statements, and where their parts stand', () => {
  const text = 'a.b "c" { // d\n\te = 1\n}\n\nf "" {}\n'
  const { file, diagnostics } = parseFile('f', text)
  expect(diagnostics).toEqual([])
  const [outer, empty] = file.body
  if (outer?.kind !== 'block' || empty?.kind !== 'block') throw new Error('no blocks')
  expect([outer.name, outer.label, empty.label, empty.labelSpan]).toEqual([
    ['a', 'b'],
    'c',
    undefined,
    { start: 27, end: 29 },
  ])
  const at = ({ start, end }: { start: number; end: number }): string => text.slice(start, end)
  expect([at(outer), at(outer.nameSpan), at(outer.labelSpan as never), text[outer.open], text[outer.close]]).toEqual([
    'a.b "c" { // d\n\te = 1\n}',
    'a.b',
    '"c"',
    '{',
    '}',
  ])
  const [inner] = outer.body
  if (inner?.kind !== 'attribute') throw new Error('no attribute')
  expect([at(inner), at(inner.name), at(inner.value)]).toEqual(['e = 1', 'e', '1'])
  expect(file.comments).toEqual([[{ text: '// d', start: 10, end: 14 }]])
})

test('comments on neighbouring lines are one group', () => {
  const { file } = parseFile('f', '// a\n// b\n\n/* c\n */ // d\n// e\na = 1 // f\n\n// g')
  expect(file.comments.map((group) => group.map(({ text }) => text))).toEqual([
    ['// a', '// b'],
    ['/* c\n */', '// d', '// e'],
    ['// f'],
    ['// g'],
  ])
})

const check = (text: string, ...want: string[]): void => {
  const { diagnostics } = parseFile('f', text)
  expect(diagnostics.map(({ line, col, message }) => `${line}:${col}: ${message}`)).toEqual(want)
}

test('errors', () => {
  check('a', '1:2: expected block label, got TERMINATOR')
  check('a = ', '1:5: expected expression, got EOF')
  check('a. = 1', '1:4: expected identifier, got =')
  check('1 = 2', '1:1: expected identifier, got NUMBER')
  check('a "b" c', '1:7: expected block body, got IDENT')
  check('a "" c', '1:6: expected attribute assignment or block body, got IDENT')
  check('a b c', '1:3: expected block label, got IDENT')
  check('a = 1 b = 2', '1:7: expected TERMINATOR, got IDENT')
  check('a {', '1:4: expected }, got EOF')
  check('a = {]', '1:6: expected }, got ]')
  check('a = [1 2]', "1:8: missing ',' in expression list")
  check('a = {x = 1 y = 2}', "1:12: missing ',' in field list")
  check("a = 'x'", '1:5: illegal single-quoted string; use double quotes', '1:5: expected expression, got ILLEGAL')
  check('a `b` {}', '1:3: expected block label to be a double quoted string, but got "`b`"')
  check('a "b c\\t" {}', '1:3: expected block label to be a valid identifier, but got "b c\\\\t"')
  check('a "true" {}', '1:3: expected block label to be a valid identifier, but got "true"')
  check('\0', '1:1: illegal character NUL', '1:1: illegal character U+0000', '1:1: expected identifier, got ILLEGAL')
  check('x = "𝒳" + é + )', '1:15: expected expression, got )')
})

test('one error a line, all lines', () => {
  check('a = ) )\nb = 1\nc = ]\n', '1:5: expected expression, got )', '3:5: expected expression, got ]')
  check(
    '// Missing string termination.\nlocal.file_match "applogs {\n    path_targets = [{"__path__" = "/tmp/app.log"}]\n}\n',
    '2:18: string literal not terminated',
    '2:18: expected block label to be a valid identifier, but got "applogs "',
    '3:5: expected TERMINATOR, got IDENT',
    '4:1: expected identifier, got }',
  )
  check(
    'x "y" {\n    targets = [{"a" = "b"}\n}\n',
    "2:27: missing ',' in expression list",
    '3:1: expected expression, got }',
    '4:1: expected ], got EOF',
  )
})

test('nesting is bounded, in brackets and in chains', () => {
  const refused = (text: string): void => {
    const { diagnostics } = parseFile('f', text)
    expect(diagnostics.map(({ message }) => message)).toEqual([
      `nested more than ${deepest} levels deep; the rest of the file was not read`,
    ])
  }
  for (const open of ['(', '[', '-', '!', '[{a = ', 'f(', 'a[', '1 ^ ']) refused(`a = ${open.repeat(deepest + 1)}`)
  refused('a {\n'.repeat(deepest + 1))
  refused(`a = x${' + 1'.repeat(deepest + 1)}`)
  refused(`a = x${'.y'.repeat(deepest + 1)}`)
  refused(`a = x${'[0]'.repeat(deepest + 1)}`)
  refused(`a = x${'()'.repeat(deepest + 1)}`)
  refused(`a = ${'('.repeat(deepest / 2)}x${'.y'.repeat(deepest / 2)}${')'.repeat(deepest / 2)} + 1`)
  const taken = (text: string): void => {
    const { file, diagnostics } = parseFile('f', text)
    expect(diagnostics).toEqual([])
    expect(printFile(file)).toContain('a')
  }
  taken(`a = ${'['.repeat(deepest - 1)}${']'.repeat(deepest - 1)}`)
  taken(`a = x${' + 1'.repeat(deepest)}`)
  taken(`${'a {\n'.repeat(deepest)}${'}\n'.repeat(deepest)}`)
})
