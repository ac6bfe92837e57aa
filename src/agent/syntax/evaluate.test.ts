import { expect, test } from 'vitest'
import type { Expression } from './ast.ts'
import { type Convert, toInteger, toList, toMap, toNumber, toSecret, toText } from './convert.ts'
import { evaluate, evaluateTo } from './evaluate.ts'
import { arrayValue, capsuleValue, intValue, objectValue, secretValue, stringValue } from './make-value.ts'
import { parseExpression } from './parse.ts'
import type { Scope } from './scope.ts'
import type { Value } from './value.ts'
import { EvaluationError } from './value-error.ts'
import { valueToAlloy } from './value-text.ts'

const variables: Readonly<Record<string, Value>> = {
  foobar: intValue(42),
  greeting: stringValue('hello'),
  secret: secretValue('welcome'),
  other: secretValue('secret'),
  receiver: capsuleValue('storage.Appendable', {}),
  key_value: objectValue([
    ['object', objectValue([['field1', arrayValue([intValue(15), intValue(30), stringValue('Hello, world!')])]])],
  ]),
}
const scope: Scope = { lookup: (name) => variables[name] }

const parsed = (text: string) => {
  const { expression, diagnostics } = parseExpression(text)
  expect(diagnostics).toEqual([])
  return expression!
}
const check = (text: string, want: string) =>
  expect([text, valueToAlloy(evaluate(parsed(text), scope))]).toEqual([text, want])

