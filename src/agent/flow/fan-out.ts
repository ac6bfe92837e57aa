// One batch to several receivers. Each settles its own; a sender that repeats the push, since one of them failed for
// now, has only that one asked again: the others remember.

import { SluiceError } from '../../errors.ts'
import { type PartAnswer, writtenBy } from '../../tenancy/merge-answers.ts'
import { common, type Written } from '../../wire/v2/written.ts'
import type { Flow, Receiver, Settled } from './receiver.ts'

/**
 * Gives each batch to all of `receivers`, in order, before it returns. What one of them refuses as a whole is one more
 * part that failed, and what one of them did not write was not written. One alone is as it is; without any, everything
 * is settled at once.
 */
export function fanOut(id: string, signal: Receiver['signal'], receivers: readonly Receiver[]): Receiver {
  const [only, ...others] = receivers
  if (only !== undefined && others.length === 0) return only
  return {
    id,
    signal,
    async receive(flow) {
      const all = await Promise.allSettled(receivers.map((receiver) => given(receiver, flow)))
      const settled = all.map((one, k) => (one.status === 'fulfilled' ? one.value : refusal(receivers[k]!, one.reason)))
      const parts = settled.flatMap((one) => one.parts)
      const rejected = settled.flatMap((one) => one.rejected)
      if (flow.batch.codec.protocol !== 'remote-write-2' || settled.length === 0) return { parts, rejected }
      return { parts, rejected, written: settled.map(writtenOf).reduce(common) }
    },
  }
}

/** One that throws keeps the batch from no other. */
async function given(receiver: Receiver, flow: Flow): Promise<Settled> {
  return receiver.receive(flow)
}

const writtenOf = ({ parts, written = writtenBy(parts) }: Settled): Written => written

const noBody = new Uint8Array(0)

function refusal({ id }: Receiver, error: unknown): Settled {
  if (!(error instanceof SluiceError)) throw error
  const { status, message: text, retryAfter } = error
  const part: PartAnswer = {
    ...{ tenant: '', endpoint: id, status, answered: false, text },
    ...{ body: noBody, contentType: undefined, retryAfter },
  }
  return { parts: [part], rejected: [] }
}
