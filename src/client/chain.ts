// The one way in which sending is extended: `options → next → call`. A chain is composed once, when settings take
// effect, so that a request pays for its links and for nothing else.

import { SluiceError } from '../errors.ts'
import type { HttpRequest, Send } from '../wire/message.ts'
import { copyRequest } from './redirect-hop.ts'

type Headers = HttpRequest['headers']

/** Wraps what sends: may change the request, the answer, or send several times. Must not change `request.body`. */
export interface Link {
  (next: Send): Send
  /**
   * The link does nothing but this to a request's headers, always the same to the same: neighbours of this kind fold
   * into one, and each headers object is worked on once. The result must be a new object, or the same one.
   */
  readonly rewritesHeaders?: (headers: Headers) => Headers
  /** The link computes something over the whole body (a signature, a digest): no part of it would match. */
  readonly signsBody?: true
  /** The link sends the body in parts. */
  readonly splitsBody?: true
}

/** A link that does nothing but rewrite headers. */
export function headersLink(rewrite: (headers: Headers) => Headers): Link {
  const rewritten = new WeakMap<Headers, Headers>()
  const wrap = (next: Send): Send => {
    return (request) => {
      let headers = rewritten.get(request.headers)
      if (headers === undefined) {
        headers = rewrite(request.headers)
        rewritten.set(request.headers, headers)
      }
      return next(copyRequest(request, { headers }))
    }
  }
  return Object.assign(wrap, { rewritesHeaders: rewrite })
}

/**
 * `links[0]` sees the request first and the answer last; `transport` is what at last sends.
 * Throws SluiceError CONFIG_INVALID if a link that signs bodies stands before one that splits them.
 */
export function chain(links: readonly Link[], transport: Send): Send {
  refuseSignedParts(links)
  return folded(links).reduceRight<Send>((next, link) => link(next), transport)
}

function refuseSignedParts(links: readonly Link[]): void {
  const signing = links.findIndex((link) => link.signsBody)
  if (signing < 0 || !links.slice(signing + 1).some((link) => link.splitsBody)) return
  const name = links[signing]?.name
  throw new SluiceError(
    'CONFIG_INVALID',
    `link ${signing + 1}${name ? ` (${name})` : ''} signs the whole body and stands before a link that splits it by ` +
      'tenant: no part would match the signature. Put it after the splitting link, so that each part is signed by itself',
  )
}

/** Neighbours that only rewrite headers, as one. */
function folded(links: readonly Link[]): readonly Link[] {
  const result: Link[] = []
  for (const link of links) {
    const before = result.at(-1)?.rewritesHeaders
    const after = link.rewritesHeaders
    if (before === undefined || after === undefined) result.push(link)
    else result[result.length - 1] = headersLink((headers) => after(before(headers)))
  }
  return result
}
