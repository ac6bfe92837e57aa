// Sets Authorization where a request has none: one that has its own was made by somebody who knew more (an override).
// Keeps off hosts that a redirect leads to.

import type { HttpRequest, Send } from '../wire/message.ts'
import { copyRequest, isForeign } from './redirect-hop.ts'
import { rememberedHeaders } from './remembered-headers.ts'
import type { TextReader } from './text-reader.ts'

/** Whether the request is one to authorize. An empty Authorization is none, as in Prometheus. */
export const isUnauthorized = (request: HttpRequest): boolean => !request.headers.authorization && !isForeign(request)

/** A function that copies a request with `authorization` set. */
export function authorizer(): (request: HttpRequest, authorization: string) => HttpRequest {
  const withAuthorization = rememberedHeaders<string>((headers, authorization) => ({ ...headers, authorization }))
  return (request, authorization) =>
    copyRequest(request, { headers: withAuthorization(request.headers, authorization) })
}

/** `read` gives the header's value for each request. Where it throws, the request rejects with that and is not sent. */
export function authorize(next: Send, read: TextReader): Send {
  const authorized = authorizer()
  return (request) => {
    if (!isUnauthorized(request)) return next(request)
    let value: string
    try {
      value = read()
    } catch (error) {
      return Promise.reject(error)
    }
    return next(authorized(request, value))
  }
}
