// The one way in which sending is extended: `options → next → call`. A chain is composed once, when settings take
// effect, so that a request pays for its links and for nothing else.

import type { Send } from '../wire/message.ts'

/** Wraps what sends: may change the request, the answer, or send several times. Must not change `request.body`. */
export type Link = (next: Send) => Send

/** `links[0]` sees the request first and the answer last; `transport` is what at last sends. */
export function chain(links: readonly Link[], transport: Send): Send {
  return links.reduceRight<Send>((next, link) => link(next), transport)
}
