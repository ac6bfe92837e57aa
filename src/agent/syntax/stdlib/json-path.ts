// What a JSONPath finds in a value, in the order of the document; below `..`, what is deeper comes first. Bounded in
// work, so that a path with many `..` ends.

import { isEqual } from '../equal.ts'
import { floatOf } from '../number.ts'
import { isInOrder } from '../operators.ts'
import type { ArrayValue, ObjectValue, Value } from '../value.ts'
import { CallError } from '../value-error.ts'
import { type Operator, type Path, parseJsonPath, type Step, type Test } from './json-path-parse.ts'

/** Values that are looked at. */
const maxWork = 2_000_000

/** All values that `path` finds in `root`. Throws CallError for a path that can't be read, or that finds no end. */
export const jsonPath = (root: Value, path: string): readonly Value[] =>
  path === '' ? [] : new Search(root).find(parseJsonPath(path), root)

type Container = ArrayValue | ObjectValue
const isContainer = (value: Value): value is Container => value.type === 'array' || value.type === 'object'

const partsOf = (value: Container): readonly Value[] =>
  value.type === 'array' ? value.items : [...value.fields.values()]

class Search {
  readonly #root: Value
  #work = 0

  constructor(root: Value) {
    this.#root = root
  }

  find({ fromRoot, steps }: Path, from: Value): readonly Value[] {
    const found: Value[] = []
    this.#follow(fromRoot ? this.#root : from, steps, 0, found)
    return found
  }

  #follow(value: Value, steps: readonly Step[], at: number, found: Value[]): void {
    if (++this.#work > maxWork) throw new CallError(`the path finds too much (more than ${maxWork} steps)`)
    const step = steps[at]
    if (step === undefined) found.push(value)
    else if (!isContainer(value)) return
    else if (step.kind === 'descent') this.#descend(value, steps, at, found)
    else for (const part of this.#select(value, step)) this.#follow(part, steps, at + 1, found)
  }

  #descend(value: Container, steps: readonly Step[], at: number, found: Value[], isTop = true): void {
    const isLast = at === steps.length - 1
    const parts = partsOf(value)
    if (isLast) for (const part of parts) this.#follow(part, steps, at + 1, found)
    for (const part of parts) if (isContainer(part)) this.#descend(part, steps, at, found, false)
    if (isTop || !isLast) this.#follow(value, steps, at + 1, found)
  }

  #select(value: Container, step: Exclude<Step, { kind: 'descent' }>): readonly Value[] {
    switch (step.kind) {
      case 'child':
        return member(value, step.name)
      case 'nth':
        return member(value, step.index)
      case 'union':
        return step.of.flatMap((key) => member(value, key))
      case 'slice':
        return value.type === 'array' ? slice(value.items, step) : []
      case 'filter':
        return partsOf(value).filter((part) => this.#isTrue(step.test, part))
      default:
        return partsOf(value)
    }
  }

  /** A path by itself is true where it finds something. */
  #isTrue(test: Test, at: Value): boolean {
    switch (test.kind) {
      case 'value':
        return test.value.type === 'bool' && test.value.value
      case 'path':
        return this.find(test.path, at).length > 0
      case 'not':
        return !this.#isTrue(test.test, at)
      case 'binary': {
        const { operator, left, right } = test
        if (operator === '&&') return this.#isTrue(left, at) && this.#isTrue(right, at)
        if (operator === '||') return this.#isTrue(left, at) || this.#isTrue(right, at)
        return this.#compare(this.#operands(left, at), operator, this.#operands(right, at))
      }
    }
  }

  /** undefined: nothing was found. */
  #operands(test: Test, at: Value): readonly (Value | undefined)[] {
    if (test.kind === 'value') return [test.value]
    if (test.kind !== 'path') return [{ type: 'bool', value: this.#isTrue(test, at) }]
    const found = this.find(test.path, at)
    return found.length === 0 ? [undefined] : found
  }

  /** True if it is so for one pair. */
  #compare(left: readonly (Value | undefined)[], operator: Operator, right: readonly (Value | undefined)[]): boolean {
    this.#work += left.length * right.length
    return left.some((a) => right.some((b) => holds(a, operator, b)))
  }
}

/** A name in an object, or a number in an array, which counts from the end if it is negative. */
function member(value: Container, key: string | number): readonly Value[] {
  let found: Value | undefined
  if (typeof key === 'string') found = value.type === 'object' ? value.fields.get(key) : undefined
  else found = value.type === 'array' ? value.items.at(key) : undefined
  return found === undefined ? [] : [found]
}

function slice(items: readonly Value[], { start, end, step }: Extract<Step, { kind: 'slice' }>): readonly Value[] {
  const { length } = items
  const from = start < 0 ? Math.max(0, length + start) : start
  const to = Math.min(length, end === undefined ? length : end < 0 ? length + end : end)
  const found: Value[] = []
  if (step === 0 || from >= length) return found
  if (step > 0) for (let i = from; i < to; i += step) found.push(items[i] as Value)
  else for (let i = from; i > Math.max(to, -1); i += step) found.push(items[i] as Value)
  return found
}

/** Order is only between numbers, or between texts; arrays and objects equal nothing. */
function holds(a: Value | undefined, operator: Operator, b: Value | undefined): boolean {
  if (operator === '==') return isSame(a, b)
  if (operator === '!=') return !isSame(a, b)
  let order = Number.NaN
  if (a?.type === 'number' && b?.type === 'number') order = floatOf(a) - floatOf(b)
  else if (a?.type === 'string' && b?.type === 'string') order = a.value < b.value ? -1 : Number(a.value > b.value)
  return isInOrder(order, operator)
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return !isContainer(a) && isEqual(a, b)
}
