// Headers that every request of an endpoint carries. A request that has one of them already keeps its own: who made
// it knew more (an override's Authorization, a header that travels).

import type { HttpRequest } from '../wire/message.ts'
import type { Link } from './chain.ts'

/** `headers`: names in any case; values are not judged here. */
export function staticHeaders(headers: Readonly<Record<string, string>>): Link {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value
  const merged = new WeakMap<HttpRequest['headers'], HttpRequest['headers']>()
  return (next) => (request: HttpRequest) => {
    let all = merged.get(request.headers)
    if (all === undefined) {
      all = { ...lower, ...request.headers }
      merged.set(request.headers, all)
    }
    return next({ ...request, headers: all })
  }
}
