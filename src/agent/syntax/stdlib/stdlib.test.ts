import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { evaluate } from '../evaluate.ts'
import { secretValue, stringValue } from '../make-value.ts'
import { parseExpression } from '../parse.ts'
import type { Scope } from '../scope.ts'
import type { Value } from '../value.ts'
import { EvaluationError } from '../value-error.ts'
import { valueToAlloy } from '../value-text.ts'
import { standardLibrary } from './library.ts'

const variables: Readonly<Record<string, Value>> = {
  secret: secretValue('foo'),
  long: stringValue('x'.repeat(9_000_000)),
}
const scope: Scope = {
  lookup: (name) => variables[name],
  library: standardLibrary({ environment: { TEST_VAR: 'Hello!' } }),
  stability: 'experimental',
}
const valueIn = (text: string) => {
  const { expression, diagnostics } = parseExpression(text)
  expect([text, diagnostics]).toEqual([text, []])
  return evaluate(expression!, scope)
}
/** On one line. */
const check = (text: string, want: string) => {
  expect([
    text,
    valueToAlloy(valueIn(text))
      .replaceAll(/,?\n\t*/g, ' ')
      .replaceAll(/ +=/g, ' ='),
  ]).toEqual([text, want])
}
const refused = (text: string, message: string) => {
  let said: unknown
  try {
    valueIn(text)
  } catch (error) {
    said = error instanceof EvaluationError ? error.message : error
  }
  expect([text.slice(0, 100), said]).toEqual([text.slice(0, 100), message])
}

test('old names still work', () => {
  check('env("TEST_VAR")', '"Hello!"')
  check('concat([true, "foo"], [], [false, 1])', '[true, "foo", false, 1]')
  check('json_decode("{\\"foo\\": \\"bar\\"}")', '{ foo = "bar" }')
  check('yaml_decode(`foo: bar`)', '{ foo = "bar" }')
  check('base64_decode("Zm9vYmFyMTIzIT8kKiYoKSctPUB+")', '"foobar123!?$*&()\'-=@~"')
  check('nonsensitive(secret)', '"foo"')
  check('to_lower(to_upper(trim_space("   String   ")))', '"string"')
  check('join(split("/aaa/bbb/ccc/ddd", "/"), "/")', '"/aaa/bbb/ccc/ddd"')
  check('format("Hello %s", "World")', '"Hello World"')
  check('replace("Hello World", " World", "!")', '"Hello!"')
  check('trim("?!hello?!", "!?")', '"hello"')
  check('trim_prefix("helloworld", "hello")', '"world"')
  check('trim_suffix("helloworld", "world")', '"hello"')
})

