// A link that sends a token along (RFC 6750). As Prometheus' azuread and google_iam do, it replaces whatever
// Authorization the request has; it keeps off hosts that a redirect leads to.

import type { Link } from './chain.ts'
import { isForeign } from './redirect-hop.ts'
import { rememberedHeaders } from './remembered-headers.ts'
import { type TokenSource, withToken } from './with-token.ts'

/**
 * `name` is what errors call the link. `more`: headers that go with the token. A request without a token is not sent:
 * rejects as TokenCache.get does.
 */
export function bearerLink(
  name: string,
  source: TokenSource,
  more: () => Readonly<Record<string, string>> = () => ({}),
): Link {
  const withBearer = rememberedHeaders<string>((headers, token) => ({
    ...headers,
    ...more(),
    authorization: `Bearer ${token}`,
  }))
  const link: Link = (next) => (request) =>
    isForeign(request)
      ? next(request)
      : withToken(source, request, (token, waited) => next({ ...waited, headers: withBearer(waited.headers, token) }))
  return Object.defineProperty(link, 'name', { value: name })
}
