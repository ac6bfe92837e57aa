// What a sender is told of an error: for every way in which an answer reaches it.

import { SluiceError } from '../errors.ts'
import type { Answer } from './push.ts'

/** Content-Type of all answers that Sluice words itself. */
export const plainText = 'text/plain; charset=utf-8'

/** The answer to a failed push: one line of text, Retry-After where it helps. Anything but SluiceError is a defect. */
export function errorAnswer(error: unknown): Answer {
  if (!(error instanceof SluiceError))
    return { status: 500, body: 'internal error: Sluice has a defect, see its log\n' }
  const headers = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }
  return { status: error.status, headers, body: `${error.message.replace(/\s*\n\s*/g, ' ')}\n` }
}
