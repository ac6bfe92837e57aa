// From how a part ended, as the pipeline knows it, to what a program is told.

import { SluiceError } from '../errors.ts'
import type { PartAnswer } from '../tenancy/merge-answers.ts'
import type { TenantResult } from './tenant-options.ts'

const noHeaders = {}
const noBody = new Uint8Array(0)

export function tenantResult(answer: PartAnswer, series: number): TenantResult {
  const { tenant, status, answered, response } = answer
  if (!answered) return { tenant, status, headers: noHeaders, body: noBody, error: errorOf(answer), series }
  // A part remembered from an earlier attempt has no more than its text.
  const { headers, body } = response ?? {
    headers: noHeaders,
    body: answer.body.length > 0 ? answer.body : Buffer.from(answer.text),
  }
  return { tenant, status, headers, body, error: undefined, series }
}

function errorOf({ status, text, error, retryAfter }: PartAnswer): SluiceError {
  if (error instanceof SluiceError) return error
  const code = status === 429 ? 'RATE_LIMITED' : status === 504 ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_UNREACHABLE'
  return new SluiceError(code, text, { cause: error, ...(retryAfter !== undefined && { retryAfter }) })
}
