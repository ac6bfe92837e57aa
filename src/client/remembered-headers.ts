// What a link makes of a headers object is made once for each, so that whatever is remembered of the result further
// on (its bytes, its soundness) holds for the next request too. A new value begins anew.

import type { HttpRequest } from '../wire/message.ts'

type Headers = HttpRequest['headers']

/** `make` must be pure. `value` is compared by identity. */
export function rememberedHeaders<T>(
  make: (headers: Headers, value: T) => Headers,
): (headers: Headers, value: T) => Headers {
  let current: T | undefined
  let made = new WeakMap<Headers, Headers>()
  return (headers, value) => {
    if (value !== current) {
      current = value
      made = new WeakMap()
    }
    let result = made.get(headers)
    if (result === undefined) {
      result = make(headers, value)
      made.set(headers, result)
    }
    return result
  }
}
