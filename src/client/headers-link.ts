// Links that do nothing but rewrite headers. Neighbours of this kind fold into one, which works on each headers object
// once: what is remembered of the result further on (its bytes, its soundness) holds for the next request too.

import type { HttpRequest, Send } from '../wire/message.ts'
import { isForeign } from './redirect-hop.ts'

type Headers = HttpRequest['headers']

export interface HeaderRewrite<T = never> {
  /** What is added, looked at for every request; equal (`===`) as long as nothing has changed. */
  readonly read: () => T
  /** Pure: a new object, or the same one if nothing is to change. Where it or `read` throws, the request rejects and is not sent. */
  readonly make: (headers: Headers, value: T) => Headers
  /** Also for requests that a redirect led to another host: only what is no secret. */
  readonly abroad?: true
}

export interface HeadersLink {
  (next: Send): Send
  readonly rewrites: readonly HeaderRewrite[]
}

/** A link that rewrites headers; `name` is what errors call it. */
export function headersLink<T>(name: string, rewrite: HeaderRewrite<T>): HeadersLink {
  return linkOf([rewrite as unknown as HeaderRewrite], name)
}

/** Neighbours as one link, which does what they do in their order. */
export const foldHeaders = (links: readonly HeadersLink[]): HeadersLink =>
  linkOf(
    links.flatMap(({ rewrites }) => rewrites),
    links.map(({ name }) => name).join(' + '),
  )

function linkOf(rewrites: readonly HeaderRewrite[], name: string): HeadersLink {
  const link = (next: Send): Send => rewriting(rewrites, next)
  return Object.assign(Object.defineProperty(link, 'name', { value: name }), { rewrites })
}

function rewriting(rewrites: readonly HeaderRewrite[], next: Send): Send {
  const values: never[] = []
  let rewritten = new WeakMap<Headers, Headers>()
  const readAll = (): void => {
    for (let k = 0; k < rewrites.length; k++) {
      const value = rewrites[k]!.read()
      if (k < values.length && value === values[k]) continue
      values[k] = value
      rewritten = new WeakMap()
    }
  }
  return (request) => {
    if (isForeign(request)) return next({ ...request, headers: abroad(rewrites, request.headers) })
    let headers: Headers | undefined
    try {
      readAll()
      headers = rewritten.get(request.headers)
      if (headers === undefined) {
        headers = rewrites.reduce((own, { make }, k) => make(own, values[k]!), request.headers)
        rewritten.set(request.headers, headers)
      }
    } catch (error) {
      return Promise.reject(error)
    }
    return next({ ...request, headers })
  }
}

function abroad(rewrites: readonly HeaderRewrite[], headers: Headers): Headers {
  return rewrites.reduce((own, rewrite) => (rewrite.abroad ? rewrite.make(own, rewrite.read()) : own), headers)
}
