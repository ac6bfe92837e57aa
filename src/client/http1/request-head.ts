// The bytes before a body. Names and values were found good by request-check.ts; nothing is judged here.

import type { HttpRequest } from '../../wire/message.ts'
import type { Target } from '../target.ts'

/** Request line and headers, the empty line included; latin1, so its length is its number of bytes. */
export function requestHead(target: Target, request: HttpRequest): string {
  const { headers, method, body } = request
  let head = `${method} ${target.path} HTTP/1.1\r\n`
  if (headers.host === undefined) head += `host: ${target.host}\r\n`
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`
  return body.length === 0 && (method === 'GET' || method === 'HEAD')
    ? `${head}\r\n`
    : `${head}content-length: ${body.length}\r\n\r\n`
}
