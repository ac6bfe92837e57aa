// A link of one's own: signs each request's body with a shared key. 20 lines with their comments.

import { createHmac } from 'node:crypto'
import type { Link } from 'sluice'

/** Adds `X-Signature: <HMAC-SHA256 of the body, as hex>`. */
export function signing(key: string): Link {
  const link: Link = function signing(next) {
    return (request) => {
      const signature = createHmac('sha256', key).update(request.body).digest('hex')
      // Neither the request nor its headers may be changed: others hold them too.
      return next({ ...request, headers: { ...request.headers, 'x-signature': signature } })
    }
  }
  // It signs the whole body, so it belongs behind a link that splits it: `chain` refuses the other order.
  return Object.assign(link, { signsBody: true as const })
}
