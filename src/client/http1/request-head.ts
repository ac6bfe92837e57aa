// The bytes before a body. Names and values were found good by request-check.ts; nothing is judged here.

import type { HttpRequest } from '../../wire/message.ts'
import type { Target } from '../target.ts'

interface Written {
  readonly target: Target
  readonly method: string
  readonly head: string
}

/** What was written for a headers object the last time: one tenant's requests all carry the same. */
const written = new WeakMap<HttpRequest['headers'], Written>()

/** Request line and headers, the empty line included; latin1, so its length is its number of bytes. */
export function requestHead(target: Target, request: HttpRequest): string {
  const { headers, method, body } = request
  let last = written.get(headers)
  if (last === undefined || last.target !== target || last.method !== method) {
    last = { target, method, head: commonHead(target, method, headers) }
    written.set(headers, last)
  }
  const { head } = last
  return body.length === 0 && (method === 'GET' || method === 'HEAD')
    ? `${head}\r\n`
    : `${head}content-length: ${body.length}\r\n\r\n`
}

function commonHead(target: Target, method: string, headers: HttpRequest['headers']): string {
  let head = `${method} ${target.path} HTTP/1.1\r\n`
  if (headers.host === undefined) head += `host: ${target.host}\r\n`
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`
  return head
}
