// From a listener's push to a flow: unpacked, scanned, shaped by the component that took it, and answered when all that
// it feeds have settled it.

import { BigBodies } from '../../pipeline/big-bodies.ts'
import { travellingHeaders } from '../../pipeline/push-headers.ts'
import { readBatch, refuseEmpty } from '../../pipeline/read-batch.ts'
import type { Answer, Push, PushHandler } from '../../receive/push.ts'
import type { Batch } from '../../wire/batch.ts'
import { releaseBatch } from '../../wire/release.ts'
import { answerBy } from './answer.ts'
import { flowWatch } from './forward-send.ts'
import type { Receiver } from './receiver.ts'
import { newMark } from './transformed.ts'

export interface TakePushOptions {
  readonly receiver: Receiver
  /** Upper bound of the Retry-After handed on, in seconds. */
  readonly maxRetryAfter: number
  readonly maxDecompressedBytes: number
  /** Sent upstream where the sender gives none. */
  readonly userAgent: string
  /** Who the listener found the sender to be, and what else shapes what `shape` does; default ''. */
  readonly identityOf?: (push: Push) => string
  /** What becomes of its batch before it is given on; by default it stays. Its bytes are used until the next call. */
  readonly shape?: (batch: Batch, push: Push) => Batch
}

/** Made anew where the options change: what was remembered of pushes before is not mixed with what comes. */
export function takePush(options: TakePushOptions): PushHandler {
  const { receiver, maxRetryAfter, maxDecompressedBytes, userAgent, identityOf = () => '', shape } = options
  const mark = newMark()
  const bigBodies = new BigBodies()
  const give = (push: Push): Promise<Answer> => {
    const batch = readBatch(push, flowWatch, maxDecompressedBytes)
    try {
      refuseEmpty(batch)
      const { headers, path, encoding, format, client, body } = push
      const kind = [mark, path, headers['content-type'] ?? '', encoding, identityOf(push)]
      return answerBy(
        receiver,
        {
          batch: shape === undefined ? batch : shape(batch, push),
          travelling: travellingHeaders(push, userAgent),
          identity: kind.map((text) => `${text.length}:${text}`).join(''),
          ...{ isAwaited: true, client, headers, source: body },
          ...(encoding === 'snappy' && format === 'protobuf' && { packed: { bytes: batch.bytes, body } }),
        },
        { maxRetryAfter },
      )
    } finally {
      releaseBatch(batch, push.body)
    }
  }
  return async (push) => {
    const turn = bigBodies.turn(push)
    if (turn !== undefined) await turn
    return give(push)
  }
}