/** `want` is the span's text, a colon and the message. */
const checkError = (text: string, want: string, convert: Convert<unknown> = (value) => value) => {
  let error: unknown
  try {
    evaluateTo(parsed(text), scope, convert)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(EvaluationError)
  const { span, message } = error as EvaluationError
  expect(`${text.slice(span.start, span.end)}: ${message}`).toBe(want)
}

test('operators, as Alloy has them', () => {
  check('true || false', 'true')
  check('false || false', 'false')
  check('true && false', 'false')
  check('true && true', 'true')
  check('3 == 5', 'false')
  check('3 == 3', 'true')
  check('3 != 5', 'true')
  check('3 < 5', 'true')
  check('3 <= 5', 'true')
  check('3 > 5', 'false')
  check('3 >= 5', 'false')
  check('3 + 5', '8')
  check('3 - 5', '-2')
  check('3 * 5', '15')
  check('3.0 / 5.0', '0.6')
  check('5 % 3', '2')
  check('3 ^ 5', '243')
  check('3 ^ 0', '1')
  check('3 ^ 1', '3')
  check('0 ^ 1', '0')
  check('3 + 5 * 2', '13')
  check('42.0^-2', '0.0005668934240362812')
  check('!true', 'false')
  check('-15', '-15')
  check('-2^2', '4')
  check('2^3^2', '512')
  check('"a" + "b" < "b"', 'true')
  check('"\\uff5e" < "😀"', 'true')
})

test('numbers are int64, uint64 and float64', () => {
  check('010', '8')
  check('08 / 3', '2.6666666666666665')
  check('7 / 2', '3')
  check('-7 / 2', '-3')
  check('-7 % 3', '-1')
  check('7.5 % 2', '1.5')
  check('9223372036854775807 + 1', '-9223372036854775808')
  check('9223372036854775808 - 1', '9223372036854775807')
  check('18446744073709551615 + 1', '0')
  check('18446744073709551615 + 18446744073709551615', '18446744073709551614')
  check('-18446744073709551615', '1')
  check('-9223372036854775808 / -1', '-9223372036854775808')
  check('99999999999999999999', '100000000000000000000')
  check('3 ^ -1', '3')
  check('7 ^ 9999999999', '-7659715625372873289')
  check('1e21 + 0', '1000000000000000000000')
  check('1e-7', '0.0000001')
  check('1 == 1.0', 'true')
  check('9007199254740993 == 9007199254740993.0', 'true')
})

test('equality is between any types', () => {
  check('"1" == 1', 'false')
  check('null == null', 'true')
  check('null == false', 'false')
  check('[1, 2] == [1, 2.0]', 'true')
  check('[1, 2] == [1]', 'false')
  check('{a = 1, b = 2} == {b = 2, a = 1}', 'true')
  check('{a = 1} == {b = 1}', 'false')
  check('sys.env == sys.env', 'false')
  check('receiver == receiver', 'true')
  check('secret == "welcome"', 'true')
  check('secret == other', 'false')
})

test('names, arrays, objects, fields, indices', () => {
  check('foobar', '42')
  check('[]', '[]')
  check('[0, true, "x", null]', '[0, true, "x", null]')
  check('{ a = 5, "b c" = 10 }', '{\n\ta     = 5,\n\t"b c" = 10,\n}')
  check('{ a = 15 }.a', '15')
  check('{ a = { b = 12 } }.a.b', '12')
  check('{}["foo"]', 'null')
  check('[0, 1, 2][1]', '1')
  check('[0, 1, 2][1.9]', '1')
  check('[[1,2,3]][0][2]', '3')
  check('(15)', '15')
  check('{a = 1, a = 2}.a', '2')
})

test('secrets stay secrets', () => {
  check('secret + "x"', '(secret)')
  check('"x" + secret', '(secret)')
  check('convert.nonsensitive(secret + other)', '"welcomesecret"')
  check('convert.nonsensitive(greeting + secret)', '"hellowelcome"')
  checkError('secret', 'secret: secret secrets may not be converted into strings', toText)
  checkError('[1, secret]', 'secret: secret secrets may not be converted into strings', (value) =>
    toList(value, toText),
  )
  checkError('string.format("%s", secret)', 'secret: secret secrets may not be converted into strings')
  checkError('string.format("%v", [1, secret])', 'secret: secret secrets may not be converted into strings')
  checkError('encoding.to_json({a = secret})', 'secret: secret secrets may not be converted into strings')
  checkError('secret - greeting', 'secret: secret should be one of [number] for binop -, got capsule')
  checkError('greeting - secret', 'greeting: greeting should be one of [number] for binop -, got capsule')
  checkError('secret < "a"', 'secret: secret should be one of [number string] for binop <, got capsule')
  checkError('secret + 5', '5: 5 should be capsule, got number')
  expect(evaluateTo(parsed('greeting'), scope, toSecret).reveal()).toBe('hello')
})

test('what is wrong is said of the innermost expression that was written', () => {
  const key: Convert<unknown> = (value) => toMap(value, (object) => toMap(object, (list) => toList(list, toInteger)))
  checkError('true', 'true: true should be object, got bool', key)
  checkError('{object = {field1 = [15, "Hello"]}}', '"Hello": "Hello" should be number, got string', key)
  checkError('key_value', 'key_value: key_value.object.field1[2] should be number, got string', key)
  checkError(
    '{object = key_value.object}',
    'key_value.object: key_value.object.field1[2] should be number, got string',
    key,
  )
  checkError('[0, 1, 2]', '[0, 1, 2]: [0, 1, 2] should be string, got array', toText)
  checkError('foo', 'foo: identifier "foo" does not exist')
  checkError('{ a = 15 }.b', 'b: field "b" does not exist')
  checkError('foobar.x', 'foobar: foobar cannot access field "x" on value of type number')
  checkError(
    'receiver.x',
    'receiver: receiver expected object or array or a capsule convertible to an object, got capsule',
  )
  checkError('null[1]', 'null: null expected object or array, got null')
  checkError('[1, 2]["x"]', '"x": "x" should be number, got string')
  checkError('[1, 2][7]', '7: 7 index 7 is out of range of array with length 2')
  checkError('{a = 1}[1]', '1: 1 should be string, got number')
  checkError('5 / (1 - 1)', '(1 - 1): (1 - 1) divide by zero error')
  checkError('5.0 % 0', '0: 0 divide by zero error')
  checkError('"x" == 1 || 5', '5: 5 should be one of [bool] for binop ||, got number')
  checkError('false && foo', 'foo: identifier "foo" does not exist')
  checkError('1 + "a"', '"a": "a" should be number, got string')
  checkError(
    '1 + {a = 5, "b c" = [1,2]}',
    '{a = 5, "b c" = [1,2]}: {a = 5, "b c" = [1, 2]} should be one of [number string capsule] for binop +, got object',
  )
  checkError(
    'receiver + receiver',
    'receiver: receiver could not perform binop + for unknown types lhs capsule rhs capsule',
  )
  checkError('-"x"', '"x": "x" should be number, got string')
  checkError('!(1)', '(1): (1) should be bool, got number')
  checkError('foobar(1)', 'foobar: foobar should be function, got number')
  checkError('sys.env()', 'sys.env: sys.env expected 1 args, got 0')
  checkError('sys.env(true)', 'true: true should be string, got bool')
  checkError('string.join([1, [2]], ",")', '[2]: [2] should be string, got array')
  checkError('1e999', '1e999: 1e999 is no number that fits')
})

test('the same value in two places is known by its own place', () => {
  checkError('[key_value.object.field1[2], key_value.object.field1[2] + 1]', '1: 1 should be string, got number')
  checkError('[greeting, greeting - 1]', 'greeting: greeting should be one of [number] for binop -, got string')
  const { span } = ((): EvaluationError => {
    try {
      evaluateTo(parsed('[greeting, greeting, 3]'), scope, (value) => toList(value, toNumber))
    } catch (error) {
      return error as EvaluationError
    }
    throw new Error('no error')
  })()
  expect(span.start).toBe(1)
})

test('names that are nearly right', () => {
  const hint = (text: string) => {
    try {
      evaluate(parsed(text), scope)
    } catch (error) {
      return (error as EvaluationError).hint
    }
    return undefined
  }
  expect(hint('string.to_uper("a")')).toBe('did you mean "to_upper"?')
  expect(hint('encodng.from_json("1")')).toBe('did you mean "encoding"?')
  expect(hint('nothing_like_it')).toBeUndefined()
})

test('deprecated functions are warned of, with what to use instead', () => {
  const warnings: string[] = []
  const warn: Scope['warn'] = (span, message, hint) => warnings.push(`${span.start}-${span.end} ${message} (${hint})`)
  evaluate(parsed('[env("X"), string.trim("a", "b")]'), { ...scope, warn })
  expect(warnings).toEqual([
    '1-4 this stdlib function is deprecated; please refer to the documentation for updated usage and alternatives (use sys.env)',
  ])
})

test('experimental functions need the level; names of the scope come first', () => {
  const text = 'array.group_by([], "a", false)'
  checkError(
    text,
    'array.group_by: array.group_by is at stability level "experimental", which is below the minimum allowed stability level "generally-available". Use --stability.level command-line flag to enable "experimental" features',
  )
  expect(evaluate(parsed(text), { ...scope, stability: 'experimental' })).toEqual(arrayValue([]))
  expect(evaluate(parsed('array'), { lookup: () => intValue(1) })).toEqual(intValue(1))
})

test('depth is bounded', () => {
  const nested = (levels: number): Expression => {
    let expression: Expression = { kind: 'literal', type: 'number', text: '1', start: 0, end: 1 }
    for (let i = 0; i < levels; i++)
      expression = { kind: 'unary', operator: '-', operand: expression, start: 0, end: 1 }
    return expression
  }
  expect(evaluate(nested(900), scope)).toEqual(intValue(1))
  expect(() => evaluate(nested(100_000), scope)).toThrow(/nested more than 1000 deep/)
})
