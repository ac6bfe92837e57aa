// The one way in which sending is extended: `options → next → call`. A chain is composed once, when settings take
// effect, so that a request pays for its links and for nothing else.

import { SluiceError } from '../errors.ts'
import type { Send } from '../wire/message.ts'
import { foldHeaders, type HeadersLink } from './headers-link.ts'

/**
 * Wraps what sends: may change the request, the answer, or send several times. Must not change `request.body`. What it
 * makes of a request is a copy of it, `{ ...request, headers }`: more than its fields may travel with it, such as the
 * mark of a redirect to another host, without which links further in would send their credentials there.
 */
export interface Link {
  (next: Send): Send
  /** The link does nothing but this (headers-link.ts): neighbours of the kind fold into one. */
  readonly rewrites?: HeadersLink['rewrites']
  /** The link computes something over the whole body (a signature, a digest): no part of it would match. */
  readonly signsBody?: true
  /** The link sends the body in parts. */
  readonly splitsBody?: true
}

/**
 * `links[0]` sees the request first and the answer last; `transport` is what at last sends.
 * Throws SluiceError CONFIG_INVALID if one of them is no function, or a link that signs bodies stands before one that
 * splits them.
 */
export function chain(links: readonly Link[], transport: Send): Send {
  refuseNonsense(links, transport)
  refuseSignedParts(links)
  return folded(links).reduceRight<Send>((next, link) => link(next), transport)
}

function refuseNonsense(links: readonly Link[], transport: Send): void {
  const at = links.findIndex((link) => typeof link !== 'function')
  if (at >= 0)
    throw new SluiceError('CONFIG_INVALID', `link ${at + 1} is no function: a link is (next) => (request) => …`)
  if (typeof transport === 'function') return
  throw new SluiceError('CONFIG_INVALID', 'a chain ends with what sends: chain(links, transport), a function')
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
    const before = result.at(-1)
    if (rewritesOnly(link) && before !== undefined && rewritesOnly(before))
      result[result.length - 1] = foldHeaders([before, link])
    else result.push(link)
  }
  return result
}

const rewritesOnly = (link: Link): link is HeadersLink => link.rewrites !== undefined
