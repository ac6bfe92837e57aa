import { expect, test } from 'vitest'
import { type Convert, toBoolean, toCapsule, toInteger, toList, toMap, toNumber, toSecret, toText } from './convert.ts'
import {
  arrayValue,
  boolValue,
  capsuleValue,
  floatValue,
  intValue,
  nullValue,
  objectValue,
  secretValue,
  stringValue,
  uintValue,
} from './make-value.ts'
import type { Value } from './value.ts'
import { ValueError } from './value-error.ts'

const check = (value: Value, convert: Convert<unknown>, want: unknown) => expect(convert(value)).toEqual(want)
const refused = (value: Value, convert: Convert<unknown>, message: string, bare?: string) => {
  let error: unknown
  try {
    convert(value)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(ValueError)
  const { chain, message: said, bare: saidBare } = error as ValueError
  expect(chain.map(({ step }) => step).join('') + said).toBe(message)
  if (bare !== undefined) expect(saidBare).toBe(bare)
}
const text = stringValue

test('numbers and texts become each other', () => {
  for (const number of [intValue(15), uintValue(15n), floatValue(15), text('15')]) {
    check(number, toNumber, 15)
    check(number, toInteger, 15)
    check(number, toText, '15')
  }
  check(floatValue(3.9), toText, '3.9')
  check(floatValue(1e21), toText, '1000000000000000000000')
  check(floatValue(-1.9), toInteger, -1)
  check(text('-12'), toNumber, -12)
  check(text('23.5'), toNumber, 23.5)
  check(text('1e3'), toNumber, 1000)
  for (const wrong of ['', 'x', '-1.5', '0x10', '+1', ' 1', '1_000', '99999999999999999999', '1e999', 'inf']) {
    refused(text(wrong), toNumber, 'should be number, got string', 'expected number, got string')
  }
  refused(boolValue(true), toNumber, 'should be number, got bool')
  refused(boolValue(true), toText, 'should be string, got bool')
  refused(arrayValue([]), toText, 'should be string, got array')
  refused(text('true'), toBoolean, 'should be bool, got string')
})

test('null is the zero value', () => {
  check(nullValue(), toText, '')
  check(nullValue(), toNumber, 0)
  check(nullValue(), toBoolean, false)
  check(nullValue(), (value) => toSecret(value).reveal(), '')
  check(nullValue(), (value) => toList(value, toText), [])
  check(nullValue(), (value) => toMap(value, toText), new Map())
})

test('texts become secrets, secrets never texts', () => {
  check(text('x'), (value) => toSecret(value).reveal(), 'x')
  check(secretValue('x'), (value) => toSecret(value).reveal(), 'x')
  refused(intValue(5), toSecret, 'should be capsule, got number')
  refused(secretValue('x'), toText, 'secrets may not be converted into strings')
  refused(secretValue('5'), toNumber, 'should be number, got capsule')
})

test('lists, maps and capsules, with the way to what is wrong', () => {
  check(arrayValue([intValue(1), text('a')]), (value) => toList(value, toText), ['1', 'a'])
  check(objectValue([['a', intValue(1)]]), (value) => toMap(value, toText), new Map([['a', '1']]))
  refused(text('x'), (value) => toList(value, toText), 'should be array, got string', 'expected array, got string')
  refused(arrayValue([]), (value) => toMap(value, toText), 'should be object, got array')
  const nested = objectValue([['a', arrayValue([intValue(1), arrayValue([])])]])
  refused(nested, (value) => toMap(value, (list) => toList(list, toText)), '.a[1]should be string, got array')
  const content = { isReceiver: true }
  const receiver: Convert<object> = (value) =>
    toCapsule(value, 'storage.Appendable', ({ content: held }) => ('isReceiver' in held ? held : undefined))
  check(capsuleValue('any', content), receiver, content)
  refused(
    capsuleValue('loki.LogsReceiver', {}),
    receiver,
    'expected capsule("storage.Appendable"), got capsule("loki.LogsReceiver")',
  )
  refused(secretValue('x'), receiver, 'expected capsule("storage.Appendable"), got capsule("alloytypes.Secret")')
  refused(text('x'), receiver, 'should be capsule, got string')
})
