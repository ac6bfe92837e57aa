// `coalesce`: the first argument that is not empty.

import { nullValue } from '../make-value.ts'
import type { Value } from '../value.ts'
import { rawFn } from './function.ts'

/** null, "", 0, false, [] and {}; also an empty secret. */
function isEmpty(value: Value): boolean {
  switch (value.type) {
    case 'null':
      return true
    case 'bool':
      return !value.value
    case 'number':
      return Number(value.value) === 0
    case 'string':
      return value.value === ''
    case 'array':
      return value.items.length === 0
    case 'object':
      return value.fields.size === 0
    case 'secret':
      return value.secret.reveal() === ''
    default:
      return false
  }
}

export const coalesce = rawFn('coalesce', (args) => args.find((value) => !isEmpty(value)) ?? args.at(-1) ?? nullValue())
