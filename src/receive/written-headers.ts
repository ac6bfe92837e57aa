// What a sender of remote write 2 is told in every answer after content negotiation, whatever became of the push.

import { nothingWritten, writtenHeaders } from '../wire/v2/written.ts'
import type { Answer, Push } from './push.ts'

const none = writtenHeaders(nothingWritten)

/** An answer that doesn’t say what was written says: nothing. Answers in other protocols stay as they are. */
export function withWritten(protocol: Push['protocol'], answer: Answer): Answer {
  return protocol === 'remote-write-2' ? { ...answer, headers: { ...none, ...answer.headers } } : answer
}
