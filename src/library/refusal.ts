// Answers in the form in which a caller of the library gets them.

import { SluiceError } from '../errors.ts'
import { errorAnswer, plainText } from '../receive/error-answer.ts'
import type { Answer } from '../receive/push.ts'
import type { HttpResponse } from '../wire/message.ts'

export function responseOf({ status, headers, body = '' }: Answer): HttpResponse {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return {
    status,
    headers: bytes.length === 0 ? { ...headers } : { 'content-type': plainText, ...headers },
    body: bytes,
  }
}

const thrown: ReadonlySet<string> = new Set(['INTERNAL', 'BAD_REQUEST', 'CONFIG_INVALID', 'SIGNED_BEFORE_SPLIT'])

/** The answer to a push that is refused as a whole, as the proxy words it; undefined for what its caller did wrong. */
export function refusal(error: unknown): HttpResponse | undefined {
  if (!(error instanceof SluiceError) || thrown.has(error.code)) return undefined
  return responseOf(errorAnswer(error))
}
