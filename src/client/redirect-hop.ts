// Which requests a redirect has led away from the host that they were meant for: credentials don't go there. The mark
// belongs to the request object, so that no caller can set or lose it by a header.

import type { HttpRequest } from '../wire/message.ts'

const foreign = new WeakSet<HttpRequest>()

/** Whether the request goes to another host than the first of its redirects did. */
export const isForeign = (request: HttpRequest): boolean => foreign.has(request)

/** Marks a request, and returns it. */
export function markForeign(request: HttpRequest): HttpRequest {
  foreign.add(request)
  return request
}

/** The request with some fields changed; the mark stays. */
export function copyRequest(request: HttpRequest, changes: Partial<HttpRequest>): HttpRequest {
  const copy = { ...request, ...changes }
  return foreign.has(request) ? markForeign(copy) : copy
}
