import { expect, test } from 'vitest'
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
import { valueToAlloy, valueToJson } from './value-text.ts'

const number = (value: number) => ({ type: 'number', value })
const json = (value: Value, want: unknown) => expect(valueToJson(value)).toEqual(want)
const env: Value = { type: 'function', name: 'sys.env', call: () => nullValue() }

test('the JSON of the component API', () => {
  json(nullValue(), { type: 'null', value: null })
  json(intValue(54), number(54))
  json(stringValue('Hello, world!'), { type: 'string', value: 'Hello, world!' })
  json(boolValue(true), { type: 'bool', value: true })
  json(arrayValue([0, 1, 2, 3, 4].map(intValue)), { type: 'array', value: [0, 1, 2, 3, 4].map(number) })
  json(arrayValue([stringValue('testing'), arrayValue([intValue(0), intValue(1)])]), {
    type: 'array',
    value: [
      { type: 'string', value: 'testing' },
      { type: 'array', value: [number(0), number(1)] },
    ],
  })
  json(
    objectValue([
      ['fizz', stringValue('buzz')],
      ['year', intValue(2023)],
    ]),
    {
      type: 'object',
      value: [
        { key: 'fizz', value: { type: 'string', value: 'buzz' } },
        { key: 'year', value: number(2023) },
      ],
    },
  )
  json(env, { type: 'function', value: 'function' })
  json(secretValue('foo'), { type: 'capsule', value: '(secret)' })
  json(capsuleValue('storage.Appendable', {}), { type: 'capsule', value: 'capsule("storage.Appendable")' })
  json(arrayValue([]), { type: 'array', value: [] })
  json(objectValue([]), { type: 'object', value: [] })
})

test('a value in Alloy syntax', () => {
  const check = (value: Value, want: string) => expect(valueToAlloy(value)).toBe(want)
  check(stringValue('a "b"\n\x01'), '"a \\"b\\"\\n\\x01"')
  check(floatValue(1e-9), '0.000000001')
  check(floatValue(Number.POSITIVE_INFINITY), '+Inf')
  check(uintValue(2n ** 64n - 1n), '18446744073709551615')
  check(secretValue('foo'), '(secret)')
  check(env, 'function')
  check(capsuleValue('loki.LogsReceiver', {}), 'capsule("loki.LogsReceiver")')
  check(objectValue([]), '{}')
  check(
    objectValue([
      ['a', arrayValue([intValue(1), objectValue([['b', secretValue('x')]])])],
      ['with space', nullValue()],
      ['true', boolValue(true)],
    ]),
    '{\n\ta            = [1, {\n\t\tb = (secret),\n\t}],\n\t"with space" = null,\n\t"true"       = true,\n}',
  )
})

test('neither has more than it can bear', () => {
  let shared: Value = arrayValue([intValue(1)])
  for (let i = 0; i < 40; i++) shared = arrayValue([shared, shared])
  expect(valueToAlloy(shared).length).toBeLessThan(1_000_000)
  expect(JSON.stringify(valueToJson(shared)).length).toBeLessThan(20_000_000)
  let deep: Value = intValue(1)
  for (let i = 0; i < 100_000; i++) deep = objectValue([['a', deep]])
  expect(valueToAlloy(deep)).toContain('…')
  expect(JSON.stringify(valueToJson(deep))).toContain('…')
})
