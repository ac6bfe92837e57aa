// Says who sends. The sender's own User-Agent travels through a proxy, so this one is for requests that have none.

import type { Link } from './chain.ts'
import { staticHeaders } from './static-headers.ts'

/** `product` as in RFC 9110, section 10.1.5: `Sluice/0.1.0`. */
export const userAgent = (product: string): Link => staticHeaders({ 'user-agent': product })
