// OAuth 2.0 towards upstream, as Prometheus' `oauth2`: one token for all requests, asked for with a secret that may
// change at any time. A token belongs to the secret that it was got with and goes with it.

import type { OAuth2Settings } from '../../config/http-client/http-client-settings.ts'
import { jwtBearer } from '../../config/http-client/http-client-settings.ts'
import { SluiceError } from '../../errors.ts'
import type { Send } from '../../wire/message.ts'
import { authorizer, isUnauthorized } from '../authorize.ts'
import type { Link } from '../chain.ts'
import { credentialReader } from '../credential.ts'
import { parseTarget } from '../target.ts'
import { type TokenCache, tokenCache, type Waiter } from '../token-cache.ts'
import { type TokenSource, withToken } from '../with-token.ts'
import { tokenFetcher } from './fetch-token.ts'
import { grants } from './grant.ts'

/** Before its end, in ms, a token is renewed; as in golang.org/x/oauth2. */
const earlyMs = 10_000

export interface OAuth2Dependencies {
  /**
   * Sends token requests, each of at most 30 s. Whether it follows redirects is its own matter. It must keep
   * `maxTokenAnswerBytes` (token-answer.ts) of an answer: one as long as that, or cut short, is an error.
   */
  readonly tokenClient: Send
  /** Time of day in ms, as Date.now. */
  readonly now: () => number
}

/**
 * Sends a token along. A request that has an Authorization keeps it (an override's Basic auth); one that a redirect
 * leads to another host gets none; what upstream answers, a 401 too, changes nothing, as in Prometheus.
 *
 * One token request at a time for any number of waiting requests; each waits as long as its own `timeoutMs` and
 * `signal` let it. The secret's file is looked at for every request; with a new secret the old token is not used any
 * more, not even by requests that were waiting for it. Without a token nothing is sent: rejects with SluiceError
 * CREDENTIALS_UNAVAILABLE, and the next request asks again.
 *
 * Throws SluiceError CONFIG_INVALID if `tokenUrl` can't be sent to or `endpointParams` name what settings name.
 */
export function oauth2(settings: OAuth2Settings, deps: OAuth2Dependencies): Link {
  const source = sharedToken(settings, deps)
  const authorized = authorizer()
  return function oauth2(next) {
    return (request) => {
      if (!isUnauthorized(request)) return next(request)
      source.userAgent = request.headers['user-agent']
      return withToken(source, request, (authorization, waited) => next(authorized(waited, authorization)))
    }
  }
}

interface SharedToken extends TokenSource {
  /** Token requests carry that of the last request. */
  userAgent: string | undefined
}

function sharedToken(settings: OAuth2Settings, { tokenClient, now }: OAuth2Dependencies): SharedToken {
  const { tokenUrl, grantType, clientCertificateKey, clientSecret } = settings
  const secretSource = grantType === jwtBearer ? clientCertificateKey : clientSecret
  const readSecret = credentialReader(secretSource, 'unable to read oauth2 client secret')

  const make = (secret: string): TokenCache => {
    const fetchToken = tokenFetcher({ tokenUrl, grants: grants(settings, secret, now), tokenClient, now })
    return tokenCache({ fetchToken: () => fetchToken(source.userAgent), now, earlyMs })
  }
  let held: { readonly secret: string; readonly cache: TokenCache } | undefined
  /** The cache of the secret as it is now. Throws CREDENTIALS_UNAVAILABLE. */
  const cacheNow = (): TokenCache => {
    const secret = readSecret()
    if (held?.secret !== secret) held = { secret, cache: make(secret) }
    return held.cache
  }

  const source: SharedToken = {
    userAgent: undefined,
    current: () => cacheNow().current(),
    async get({ signal, timeoutMs = Number.POSITIVE_INFINITY }: Waiter = {}) {
      const endsAt = performance.now() + timeoutMs
      for (;;) {
        const cache = cacheNow()
        const left = endsAt - performance.now()
        try {
          const token = await cache.get({
            ...(signal && { signal }),
            ...(left !== Number.POSITIVE_INFINITY && { timeoutMs: Math.max(1, left) }),
          })
          if (cacheNow() === cache) return token
        } catch (error) {
          if (signal?.aborted || performance.now() >= endsAt || cacheNow() === cache) throw error
        }
      }
    },
  }
  checkSettings(settings)
  return source
}

function checkSettings(settings: OAuth2Settings): void {
  try {
    parseTarget(settings.tokenUrl)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SluiceError('CONFIG_INVALID', `oauth2 token_url: ${why}`, { cause })
  }
  grants(settings, '', Date.now)
}
