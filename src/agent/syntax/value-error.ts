// What is wrong with a value, before it is known where the value was written: the value, and the way to it from the
// values around it. The evaluator turns it into an EvaluationError, which says the place.

import type { Span } from '../../config/source-file.ts'
import { typeName, type Value } from './value.ts'

/** A value that holds the next one of a chain: `step` (`[2]`, `.name`) leads from it to that. */
export interface Link {
  readonly value: Value
  readonly step: string
}

export class ValueError extends Error {
  readonly value: Value
  readonly chain: readonly Link[]
  /** Where it says what was expected, it says it as a static check does: `expected number, got string`. */
  readonly bare: string

  /** `message` follows the text of the expression that gave the value: `x should be number, got string`. */
  constructor(value: Value, message: string, bare: string = message, chain: readonly Link[] = []) {
    super(message)
    this.value = value
    this.bare = bare
    this.chain = chain
  }
}

/** The value has another type than it should. */
export const typeError = (value: Value, expected: string): ValueError => {
  const got = typeName(value)
  return new ValueError(value, `should be ${expected}, got ${got}`, `expected ${expected}, got ${got}`)
}

/** Runs `work` on a part of `value`; a ValueError then says the way to the part. */
export function inside<T>(value: Value, step: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new ValueError(error.value, error.message, error.bare, [{ value, step }, ...error.chain])
  }
}

/** A function of the library could not do its work, for another reason than the type of an argument. */
export class CallError extends Error {}

/** An expression has no value. The message holds the expression's text, never a secret's. */
export class EvaluationError extends Error {
  readonly span: Span
  /** What to do about it. */
  readonly hint: string | undefined

  constructor(span: Span, message: string, hint?: string) {
    super(message)
    this.span = { start: span.start, end: span.end }
    this.hint = hint
  }
}
