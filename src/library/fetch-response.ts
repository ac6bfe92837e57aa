// The merged answer as a Response of the built-in fetch.

import { STATUS_CODES } from 'node:http'
import type { HttpResponse } from '../wire/message.ts'

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])
const highestStatus = 599

/** `url`: where the request went, which no constructor takes. */
export function toResponse({ status, headers, body }: HttpResponse, url: string): Response {
  const known = Math.min(status, highestStatus)
  const content = withoutBody.has(known) ? null : new Uint8Array(body)
  const response = new Response(content, { status: known, statusText: STATUS_CODES[known] ?? '', headers })
  return Object.defineProperty(response, 'url', { value: url })
}
