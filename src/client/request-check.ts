// The last look at a request before it becomes bytes. What could be read as two requests, or as another one, is
// refused here even if nothing that makes requests would ever say it.

import { SluiceError } from '../errors.ts'
import type { HttpRequest } from '../wire/message.ts'

const methodName = /^[A-Z]+$/
// Lower case, as HttpRequest has them: Host beside host would be two headers.
const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const value = /^[\t\x20-\x7e\x80-\xff]*$/

/** How a request is framed and what happens to its connection is decided by the transport alone. */
const transportOwn: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers that were found good: a headers object does not change once it was handed over. */
const good = new WeakSet<HttpRequest['headers']>()

/** Throws SluiceError INTERNAL if method or headers may not be sent. The text never holds a header's value. */
export function checkRequest(request: HttpRequest): void {
  if (!methodName.test(request.method) || request.method === 'CONNECT')
    throw new SluiceError('INTERNAL', `${JSON.stringify(request.method)} is no method to send`)
  if (good.has(request.headers)) return
  checkHeaders(request.headers)
  good.add(request.headers)
}

function checkHeaders(headers: HttpRequest['headers']): void {
  for (const name in headers) {
    if (!headerName.test(name)) throw new SluiceError('INTERNAL', `${JSON.stringify(name)} is not the name of a header`)
    if (transportOwn.has(name.toLowerCase()))
      throw new SluiceError('INTERNAL', `the header ${name} is set by the transport and by nobody else`)
    const text = headers[name]
    if (typeof text !== 'string' || !value.test(text))
      throw new SluiceError('INTERNAL', `the value of header ${name} holds a character that no header may hold`)
  }
}
