// The value of an expression. Every part of it is evaluated, also beside `||` and `&&`; whatever goes wrong is an
// EvaluationError at the innermost expression that is to blame. Bounded in depth, and in the size of what it makes.

import { nearest } from '../../config/nearest.ts'
import type { Span } from '../../config/source-file.ts'
import type { Access, Call, Expression, Index, Reference } from './ast.ts'
import { expressionText } from './expression-text.ts'
import { literalValue } from './literal.ts'
import { arrayValue, nullValue, objectValue } from './make-value.ts'
import { intOf } from './number.ts'
import { binary, unary } from './operators.ts'
import type { Scope } from './scope.ts'
import { defaultLibrary, notes } from './stdlib/library.ts'
import { typeName, type Value } from './value.ts'
import { CallError, EvaluationError, typeError, ValueError } from './value-error.ts'

/** Expressions in one another at most. */
const maxDepth = 1000

/** The value of an expression. Throws EvaluationError. */
export const evaluate = (expression: Expression, scope: Scope): Value => evaluateTo(expression, scope, (value) => value)

/** The value, converted (convert.ts): an error of the conversion says where the value was written. */
export function evaluateTo<T>(expression: Expression, scope: Scope, convert: (value: Value) => T): T {
  const evaluation = new Evaluation(scope)
  return evaluation.located(expression, () => convert(evaluation.value(expression)))
}

class Evaluation {
  readonly #scope: Scope
  /** The outermost expression that gave a value. */
  readonly #origins = new Map<Value, Expression>()
  #depth = 0

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** Runs `work`; whatever is wrong with a value is then said of the expression that it comes from. */
  located<T>(whole: Expression, work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof ValueError) throw this.#locate(error, whole)
      if (error instanceof CallError) throw new EvaluationError(whole, `${expressionText(whole)} ${error.message}`)
      throw error
    }
  }

  #locate(error: ValueError, whole: Expression): EvaluationError {
    const steps: string[] = []
    let origin = this.#origins.get(error.value)
    for (let i = error.chain.length - 1; origin === undefined && i >= 0; i--) {
      const { value, step } = error.chain[i] as (typeof error.chain)[number]
      steps.unshift(step)
      origin = this.#origins.get(value)
    }
    const expression = origin ?? whole
    return new EvaluationError(expression, `${expressionText(expression)}${steps.join('')} ${error.message}`)
  }

  value(expression: Expression): Value {
    if (this.#depth >= maxDepth) throw new EvaluationError(expression, `nested more than ${maxDepth} deep`)
    this.#depth++
    const value = this.#valueOf(expression)
    this.#depth--
    // One value in two places is two values, so that each is known by its own place.
    const own = this.#origins.has(value) && !isWrapper(expression) ? { ...value } : value
    this.#origins.set(own, expression)
    return own
  }

  #valueOf(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return literalValue(expression)
      case 'reference':
        return this.#reference(expression)
      case 'array':
        return arrayValue(expression.elements.map((element) => this.value(element)))
      case 'object':
        return objectValue(expression.fields.map(({ key, value }) => [key.name, this.value(value)]))
      case 'access':
        return this.#access(expression)
      case 'index':
        return this.#index(expression)
      case 'call':
        return this.#call(expression)
      case 'unary': {
        const operand = this.value(expression.operand)
        return this.located(expression, () => unary(expression.operator, operand))
      }
      case 'binary': {
        const left = this.value(expression.left)
        const right = this.value(expression.right)
        return this.located(expression, () => binary(left, expression.operator, right))
      }
      case 'parentheses':
        return this.value(expression.inner)
    }
  }

  #reference({ name, start, end }: Reference): Value {
    const variable = this.#scope.lookup(name)
    if (variable !== undefined) return variable
    const library = this.#scope.library ?? defaultLibrary()
    const value = library.get(name)
    if (value === undefined) {
      throw new EvaluationError({ start, end }, `identifier "${name}" does not exist`, meant(name, library.keys()))
    }
    const replacement = notes.deprecated.get(name)
    if (replacement !== undefined) {
      const message =
        'this stdlib function is deprecated; please refer to the documentation for updated usage and alternatives'
      this.#scope.warn?.({ start, end }, message, `use ${replacement}`)
    }
    return value
  }

  #access({ of, name }: Access): Value {
    const value = this.value(of)
    if (value.type === 'object') {
      const field = value.fields.get(name.name)
      if (field === undefined) {
        throw new EvaluationError(name, `field "${name.name}" does not exist`, meant(name.name, value.fields.keys()))
      }
      return field
    }
    return this.located(of, () => {
      const type = typeName(value)
      if (type === 'capsule') {
        throw new ValueError(value, `expected object or array or a capsule convertible to an object, got ${type}`)
      }
      throw new ValueError(value, `cannot access field "${name.name}" on value of type ${type}`)
    })
  }

  #index(expression: Index): Value {
    const of = this.value(expression.of)
    const index = this.value(expression.index)
    return this.located(expression, () => {
      if (of.type === 'array') {
        if (index.type !== 'number') throw typeError(index, 'number')
        const at = intOf(index)
        const item = at < 0n ? undefined : of.items[Number(at)]
        if (item === undefined) {
          throw new ValueError(index, `index ${at} is out of range of array with length ${of.items.length}`)
        }
        return item
      }
      if (of.type === 'object') {
        if (index.type !== 'string') throw typeError(index, 'string')
        return of.fields.get(index.value) ?? nullValue()
      }
      const type = typeName(of)
      const allowed = type === 'capsule' ? 'object or array or a capsule convertible to an object' : 'object or array'
      throw new ValueError(of, `expected ${allowed}, got ${type}`)
    })
  }

  #call({ of, args }: Call): Value {
    const called = this.value(of)
    if (called.type === 'function') this.#checkStability(called.name, of)
    const values = called.type === 'function' ? args.map((arg) => this.value(arg)) : []
    return this.located(of, () => {
      if (called.type !== 'function') throw typeError(called, 'function')
      return called.call(values)
    })
  }

  #checkStability(name: string, { start, end }: Span): void {
    const allowed = this.#scope.stability ?? 'generally-available'
    if (!notes.experimental.has(name) || allowed === 'experimental') return
    const below = `below the minimum allowed stability level "${allowed}"`
    const remedy = 'Use --stability.level command-line flag to enable "experimental" features'
    throw new EvaluationError(
      { start, end },
      `${name} is at stability level "experimental", which is ${below}. ${remedy}`,
    )
  }
}

/** Its value is the very value of a part of it. */
const isWrapper = ({ kind }: Expression): boolean => kind === 'parentheses' || kind === 'call'

function meant(name: string, known: Iterable<string>): string | undefined {
  const near = nearest(name, known)
  return near === undefined ? undefined : `did you mean "${near}"?`
}