test('sys, convert, constants', () => {
  check('sys.env("TEST_VAR")', '"Hello!"')
  check('sys.env("NOT_SET")', '""')
  check('convert.nonsensitive(secret)', '"foo"')
  check('convert.nonsensitive("x")', '"x"')
  refused('convert.nonsensitive(5)', '5 should be capsule, got number')
  check('constants.hostname', JSON.stringify(hostname()))
  expect(valueToAlloy(valueIn('constants.os + "/" + constants.arch'))).toMatch(/^"[a-z0-9]+\/[a-z0-9]+"$/)
  expect(valueToAlloy(valueIn('constants.version'))).toMatch(/^"v\d+\.\d+\.\d+/)
  expect(standardLibrary().get('sys')?.type).toBe('object')
})

test('coalesce gives the first that is not empty', () => {
  check('coalesce()', 'null')
  check('coalesce("Hello!")', '"Hello!"')
  check('coalesce(sys.env("TEST_VAR"), "World!")', '"Hello!"')
  check('coalesce(sys.env("NON_DEFINED"), "World!")', '"World!"')
  check('coalesce([], ["fallback"])', '["fallback"]')
  check('coalesce(array.concat(["item"]), ["fallback"])', '["item"]')
  check('coalesce(0, 1, 2)', '1')
  check('coalesce(0.0, false, true)', 'true')
  check('coalesce(encoding.from_json("[]"), true)', 'true')
  check('coalesce(encoding.from_json("{}"), false)', 'false')
  check('coalesce([], null)', 'null')
  check('coalesce(secret, 1)', '(secret)')
})

test('encoding', () => {
  check('encoding.from_json("[0, 1.5, 2]")', '[0, 1.5, 2]')
  check('encoding.from_json("{\\"foo\\": null, \\"__proto__\\": 1}")', '{ foo = null __proto__ = 1 }')
  check('encoding.from_json("7") / 2', '3.5')
  refused('encoding.from_json("{")', 'encoding.from_json invalid JSON at character 1')
  refused('encoding.from_json("")', 'encoding.from_json unexpected end of JSON input')
  refused('encoding.from_json("1e999")', 'encoding.from_json a number of the JSON text is beyond a float64')
  check('encoding.from_URLbase64("c3RyaW5nMTIzIT8kKiYoKSctPUB-")', '"string123!?$*&()\'-=@~"')
  check('encoding.to_base64("string123!?$*&()\'-=@~")', '"c3RyaW5nMTIzIT8kKiYoKSctPUB+"')
  check('encoding.to_URLbase64("string123!?$*&()\'-=@~")', '"c3RyaW5nMTIzIT8kKiYoKSctPUB-"')
  check('encoding.from_base64("aA=\\n=")', '"h"')
  for (const [text, at] of [
    ['%%%', 0],
    ['aGk', 0],
    ['aG=k', 2],
    ['====', 0],
    ['aGk=aGk=', 4],
    ['aA=', 3],
  ] as const) {
    refused(`encoding.from_base64("${text}")`, `encoding.from_base64 illegal base64 data at input byte ${at}`)
  }
  refused('encoding.from_base64("/w==")', 'encoding.from_base64 the decoded bytes are not UTF-8 text')
  check('encoding.url_encode("string123!?$*&()\'-=@~")', '"string123%21%3F%24%2A%26%28%29%27-%3D%40~"')
  check('encoding.url_encode("a b+é")', '"a+b%2B%C3%A9"')
  check('encoding.url_decode("string123%21%3F%24%2A%26%28%29%27-%3D%40~+x")', '"string123!?$*&()\'-=@~ x"')
  refused('encoding.url_decode("%zz")', 'encoding.url_decode invalid URL escape "%zz"')
  check(
    'encoding.to_json({"m"={"x"=1.5,"a"=[true,null,1e30,1e-9]},"h"=sys.env("TEST_VAR")+"<&>"})',
    '"{\\"h\\":\\"Hello!\\\\u003c\\\\u0026\\\\u003e\\",\\"m\\":{\\"a\\":[true,null,1e+30,1e-9],\\"x\\":1.5}}"',
  )
  refused('encoding.to_json(12)', 'encoding.to_json jsonEncode only supports map')
  refused('encoding.to_json({a = [sys.env]})', 'sys.env cannot be written as JSON: it is a function')
})

test('YAML as yaml.v3 reads it', () => {
  check('encoding.from_yaml(`foo: null`)', '{ foo = null }')
  check(
    'encoding.from_yaml(`[0, 0x10, 0o17, 010, 1_000, 1.5, 1e3, yes, on, True, ~, "5"]`)',
    '[0, 16, 15, 8, 1000, 1.5, 1000, "yes", "on", true, null, "5"]',
  )
  check('encoding.from_yaml(`7`) / 2', '3')
  check('encoding.from_yaml(`[18446744073709551615, -.inf]`)', '[18446744073709551615, -Inf]')
  check('encoding.from_yaml("a: &x {p: 1}\\nb: {<<: *x, q: 2}")', '{ a = { p = 1 } b = { p = 1 q = 2 } }')
  check(
    'encoding.from_yaml(`[2001-01-01, 2001-12-14 21:59:43.10, 2001-12-14t21:59:43-05:00, 2001-13-01]`)',
    '["2001-01-01T00:00:00Z", "2001-12-14T21:59:43.1Z", "2001-12-14T21:59:43-05:00", "2001-13-01"]',
  )
  check('encoding.from_yaml("")', 'null')
  check('encoding.from_yaml("a: 1\\n---\\nb: 2")', '{ a = 1 }')
  check('encoding.from_yaml("a: !!str 5\\nb: !!float 5")', '{ a = "5" b = 5 }')
  refused(
    'encoding.from_yaml("a: \\"x")',
    'encoding.from_yaml yaml: line 1: something is missing here: a colon, a closing quote or a closing bracket',
  )
  refused('encoding.from_yaml("a: 1\\na: 2")', 'encoding.from_yaml yaml: a mapping has a key twice')
  refused('encoding.from_yaml("a: *x")', 'encoding.from_yaml yaml: unknown anchor referenced')
  refused('encoding.from_yaml("a: &x [*x]")', 'encoding.from_yaml yaml: nested more than 500 deep')
  const laughs = [
    'a: &a [x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(8).fill(`*${'abcdefg'[i]}`).join(',')}]`),
  ]
  refused(
    `encoding.from_yaml(\`${laughs.join('\n')}\`)`,
    'encoding.from_yaml yaml: document contains excessive aliasing',
  )
})

test('string', () => {
  check('string.split("/aaa/bbb", "/")', '["", "aaa", "bbb"]')
  check('string.split("a😀b", "")', '["a", "😀", "b"]')
  check('string.split("", "")', '[]')
  check('string.split("", ",")', '[""]')
  check('string.join([0, 0, 1], ", ")', '"0, 0, 1"')
  check('string.join([], ", ")', '""')
  check('string.replace("1 + 2 + 3", "+", "-")', '"1 - 2 - 3"')
  check('string.replace("é😀", "", "-")', '"-é-😀-"')
  check('string.trim("foobar", "far")', '"oob"')
  check('string.trim("   hello! world.!  ", "! ")', '"hello! world."')
  check('string.trim("😀a😁", "😀")', '"a😁"')
  check('string.trim_space("\\u0085 \\u00a0hi\\ufeff ")', '"hi\\ufeff"')
  check('string.to_upper("straße ǆ ŉ ᾳ ᾀ ı")', '"STRAßE Ǆ ŉ ᾼ ᾈ I"')
  check('string.to_lower("İSTANBUL Σ ẞ ǅ")', '"istanbul σ ß ǆ"')
})

test('file.path_join', () => {
  check('file.path_join("this/is", "a/path")', '"this/is/a/path"')
  check('file.path_join()', '""')
  check('file.path_join("", "")', '""')
  check('file.path_join("a", "", "../b/", "c//")', '"b/c"')
  check('file.path_join("a/b", "../..")', '"."')
  check('file.path_join("/", "..", "x/")', '"/x"')
})

test('array.combine_maps joins on keys', () => {
  const combined = (args: string, want: string) => check(`array.combine_maps(${args})`, want)
  combined('[{a = "a1", b = "b1"}], [{a = "a1", c = "c1"}], ["a"]', '[{ a = "a1" b = "b1" c = "c1" }]')
  combined('[{a = 1, b = 2.2}], [{a = 1, b = "3.3"}], ["a"]', '[{ a = 1 b = "3.3" }]')
  combined('[{a = 1}], [{a = 2}], ["a"]', '[]')
  combined('[{a = 1}], [{a = "1"}], ["a"]', '[]')
  combined('[{a = 1}], [{a = 1.0}], ["a"]', '[]')
  combined(
    '[{p = "a", l = "q"}, {p = "b", l = "q"}], [{p = "c", l = "q"}, {p = "d", l = "q"}], ["l"]',
    '[{ p = "c" l = "q" }, { p = "d" l = "q" }, { p = "c" l = "q" }, { p = "d" l = "q" }]',
  )
  combined(
    '[{a = 1, b = 3, n = 1.1}, {a = 1, n = 1}], [{a = 1, b = 3, n = 2.1}, {b = 3}], ["a", "b"]',
    '[{ a = 1 b = 3 n = 2.1 }]',
  )
  combined(
    '[{a = 1}, {d = "x"}, {a = 2}], [{a = 2, b = "y"}], ["a"], true',
    '[{ a = 1 }, { d = "x" }, { a = 2 b = "y" }]',
  )
  refused('array.combine_maps([{}], "a", ["a"])', '"a" should be array, got string')
  refused('array.combine_maps([{}], ["a"], ["a"])', '"a" should be object, got string')
  refused('array.combine_maps([{}], [{}], [])', '[] combine_maps: merge conditions must not be empty')
  refused('array.combine_maps([], [])', 'array.combine_maps combine_maps: expected 3 or 4 arguments, got 2')
  refused('array.combine_maps([], [], ["a"], 1)', '1 should be bool, got number')
})

test('array.group_by groups by a text', () => {
  const people = '[{name = "alice", age = "20"}, {name = "bob"}, {name = "charlie", age = "20"}]'
  check(
    `array.group_by(${people}, "age", true)`,
    '[{ age = "20" items = [{ name = "alice" age = "20" }, { name = "charlie" age = "20" }] }]',
  )
  check(`array.group_by(${people}, "age", false)[1]`, '{ age = "" items = [{ name = "bob" }] }')
  check('array.group_by([], "age", false)', '[]')
  check('array.group_by([{a = {b = 1}}], "a.b", false)', '[{ "a.b" = "" items = [{ a = { b = 1 } }] }]')
  refused('array.group_by([{}], "age")', 'array.group_by group_by: expected 3 arguments, got 2')
  refused('array.group_by("not an array", "age", false)', '"not an array" should be array, got string')
  refused('array.group_by([{}], 123, false)', '123 should be string, got number')
  refused('array.group_by([{}], "age", "no")', '"no" should be bool, got string')
  refused('array.group_by(["no"], "age", false)', '"no" should be object, got string')
  refused('array.group_by([{age = 20}], "age", false)', '20 should be string, got number')
})

test('results are bounded', () => {
  const many = `encoding.from_json("[${'{},'.repeat(2100)}{}]")`
  refused('long + long', 'long + long the text is longer than 16777216 characters')
  refused('string.replace(long, "x", "yy")', 'string.replace the text is longer than 16777216 characters')
  refused('string.replace(long, "", long)', 'string.replace the text is longer than 16777216 characters')
  refused('string.join([long, long], "")', 'string.join the text is longer than 16777216 characters')
  refused('string.format("%s%s", long, long)', 'string.format the text is longer than 16777216 characters')
  refused(
    'encoding.url_encode(long + "😀") + long',
    'encoding.url_encode(long + "😀") + long the text is longer than 16777216 characters',
  )
  refused('string.split(long, "x")', 'string.split the array has more than 1000000 elements')
  refused(`encoding.from_json("${'['.repeat(600)}${']'.repeat(600)}")`, 'encoding.from_json nested more than 500 deep')
  refused(
    `array.combine_maps(${many}, ${many}, ["a"])`,
    'array.combine_maps the arrays are too large to combine (more than 4000000 comparisons)',
  )
})
