import { expect, test } from 'vitest'
import { CallError } from '../value-error.ts'
import { type JsonValue, valueToJson } from '../value-text.ts'
import { decodeJsonExactly } from './json-decode.ts'
import { jsonPath } from './json-path.ts'

const plain = ({ type, value }: JsonValue): unknown => {
  if (type === 'array') return value.map(plain)
  return type === 'object' ? Object.fromEntries(value.map((field) => [field.key, plain(field.value)])) : value
}
const found = (json: unknown, path: string) =>
  jsonPath(decodeJsonExactly(typeof json === 'string' ? json : JSON.stringify(json)), path).map((value) =>
    plain(valueToJson(value)),
  )
const check = (path: string, json: unknown, want: unknown) => expect([path, found(json, path)]).toEqual([path, want])
const refused = (path: string, message: string) => expect(() => found([], path)).toThrow(new CallError(message))

const digits = [1, 2, 3, 4, 5, 6]

test('cases of Alloy', () => {
  check('.a', { a: 'b' }, ['b'])
  check('.nonexists', { a: 'b' }, [])
  const named = [
    { name: 'Department', value: 'IT' },
    { name: 'ReferenceNumber', value: '123456' },
  ]
  check('[?(@.name == "Department")].value', named, ['IT'])
})

test('steps', () => {
  check('', digits, [])
  check('$', { x: 1 }, [{ x: 1 }])
  check('@', { x: 1 }, [{ x: 1 }])
  check('$.a.*.b', { a: [{ b: 1 }, { b: 2 }] }, [1, 2])
  check('a[1].b', { a: [{ b: 1 }, { b: 2 }] }, [2])
  check('[-1]', digits, [6])
  check('[9]', digits, [])
  check('[*]', digits, digits)
  check("$['a-b']", { 'a-b': 1 }, [1])
  check("$['cognito:username']", { 'cognito:username': 'alice' }, ['alice'])
  check(`$['\\x41\\u03A0\\n\\'']`, { "AΠ\n'": 3 }, [3])
  check("[1,'a']['b',2]", [0, { b: 5 }], [5])
  check(
    "$[:]['x','y']",
    [
      { x: 1, y: 2 },
      { x: 4, z: 5 },
    ],
    [1, 2, 4],
  )
  check('$[ 0 , 2 ]', digits, [1, 3])
  check('*.*', { a: null }, [])
  check("['a','b'].c", { a: null }, [])
  check('a', '{"a": 99999999999999999}', [Number(99999999999999999n)])
})

test('slices', () => {
  check('$[1:3]', digits, [2, 3])
  check('$[::0]', digits, [])
  check('$[10:]', digits, [])
  check('$[:-10:-1]', digits, [1])
  check('$[1:10]', digits, [2, 3, 4, 5, 6])
  check('$[-4:-4]', digits, [])
  check('$[-4:-3]', digits, [3])
  check('$[-4:2]', digits, [])
  check('$[:2]', digits, [1, 2])
  check('$[-4:]', [1, 2, 3], [1, 2, 3])
  check('$[0:4:2]', digits, [1, 3])
  check('[-1:1:-2]', digits, [6, 4])
  check('$[::-1]', digits, [])
  check('$[01:03:01]', digits, [2, 3])
})

test('recursive descent: what is deeper comes first', () => {
  check('$..x', { o: { a: [{ x: 1 }, { x: { x: 2 } }], x: 3 }, x: 4 }, [1, 2, { x: 2 }, 3, 4])
  check('..[1].b', [[{ b: 0 }, { b: 1 }], { b: 2 }], [1, 2])
  check('..', [1, 2], [1, 2, [1, 2]])
  check('..a', [1, 2], [])
  check('a..b', { a: { b: 1, c: { b: 2 } } }, [2, 1])
})

test('filters', () => {
  const data = [{ a: 1, b: 'x' }, { a: [{ a: 5 }], c: { a: null } }, [1, 2], 3]
  check('[?(@ > 1)]', [1, 2, 3], [2, 3])
  check('[?(1==1)]', [1], [1])
  check('[?(@.a)]', data, [data[0], data[1]])
  check('[?@.a]', data, [data[0], data[1]])
  check('[?(@.a == 1)].b', data, ['x'])
  check('[?(1 == @.a)].b', data, ['x'])
  check('[?(@.a != 1)]', data, data.slice(1))
  check('[?(@.a == null)]', data, [])
  check('[?(@.c.a == null)].c', data, [{ a: null }])
  check('[?(!(@.a == 1))]', data, data.slice(1))
  check('[?(@.b < "y")].a', data, [1])
  check('[?(@.a >= 1 && @.b == "x")].a', data, [1])
  check('[?(@.a > 1 || @.b == "x" && @.a == 0)]', data, [])
  check('[?(@[0] == 1)]', data, [[1, 2]])
  check('[?($[0].a == @.a)].b', data, ['x'])
  check('[?(@..a == 5)].c', data, [{ a: null }])
  check("[?(@['ns:type'] == 'jwt')].name", [{ 'ns:type': 'jwt', name: 's1' }], ['s1'])
  check('[?(@.f == true)]', [{ f: true }, { f: 'true' }], [{ f: true }])
  check('[?(@.n == -1.5e1)]', [{ n: -15 }], [{ n: -15 }])
})

test('what is no path', () => {
  refused('a b', 'parse error at 2 in a b')
  refused('$.', 'not terminated at 3 in $.')
  refused('a[', 'not terminated at 3 in a[')
  refused('$[x]', 'expected a number at 3 in $[x]')
  refused('$[1', 'not terminated at 4 in $[1')
  refused("$['a", "not terminated at 5 in $['a")
  refused("$['\\q']", "not a valid escaped character at 4 in $['\\q']")
  refused('$[1:2:3:4]', 'not terminated at 8 in $[1:2:3:4]')
  refused('.[0]', "an expression fragment can not start with a '[' at 2 in .[0]")
  refused('[?(@.a =~ /x/)]', 'not terminated at 8 in [?(@.a =~ /x/)]')
  refused('[?(x)]', 'expected a value: a path, a number, a text, true, false or null at 4 in [?(x)]')
  refused(`[?${'('.repeat(100)}`, `nested more than 50 deep at 53 in [?${'('.repeat(100)}`)
  refused('a'.repeat(10_001), 'the path is longer than 10000 characters')
})

test('a search ends', () => {
  let json = '1'
  for (let i = 0; i < 100; i++) json = `{"a":${json}}`
  expect(() => found(json, '..'.repeat(2) + '..'.repeat(20))).toThrow(/finds too much/)
  expect(() => found(`[${'1,'.repeat(5000)}1]`, '[?(@ < $[*])]')).toThrow(/finds too much/)
})
