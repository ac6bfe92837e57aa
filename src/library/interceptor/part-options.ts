// The dispatch options of one tenant's part: the caller's own, but for what the part has for itself.

import type { HttpRequest } from '../../wire/message.ts'
import type { DispatchOptions } from './dispatch.ts'
import type { RequestHead } from './request-head.ts'

/** `options` are the caller's without their body, which nothing here may keep. */
export function partOptions(options: DispatchOptions, head: RequestHead, part: HttpRequest): DispatchOptions {
  const { method, headers, body } = part
  const own = { ...options, method, headers, body }
  if (part.url === head.url) {
    // An interceptor that resolves names leaves the host's name in this header.
    const { host } = head.headers
    return host === undefined ? own : { ...own, headers: { ...headers, host } }
  }
  // What an override leads elsewhere has that place's own query, and its own name in the TLS handshake.
  const { origin, pathname, search } = new URL(part.url)
  return { ...own, origin, path: pathname + search, query: undefined, servername: undefined } as DispatchOptions
}
