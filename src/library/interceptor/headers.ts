// The four forms in which undici takes a request's headers, as one object.

/**
 * Reads an object, a flat array (name, value, name, …), or an iterable of pairs. Names become lower-case; repeated
 * headers are joined with ", "; `undefined` values are left out, as undici does. `undefined`: not headers.
 */
export function readHeaders(headers: unknown): Record<string, string> | undefined {
  const pairs = pairsOf(headers ?? [])
  if (pairs === undefined) return undefined
  const result: Record<string, string> = {}
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    const [name, value] = pair as [unknown, unknown]
    if (value === undefined) continue
    const key = String(name).toLowerCase()
    const text = Array.isArray(value) ? value.join(', ') : String(value ?? '')
    const before = Object.hasOwn(result, key) ? result[key] : undefined
    result[key] = before === undefined ? text : `${before}, ${text}`
  }
  return result
}

function pairsOf(headers: unknown): Iterable<unknown> | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  if (!Array.isArray(headers)) return isIterable(headers) ? headers : Object.entries(headers)
  if (headers.length % 2 !== 0) return undefined
  return Array.from({ length: headers.length / 2 }, (_, k) => [headers[2 * k], headers[2 * k + 1]])
}

const isIterable = (value: object): value is Iterable<unknown> =>
  Symbol.iterator in value && typeof value[Symbol.iterator] === 'function'
