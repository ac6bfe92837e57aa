// A link that sends a token along (RFC 6750). As Prometheus' azuread and google_iam do, it replaces whatever
// Authorization the request has; it keeps off hosts that a redirect leads to.

import type { Link } from './chain.ts'
import { copyRequest, isForeign } from './redirect-hop.ts'
import type { TokenCache } from './token-cache.ts'
import { withToken } from './with-token.ts'

/** `name` is what errors call the link. A request without a token is not sent: rejects as TokenCache.get does. */
export function bearerLink(name: string, cache: Pick<TokenCache, 'current' | 'get'>): Link {
  const link: Link = (next) => (request) =>
    isForeign(request)
      ? next(request)
      : withToken(cache, request, (token, waited) =>
          next(copyRequest(waited, { headers: { ...waited.headers, authorization: `Bearer ${token}` } })),
        )
  return Object.defineProperty(link, 'name', { value: name })
}
