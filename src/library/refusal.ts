// Answers in the form in which a caller of the library gets them.

import { SluiceError } from '../errors.ts'
import { judgeContent } from '../receive/content.ts'
import { errorAnswer, plainText } from '../receive/error-answer.ts'
import type { Answer, Push } from '../receive/push.ts'
import { withWritten } from '../receive/written-headers.ts'
import type { HttpResponse } from '../wire/message.ts'
import { type RequestHead, recognise } from './recognise.ts'

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
export function refusal(error: unknown, push: RequestHead): HttpResponse | undefined {
  if (!(error instanceof SluiceError) || thrown.has(error.code)) return undefined
  return responseOf(withWritten(protocolOf(push), errorAnswer(error)))
}

/** Of one that can't be read: a protocol in which nobody is told what was written. */
function protocolOf(push: RequestHead): Push['protocol'] {
  const kind = recognise(push)
  const { 'content-type': type, 'content-encoding': encoding } = push.headers
  try {
    return judgeContent(kind ?? 'remote-write', type, encoding).protocol
  } catch {
    return 'remote-write-1'
  }
}
