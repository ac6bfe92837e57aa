import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEqual } from './equal.ts'
import { evaluate } from './evaluate.ts'
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
import { parseExpression } from './parse.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'
import { staticTypeOf } from './static-type.ts'
import { standardLibrary } from './stdlib/library.ts'
import { typeName, type Value } from './value.ts'
import { EvaluationError } from './value-error.ts'
import { valueToAlloy, valueToJson } from './value-text.ts'

const hidden = 'hunter2-hunter2'
const library = standardLibrary({ environment: { SET: 'value' } })
const variables: Readonly<Record<string, Value>> = {
  secret: secretValue(hidden),
  receiver: capsuleValue('storage.Appendable', {}),
  number: uintValue(2n ** 64n - 1n),
  rows: arrayValue([objectValue([['a', stringValue('x')]]), objectValue([['a', secretValue(hidden)]])]),
}
const scope: Scope = { lookup: (name) => variables[name], library, stability: 'experimental' }

/** All functions but the one that is there to reveal. */
const functions = [...library].flatMap(([name, value]) => {
  if (name === 'nonsensitive' || name === 'convert') return []
  return value.type === 'object' ? [...value.fields.keys()].map((field) => `${name}.${field}`) : [name]
})

const quoted = (text: string) => JSON.stringify(text)
const texts = [
  '',
  'a',
  'x,y',
  '%d %s %v',
  '%-08.3f%[2]*[1]x',
  '{"a":[1,{"b":null}]}',
  '[[1,"b"],2]',
  'a: &x [1]\nb: *x',
  '$..a[?(@.b < 3)]',
  'aGk=',
  '%41',
  '1h30m',
  'é😀',
]
const leaf = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '1', '-1', '010', '99999999999999999999', '1.5', '1e308', '[]', '{}'),
  fc.constantFrom(...Object.keys(variables), ...functions),
  fc.constantFrom(...texts).map(quoted),
  fc.integer().map(String),
)
const operator = fc.constantFrom('||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^')

const { expression: expressionText } = fc.letrec<{ expression: string }>((tie) => {
  const part = tie('expression')
  return {
    expression: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      leaf,
      fc.tuple(part, operator, part).map(([left, between, right]) => `${left} ${between} ${right}`),
      fc.tuple(fc.constantFrom('!', '-'), part).map(([sign, operand]) => `${sign}(${operand})`),
      fc.array(part, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
      fc.array(part, { maxLength: 3 }).map((items) => `{${items.map((item, i) => `k${i} = ${item}`).join(', ')}}`),
      fc.tuple(part, part).map(([of, index]) => `(${of})[${index}]`),
      part.map((of) => `(${of}).k0`),
      fc
        .tuple(fc.constantFrom(...functions), fc.array(part, { maxLength: 4 }))
        .map(([name, args]) => `${name}(${args.join(', ')})`),
    ),
  }
})

test('any expression has a value or an error at a place, and neither shows a secret', () => {
  let values = 0
  let errors = 0
  fc.assert(
    fc.property(expressionText, (text) => {
      const { expression } = parseExpression(text)
      if (expression === undefined) return
      referencesOf(expression)
      const known = staticTypeOf(expression)
      try {
        const value = evaluate(expression, scope)
        values++
        if (known !== undefined) expect(typeName(value)).toBe(known)
        expect(valueToAlloy(value)).not.toContain(hidden)
        expect(JSON.stringify(valueToJson(value))).not.toContain(hidden)
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error
        errors++
        expect(error.message).not.toContain(hidden)
        expect(error.span.start).toBeGreaterThanOrEqual(0)
        expect(error.span.end).toBeLessThanOrEqual(text.length)
      }
    }),
    { numRuns: 4000 },
  )
  expect(values).toBeGreaterThan(250)
  expect(errors).toBeGreaterThan(250)
})

const { value: plainValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constant(nullValue()),
    fc.boolean().map(boolValue),
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(intValue),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(uintValue),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map(floatValue),
    fc.string({ unit: 'binary' }).map(stringValue),
    fc.array(tie('value'), { maxLength: 4 }).map(arrayValue),
    fc
      .array(
        fc.tuple(
          fc.string({ minLength: 1 }).filter((key) => !/["\\]/.test(key)),
          tie('value'),
        ),
        { maxLength: 4 },
      )
      .map(objectValue),
  ),
}))

test('what a value is written as reads back as the same value', () => {
  fc.assert(
    fc.property(plainValue, (value) => {
      const { expression, diagnostics } = parseExpression(valueToAlloy(value))
      expect(diagnostics).toEqual([])
      expect(isEqual(evaluate(expression!, scope), value)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
