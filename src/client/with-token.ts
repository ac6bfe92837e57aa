// How a link uses a token: at once while there is one, without a promise of its own; else the request waits, and its
// time goes on meanwhile.

import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import { copyRequest } from './redirect-hop.ts'
import type { TokenCache } from './token-cache.ts'

/** `send` gets the token and the request with what is left of its time. Rejects as TokenCache.get does. */
export function withToken<T>(
  cache: Pick<TokenCache<T>, 'current' | 'get'>,
  request: HttpRequest,
  send: (token: T, request: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const token = cache.current()
  return token === undefined ? afterWaiting(cache, request, send) : send(token, request)
}

async function afterWaiting<T>(
  cache: Pick<TokenCache<T>, 'get'>,
  request: HttpRequest,
  send: (token: T, request: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const { timeoutMs } = request
  if (timeoutMs === undefined) return send(await cache.get(request), request)
  const startedAt = performance.now()
  const token = await cache.get(request)
  const left = Math.max(1, timeoutMs - (performance.now() - startedAt))
  return send(token, copyRequest(request, { timeoutMs: left }))
}
