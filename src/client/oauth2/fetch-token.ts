// Asking a token server for a token as Prometheus does (prometheus/common, golang.org/x/oauth2).

import type { Send } from '../../wire/message.ts'
import type { IssuedToken } from '../token-cache.ts'
import { askTokenServer, hostOf, masked, unavailable } from '../token-request.ts'
import type { Grant } from './grant.ts'
import { NoToken, readTokenAnswer } from './token-answer.ts'

export interface TokenFetcherOptions {
  readonly tokenUrl: string
  /** Tried in this order until the server's answer is a token; the one that worked is kept. */
  readonly grants: readonly (() => Grant)[]
  readonly tokenClient: Send
  /** Time of day in ms. */
  readonly now: () => number
}

/** Gets one token: a whole Authorization. Rejects with SluiceError CREDENTIALS_UNAVAILABLE. */
export type FetchToken = (userAgent: string | undefined) => Promise<IssuedToken>

const what = 'oauth2: cannot fetch token'

/** A server that can't be reached, or doesn't answer, is not asked another way. */
export function tokenFetcher({ tokenUrl, grants, tokenClient, now }: TokenFetcherOptions): FetchToken {
  let ways = grants
  return async (userAgent) => {
    let refusal = ''
    for (const way of ways) {
      const { form, headers, secrets } = way()
      const ownHeaders = { ...headers, ...(userAgent && { 'user-agent': userAgent }) }
      const answer = await askTokenServer(tokenClient, { what, url: tokenUrl, headers: ownHeaders, form })
      try {
        const token = readTokenAnswer(answer, now(), (text) => masked(text, secrets))
        ways = [way]
        return token
      } catch (error) {
        if (!(error instanceof NoToken)) throw error
        refusal = error.message
      }
    }
    throw unavailable(what, `${hostOf(tokenUrl)} answered ${refusal}`)
  }
}
