// One token that many requests use: fetched once however many wait for it, renewed in the background while the old
// one still serves, so that a short outage of the token server is felt by nobody. A token whose time is nearly over
// is never handed out.

import { SluiceError } from '../errors.ts'
import type { HttpRequest } from '../wire/message.ts'

/** A token as it was issued. */
export interface IssuedToken<T = string> {
  readonly value: T
  /** When it ends, in ms on the clock `now`; undefined: it does not. */
  readonly expiresAt: number | undefined
}

export interface TokenCacheOptions<T = string> {
  /** Gets a new one. What it rejects with reaches the requests that wait; never called twice at a time (but `drop`). */
  readonly fetchToken: () => Promise<IssuedToken<T>>
  /** Time of day in ms, as Date.now. */
  readonly now: () => number
  /** So long before its end, in ms, a token is renewed; at most half of its life, which Infinity stands for. */
  readonly earlyMs: number
}

/** Who waits for a token: gives up when aborted, or when its time is over. A request is one. */
export type Waiter = Pick<HttpRequest, 'signal' | 'timeoutMs'>

export interface TokenCache<T = string> {
  /** The token, if there is one that is valid now. Starts its renewal when that is due; waits for nothing. */
  current(): T | undefined
  /**
   * The token, fetched if need be. The waiter's end is its own: the fetch goes on for the others. Rejects with the
   * signal's reason, SluiceError CREDENTIALS_UNAVAILABLE when `timeoutMs` is over, or whatever `fetchToken` gave.
   */
  get(waiter?: Waiter): Promise<T>
  /** Forgets the token, and keeps none that was asked for before: the secret behind it has changed. */
  drop(): void
}

/** Before its end, in ms (at most a tenth of its life), a token is not handed out any more: the way takes time. */
const marginMs = 10_000
/** After a renewal that failed, while the old token still serves, the next is tried this much later. */
const retryMs = 5_000

export function tokenCache<T = string>(options: TokenCacheOptions<T>): TokenCache<T> {
  const { fetchToken, now, earlyMs } = options
  let held: { readonly value: T; readonly renewAt: number; readonly endsAt: number } | undefined
  let flight: Promise<T> | undefined
  let retryAt = Number.NEGATIVE_INFINITY

  const lifeOf = ({ value, expiresAt = Number.POSITIVE_INFINITY }: IssuedToken<T>) => {
    const life = expiresAt - now()
    if (!(life > 0))
      throw new SluiceError(
        'CREDENTIALS_UNAVAILABLE',
        'the token that was issued is expired already: is the clock right?',
      )
    return {
      value,
      renewAt: expiresAt - Math.min(earlyMs, life / 2),
      endsAt: expiresAt - Math.min(marginMs, life / 10),
    }
  }

  const start = (): Promise<T> => {
    const mine = Promise.resolve()
      .then(fetchToken)
      .then(lifeOf)
      .then(
        (issued) => {
          if (flight === mine) {
            held = issued
            flight = undefined
          }
          return issued.value
        },
        (error: unknown) => {
          if (flight === mine) {
            flight = undefined
            retryAt = now() + retryMs
          }
          throw error
        },
      )
    // A renewal that nobody waits for may fail: the next request that needs it asks again.
    mine.catch(() => {})
    flight = mine
    return mine
  }

  const current = () => {
    const at = now()
    if (held === undefined || at >= held.endsAt) return undefined
    if (at >= held.renewAt && at >= retryAt && flight === undefined) void start()
    return held.value
  }

  return {
    current,
    get(waiter = {}) {
      if (waiter.signal?.aborted) return Promise.reject(waiter.signal.reason)
      const value = current()
      return value === undefined ? bounded(flight ?? start(), waiter) : Promise.resolve(value)
    },
    drop() {
      held = undefined
      flight = undefined
      retryAt = Number.NEGATIVE_INFINITY
    },
  }
}

function bounded<T>(token: Promise<T>, { signal, timeoutMs }: Waiter): Promise<T> {
  if (signal === undefined && timeoutMs === undefined) return token
  return new Promise((resolve, reject) => {
    const abort = () => leave(() => reject(signal?.reason))
    const leave = (settle: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      settle()
    }
    const expire = () =>
      reject(new SluiceError('CREDENTIALS_UNAVAILABLE', `no token within ${Math.round(timeoutMs ?? 0)} ms`))
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => leave(expire), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    token.then(
      (value) => leave(() => resolve(value)),
      (error) => leave(() => reject(error)),
    )
  })
}
