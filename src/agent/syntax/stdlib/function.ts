// How a function of the library is made: what its arguments are converted to, and what it does with them.

import type { Convert } from '../convert.ts'
import { arrayValue, stringValue } from '../make-value.ts'
import { maxTextLength } from '../operators.ts'
import type { ArrayValue, FunctionValue, StringValue, Value } from '../value.ts'
import { CallError } from '../value-error.ts'

type Converters<P extends readonly unknown[]> = { readonly [I in keyof P]: Convert<P[I]> }

/** Of exactly these arguments. `run` throws CallError where it can't do its work. */
export function fn<P extends readonly unknown[]>(
  name: string,
  params: Converters<P>,
  run: (...args: P) => Value,
): FunctionValue {
  return {
    type: 'function',
    name,
    call: (args) => {
      if (args.length !== params.length) throw new CallError(`expected ${params.length} args, got ${args.length}`)
      const converted = params.map((convert, index) => convert(args[index] as Value))
      return run(...(converted as unknown as P))
    },
  }
}

/** Of any number of arguments, as they are. */
export const rawFn = (name: string, run: (args: readonly Value[]) => Value): FunctionValue => ({
  type: 'function',
  name,
  call: run,
})

const tooLong = (): CallError => new CallError(`the text is longer than ${maxTextLength} characters`)

/** A text of a bounded length. `length`, where it is known before the text is made. */
export function boundedText(make: () => string, length: number = 0): StringValue {
  if (length > maxTextLength) throw tooLong()
  const text = make()
  if (text.length > maxTextLength) throw tooLong()
  return stringValue(text)
}

/** Elements that an array may have as the result of a function. */
export const maxItems = 1_000_000

export const tooManyItems = (): CallError => new CallError(`the array has more than ${maxItems} elements`)

export function boundedArray(items: readonly Value[]): ArrayValue {
  if (items.length > maxItems) throw tooManyItems()
  return arrayValue(items)
}

/** The argument as it is. */
export const anyValue: Convert<Value> = (value) => value
