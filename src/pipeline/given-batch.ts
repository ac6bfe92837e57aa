// A batch that is uncompressed and scanned already, and what came with it: how components hand data to a pipeline, and
// what they are told. Whoever took the push from its sender makes one answer of all that it is told.

import type { PartAnswer } from '../tenancy/merge-answers.ts'
import type { Rejected } from '../tenancy/rejected.ts'
import type { Batch } from '../wire/batch.ts'
import type { Written } from '../wire/v2/written.ts'

export interface GivenBatch {
  /** Uncompressed. Its bytes are the giver's again as soon as the call has returned (not: settled). */
  readonly batch: Batch
  /** Headers that travel upstream (User-Agent, Retry-Attempt, traceparent); names in lower case. */
  readonly travelling: Readonly<Record<string, string>>
  /** What else shapes routing or tells two equal batches apart: the sender's tenant header, an identity. '' for none. */
  readonly identity: string
  /** A sender waits: what is refused is told. Without one, refused means dropped. */
  readonly isAwaited: boolean
  /** `ip:port` of the sender, for people; '' for none. */
  readonly client: string
  /** The sender's headers, for `prefix_from_header`; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * What the batch was made of, as it came; never written to again. Equal sources of equal `identity` must mean equal
   * batches: the retry memory, which has to know them again after the call, knows them by it. Absent: the batch's bytes
   * are hashed at once.
   */
  readonly source?: Uint8Array
  /** The same compressed, where that is at hand: used where the batch's bytes are still `bytes`. Never written to. */
  readonly packed?: { readonly bytes: Uint8Array; readonly body: Uint8Array }
  /**
   * Settles with the status that the sender is told, once, in the end. Until then, and after a status that asks for a
   * repeat, it is remembered how the parts ended, and a repeat sends what is unfinished. Absent: nobody repeats it.
   */
  readonly answered?: Promise<number>
}

/** How all of a batch ended. */
export interface Settled {
  readonly parts: readonly PartAnswer[]
  readonly rejected: readonly Rejected[]
  /** What of a batch of remote write 2 was written, where that is not the sum of its parts: several had all of it. */
  readonly written?: Written
}
