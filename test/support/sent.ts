// What a link makes of a request, without a network.

import type { Link } from '../../src/client/chain.ts'
import { markForeign } from '../../src/client/redirect-hop.ts'
import type { HttpRequest, Send } from '../../src/wire/message.ts'

export const plainRequest: HttpRequest = {
  method: 'POST',
  url: 'http://upstream/push',
  headers: { 'x-scope-orgid': 'a' },
  body: Buffer.from('body'),
}

/** The headers that the transport gets; `foreign`: of a request that a redirect leads to another host. */
export function sender(
  link: Link,
): (headers: HttpRequest['headers'], foreign?: 'foreign') => Promise<HttpRequest['headers']> {
  let seen: HttpRequest | undefined
  const transport: Send = async (request) => {
    seen = request
    return { status: 200, headers: {}, body: request.body }
  }
  const send = link(transport)
  return async (headers, foreign) => {
    seen = undefined
    const request = { ...plainRequest, headers }
    await send(foreign === undefined ? request : markForeign(request))
    const { headers: result, ...rest } = seen!
    const { headers: _, ...asSent } = plainRequest
    if (!Object.entries(asSent).every(([name, value]) => rest[name as keyof typeof rest] === value))
      throw new Error('the link changed more than headers')
    return result
  }
}
