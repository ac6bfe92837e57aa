// Sets Authorization where a request has none: one that has its own was made by somebody who knew more (an override).
// Keeps off hosts that a redirect leads to.

import type { HttpRequest } from '../wire/message.ts'
import type { Link } from './chain.ts'
import { headersLink } from './headers-link.ts'
import { isForeign } from './redirect-hop.ts'
import { rememberedHeaders } from './remembered-headers.ts'
import type { TextReader } from './text-reader.ts'

/** Whether the request is one to authorize. An empty Authorization is none, as in Prometheus. */
export const isUnauthorized = (request: HttpRequest): boolean => !request.headers.authorization && !isForeign(request)

/** A function that copies a request with `authorization` set. */
export function authorizer(): (request: HttpRequest, authorization: string) => HttpRequest {
  const withAuthorization = rememberedHeaders<string>((headers, authorization) => ({ ...headers, authorization }))
  return (request, authorization) => ({ ...request, headers: withAuthorization(request.headers, authorization) })
}

/**
 * A link that sets what `read` gives for each request. Where it throws, a request that has no Authorization rejects with
 * that and is not sent.
 */
export function authorize(name: string, read: TextReader): Link {
  const attempt = (): string | Failure => {
    try {
      return read()
    } catch (error) {
      return { error }
    }
  }
  return headersLink(name, {
    read: attempt,
    make: (headers, authorization) => {
      if (headers.authorization) return headers
      if (typeof authorization === 'object') throw authorization.error
      return { ...headers, authorization }
    },
  })
}

interface Failure {
  readonly error: unknown
}
