// What senders are told of parts that upstream has not answered for.

import { SluiceError } from '../../errors.ts'
import type { PartAnswer } from '../../tenancy/merge-answers.ts'

const noBody = new Uint8Array(0)

/** On disk, or dropped by policy: the sender is done with it. */
export function taken(tenant: string): PartAnswer {
  return { tenant, status: 204, answered: false, text: '', body: noBody, contentType: undefined, retryAfter: undefined }
}

/** Neither delivered nor stored. `because`: what kept it from being delivered. */
export function undeliverable(tenant: string, because: string, error: unknown, waitMs: number): PartAnswer {
  const text = error instanceof Error ? `${because}; ${error.message}` : because
  const retryAfter = (error instanceof SluiceError ? error.retryAfter : undefined) ?? 1
  return { ...taken(tenant), status: 503, text, retryAfter: Math.max(retryAfter, Math.ceil(waitMs / 1000)) }
}
