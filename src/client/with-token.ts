// How a link uses a token: at once while there is one, without a promise of its own; else the request waits, and its
// time goes on meanwhile.

import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import type { TokenCache } from './token-cache.ts'

/** What of a token's cache a link needs. `current` may throw: the request is refused. */
export type TokenSource<T = string> = Pick<TokenCache<T>, 'current' | 'get'>

/** `send` gets the token and the request with what is left of its time. Rejects as TokenCache.get does. */
export function withToken<T>(
  source: TokenSource<T>,
  request: HttpRequest,
  send: (token: T, request: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  let token: T | undefined
  try {
    token = source.current()
  } catch (error) {
    return Promise.reject(error)
  }
  return token === undefined ? afterWaiting(source, request, send) : send(token, request)
}

async function afterWaiting<T>(
  source: TokenSource<T>,
  request: HttpRequest,
  send: (token: T, request: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const { timeoutMs } = request
  if (timeoutMs === undefined) return send(await source.get(request), request)
  const startedAt = performance.now()
  const token = await source.get(request)
  const left = Math.max(1, timeoutMs - (performance.now() - startedAt))
  return send(token, { ...request, timeoutMs: left })
}
