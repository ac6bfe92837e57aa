// The bytes before a body. Names and values were found good by request-check.ts; nothing is judged here.

import type { HttpRequest } from '../../wire/message.ts'
import type { Target } from '../target.ts'

interface Written {
  readonly target: Target
  readonly method: string
  readonly head: Buffer
}

/** What was written for a headers object the last time: one tenant's requests all carry the same. */
const written = new WeakMap<HttpRequest['headers'], Written>()

/** Request line and headers as bytes, but for the content-length and the empty line. */
export function requestHead(target: Target, { headers, method }: HttpRequest): Buffer {
  let last = written.get(headers)
  if (last === undefined || last.target !== target || last.method !== method) {
    last = { target, method, head: Buffer.from(commonHead(target, method, headers), 'latin1') }
    written.set(headers, last)
  }
  return last.head
}

/** What comes behind the head: the body's length, and the empty line. */
export function requestTail({ method, body }: HttpRequest): string {
  if (body.length === 0 && (method === 'GET' || method === 'HEAD')) return '\r\n'
  return `content-length: ${body.length}\r\n\r\n`
}

function commonHead(target: Target, method: string, given: HttpRequest['headers']): string {
  const headers = onTheWay(target, given)
  let head = `${method} ${target.path} HTTP/1.1\r\n`
  if (headers.host === undefined) head += `host: ${target.host}\r\n`
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`
  return head
}

/** The headers of a request, and those that only this way adds. */
export function onTheWay({ proxyAuthorization }: Target, headers: HttpRequest['headers']): HttpRequest['headers'] {
  if (proxyAuthorization === undefined) return headers
  return { ...headers, 'proxy-authorization': proxyAuthorization.reveal() }
}
