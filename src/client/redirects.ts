// Redirects as Go's net/http and prometheus/common follow them, but for two things. A POST never becomes a GET. And
// the way from https: to http: counts as leaving the host: credentials that were to travel encrypted don't go in clear.

import { SluiceError } from '../errors.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import type { Link } from './chain.ts'
import { timeout } from './failure.ts'
import { isForeign, markForeign } from './redirect-hop.ts'
import { parseTarget } from './target.ts'

export interface RedirectOptions {
  /** Requests that one request may become, itself included; default 10, as in Go. */
  readonly max?: number
  /** Time in ms that never goes back; default `performance.now`. */
  readonly now?: () => number
}

/**
 * Follows 301, 302, 303, 307 and 308 to their Location. Stands outside the links that authenticate: each hop passes
 * them anew.
 *
 * - 307, 308: the same method and body again. 301, 302, 303: for GET and HEAD, without a body. Any other method is not
 *   followed there, the redirect is the answer: Go's GET would be answered 405 and the data dropped, and the same POST
 *   again, which RFC 9110 would allow for 301 and 302, may end at a login page that answers 200 to anything.
 * - No Location: the redirect is the answer. One that is no http: or https: URL, or carries user and password, or is
 *   the `max`th: rejects with REDIRECT_REFUSED.
 * - A request that leaves the host is foreign (redirect-hop.ts) from there on, even if it is led back. Subdomains of
 *   the first host and other ports are not foreign; http: after https: is. A foreign request loses the headers that
 *   carry credentials, and links add none. The tenant header stays: whom the body belongs to is no secret to whoever
 *   gets the body.
 * - `timeoutMs` is the time of all hops together, `signal` ends any of them.
 */
export function redirects({ max = 10, now = () => performance.now() }: RedirectOptions = {}): Link {
  return function redirects(next) {
    return (request) => {
      const deadline = request.timeoutMs === undefined ? undefined : now() + request.timeoutMs
      return next(request).then((answer) => {
        if (!isFollowed(request, answer)) return answer
        return follow(next, request, answer, max, () => (deadline === undefined ? undefined : deadline - now()))
      })
    }
  }
}

async function follow(
  next: Send,
  first: HttpRequest,
  firstAnswer: HttpResponse,
  max: number,
  timeLeft: () => number | undefined,
): Promise<HttpResponse> {
  let request = first
  let answer = firstAnswer
  for (let sent = 1; isFollowed(request, answer); sent++) {
    if (sent >= max) throw refused(first, `stopped after ${max} redirects; send to the URL where they should end`)
    request = hop(first, request, answer)
    const timeoutMs = timeLeft()
    first.signal?.throwIfAborted()
    if (timeoutMs === undefined) answer = await next(request)
    else if (timeoutMs > 0) answer = await next({ ...request, timeoutMs })
    else throw timeout(shown(request), first.timeoutMs!, 'answer')
  }
  return answer
}

const isFollowed = ({ method }: HttpRequest, { status, headers }: HttpResponse): boolean => {
  if (status < 301 || status > 308 || !headers.location) return false
  return status >= 307 || (status <= 303 && isBodiless(method))
}

const isBodiless = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** The request that a redirect asks for. */
function hop(first: HttpRequest, request: HttpRequest, answer: HttpResponse): HttpRequest {
  const location = answer.headers.location!
  const url = resolve(location, request)
  const leaves = isForeign(request) || !isWithin(url, new URL(first.url))
  const keepsBody = answer.status >= 307
  // A new object for a foreign hop in any case: what links remember of a headers object holds credentials.
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) =>
        !(leaves && sensitive.has(name)) &&
        !(!keepsBody && describesBody.has(name)) &&
        !(name === 'host' && URL.canParse(location)),
    ),
  )
  const body = keepsBody ? request.body : noBody
  const changed = { ...request, url: url.href, headers, body }
  return leaves ? markForeign(changed) : changed
}

const noBody = new Uint8Array(0)

/** Go's list. */
const sensitive: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
])

const describesBody: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
])

function resolve(location: string, from: HttpRequest): URL {
  if (!URL.canParse(location, from.url)) throw refused(from, 'redirects to what is no URL')
  const url = new URL(location, from.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(from, `redirects to a URL that begins with ${url.protocol}; only http: and https: are followed`)
  if (url.username !== '' || url.password !== '')
    throw refused(from, `redirects to a URL of ${url.host} that carries a user or password; only settings may name one`)
  return url
}

/** Whether what was meant for `home` may go to `url`. */
function isWithin(url: URL, home: URL): boolean {
  if (home.protocol === 'https:' && url.protocol === 'http:') return false
  return url.hostname === home.hostname || (!url.hostname.includes(':') && url.hostname.endsWith(`.${home.hostname}`))
}

// A Location may hold a token: of URLs, texts show the host.
const refused = (request: HttpRequest, why: string): SluiceError =>
  new SluiceError('REDIRECT_REFUSED', `${shown(request)}: ${why}`)

const shown = (request: HttpRequest): string => parseTarget(request.url).shown
