// JSONPath texts to steps, in the grammar of the library that Alloy uses: `$.a['b'][0][1:3]..c[?(@.x == 1)].*`, with
// `$` and the first `.` optional. Functions, arithmetic and regular expressions in filters are refused.

import { boolValue, floatValue, intValue, nullValue, stringValue } from '../make-value.ts'
import type { Value } from '../value.ts'
import { CallError } from '../value-error.ts'

export type Step =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'nth'; readonly index: number }
  | { readonly kind: 'union'; readonly of: readonly (string | number)[] }
  | { readonly kind: 'slice'; readonly start: number; readonly end: number | undefined; readonly step: number }
  | { readonly kind: 'all' | 'descent' }
  | { readonly kind: 'filter'; readonly test: Test }

export interface Path {
  /** `$`, else from the value at hand. */
  readonly fromRoot: boolean
  readonly steps: readonly Step[]
}

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '&&' | '||'

export type Test =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'not'; readonly test: Test }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Test; readonly right: Test }

/** Filters and parentheses in one another at most. */
const maxDepth = 50
const maxLength = 10_000

const nameStart = /[#%0-9;?A-Z^_a-z{|}~\u0080-\uffff]/

/** `[]` of steps for an empty path. Throws CallError. */
export function parseJsonPath(text: string): Path {
  if (text.length > maxLength) throw new CallError(`the path is longer than ${maxLength} characters`)
  const parser = new PathParser(text)
  const path = parser.path(0)
  parser.end()
  return path
}

class PathParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  #fail(message: string): never {
    throw new CallError(`${message} at ${this.#at + 1} in ${this.#text.slice(0, 200)}`)
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail('parse error')
  }

  path(depth: number): Path {
    const steps: Step[] = []
    const first = this.#peek()
    if (first === '$' || first === '@') this.#at++
    for (;;) {
      const step = this.#step(steps, first, depth)
      if (step === undefined) return { fromRoot: first === '$', steps }
      steps.push(step)
    }
  }

  #step(before: readonly Step[], first: string, depth: number): Step | undefined {
    const char = this.#peek()
    if (char === '*') return this.#take({ kind: 'all' })
    if (char === '[') {
      this.#at++
      return this.#bracket(depth)
    }
    if (char === '.') {
      this.#at++
      return this.#afterDot()
    }
    const isBare = (before.length === 0 && first !== '$' && first !== '@') || before.at(-1)?.kind === 'descent'
    return isBare && nameStart.test(char) ? this.#name() : undefined
  }

  #afterDot(): Step {
    const char = this.#peek()
    if (char === '') this.#fail('not terminated')
    if (char === '*') return this.#take({ kind: 'all' })
    if (char === '.') return this.#take({ kind: 'descent' })
    if (!nameStart.test(char)) this.#fail(`an expression fragment can not start with a '${char}'`)
    return this.#name()
  }

  #take(step: Step): Step {
    this.#at++
    return step
  }

  #name(): Step {
    const start = this.#at
    while (nameStart.test(this.#peek())) this.#at++
    return { kind: 'child', name: this.#text.slice(start, this.#at) }
  }

  #peek(): string {
    return this.#text[this.#at] ?? ''
  }

  #skipSpace(): string {
    while (this.#peek() === ' ') this.#at++
    return this.#peek()
  }

  #expect(char: string): void {
    if (this.#skipSpace() !== char) this.#fail('not terminated')
    this.#at++
  }

  #bracket(depth: number): Step {
    const char = this.#skipSpace()
    if (char === '') this.#fail('not terminated')
    if (char === '?') {
      this.#at++
      const test = this.#test(depth + 1)
      this.#expect(']')
      return { kind: 'filter', test }
    }
    if (char === '*') {
      this.#at++
      this.#expect(']')
      return { kind: 'all' }
    }
    if (char === ':') return this.#slice(0)
    const member = this.#member()
    if (this.#skipSpace() === ':' && typeof member === 'number') return this.#slice(member)
    if (this.#peek() === ',') return this.#union(member)
    this.#expect(']')
    return typeof member === 'number' ? { kind: 'nth', index: member } : { kind: 'child', name: member }
  }

  #member(): string | number {
    const char = this.#skipSpace()
    return char === "'" || char === '"' ? this.#quoted() : this.#integer()
  }

  #union(first: string | number): Step {
    const of = [first]
    while (this.#skipSpace() === ',') {
      this.#at++
      of.push(this.#member())
    }
    this.#expect(']')
    return { kind: 'union', of }
  }

  #slice(start: number): Step {
    const numbers: (number | undefined)[] = []
    while (this.#skipSpace() === ':' && numbers.length < 2) {
      this.#at++
      const next = this.#skipSpace()
      numbers.push(next === ':' || next === ']' ? undefined : this.#integer())
    }
    this.#expect(']')
    return { kind: 'slice', start, end: numbers[0], step: numbers[1] ?? 1 }
  }

  #integer(): number {
    const match = /^-?\d{1,15}/.exec(this.#text.slice(this.#at, this.#at + 20))
    if (match === null) this.#fail('expected a number')
    this.#at += match[0].length
    return Number(match[0])
  }

  #quoted(): string {
    const quote = this.#peek()
    let text = ''
    for (this.#at++; this.#peek() !== quote; ) {
      if (this.#peek() === '') this.#fail('not terminated')
      text += this.#peek() === '\\' ? this.#escape() : this.#peek()
      this.#at++
    }
    this.#at++
    return text
  }

  /** Stays at the last character of the escape. */
  #escape(): string {
    const match = /^\\(?:([btnfr"'\\])|x([\da-fA-F]{2})|[uU]([\da-fA-F]{4}))/.exec(
      this.#text.slice(this.#at, this.#at + 6),
    )
    if (match === null) this.#fail('not a valid escaped character')
    const [whole, short, hex, four] = match
    this.#at += whole.length - 1
    if (short === undefined) return String.fromCharCode(Number.parseInt((hex ?? four) as string, 16))
    return { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' }[short] ?? short
  }

  /** Comparisons bind tighter than `&&` and `||`, which are equals; from left to right. `!` takes all that follows. */
  #test(depth: number): Test {
    if (depth > maxDepth) this.#fail(`nested more than ${maxDepth} deep`)
    let left = this.#comparison(depth)
    for (;;) {
      const operator = this.#operator(/^(&&|\|\|)/)
      if (operator === undefined) return left
      left = { kind: 'binary', operator, left, right: this.#comparison(depth) }
    }
  }

  #comparison(depth: number): Test {
    let left = this.#operand(depth)
    for (;;) {
      const operator = this.#operator(/^(==|!=|<=|>=|<|>)/)
      if (operator === undefined) return left
      left = { kind: 'binary', operator, left, right: this.#operand(depth) }
    }
  }

  #operator(pattern: RegExp): Operator | undefined {
    this.#skipSpace()
    const match = pattern.exec(this.#text.slice(this.#at, this.#at + 2))
    if (match === null) return undefined
    this.#at += match[0].length
    return match[0] as Operator
  }

  #operand(depth: number): Test {
    const char = this.#skipSpace()
    if (char === '!') {
      this.#at++
      return { kind: 'not', test: this.#test(depth + 1) }
    }
    if (char === '(') {
      this.#at++
      const test = this.#test(depth + 1)
      this.#expect(')')
      return test
    }
    if (char === '@' || char === '$') return { kind: 'path', path: this.path(depth + 1) }
    return { kind: 'value', value: this.#literal(char) }
  }

  #literal(char: string): Value {
    if (char === "'" || char === '"') return stringValue(this.#quoted())
    const [word] = /^(?:-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|true|false|null)/.exec(this.#text.slice(this.#at)) ?? []
    if (word === undefined) this.#fail('expected a value: a path, a number, a text, true, false or null')
    this.#at += word.length
    if (word === 'null') return nullValue()
    if (word === 'true' || word === 'false') return boolValue(word === 'true')
    return /^-?\d{1,18}$/.test(word) ? intValue(BigInt(word)) : floatValue(Number(word))
  }
}
