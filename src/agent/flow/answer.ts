// What a sender is told of its push: whoever took it gives its batch to a receiver and makes one answer of what comes
// back. The receivers learn that answer's status, since it decides whether the push comes again.

import { SluiceError } from '../../errors.ts'
import type { Answer } from '../../receive/push.ts'
import { type MergeOptions, mergeAnswers, writtenBy } from '../../tenancy/merge-answers.ts'
import type { Flow, Receiver } from './receiver.ts'

/**
 * Gives a batch to `receiver`, before it returns, and resolves with the merged answer. Rejects as `receiver` does: with
 * SluiceError where the batch as a whole is refused.
 */
export async function answerBy(
  receiver: Receiver,
  flow: Omit<Flow, 'answered'>,
  options: Pick<MergeOptions, 'maxRetryAfter'>,
): Promise<Answer> {
  let status = 500
  let tell: (status: number) => void = () => undefined
  const answered = new Promise<number>((resolve) => (tell = resolve))
  const { item, protocol } = flow.batch.codec
  try {
    const { parts, rejected, written = writtenBy(parts) } = await receiver.receive({ ...flow, answered })
    const tells = protocol === 'remote-write-2' && { written }
    const answer = mergeAnswers(parts, rejected, { ...options, item, ...tells })
    status = answer.status
    return answer
  } catch (error) {
    if (error instanceof SluiceError) status = error.status
    throw error
  } finally {
    tell(status)
  }
}
