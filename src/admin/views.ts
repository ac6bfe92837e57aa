// How tenants and rejections look as JSON: snake_case, times in RFC 3339, upstream's texts without secrets.

import type { TenantStatus } from '../proxy/tenants.ts'
import { redactText, truncate } from '../telemetry/redact.ts'
import type { Rejection } from '../telemetry/rejections.ts'

/** null where the program has nothing to say. */
export interface TenantJson {
  id: string
  signals: string[]
  in_flight: number
  waiting: number
  samples_delivered: number
  requests: Record<string, number>
  last_status: number | null
  last_error: string | null
  last_seen: string
  failing_since: string | null
  /** null: there is no queue. */
  stored: { bytes: number; batches: number; samples: number; oldest: string | null } | null
  paused: boolean
}

export interface RejectionJson {
  reason: string
  tenant: string | null
  metric: string
  job: string
  sender: string
  first: string
  last: string
  count: number
  example: Record<string, string>
}

const MAX_ERROR = 1024

export function tenantJson(tenant: TenantStatus): TenantJson {
  return {
    id: tenant.id,
    signals: [...tenant.signals],
    in_flight: tenant.inFlight,
    waiting: tenant.waiting,
    samples_delivered: tenant.samplesDelivered,
    requests: { ...tenant.requests },
    last_status: tenant.lastStatus ?? null,
    last_error: tenant.lastError === undefined ? null : truncate(redactText(tenant.lastError), MAX_ERROR),
    last_seen: rfc3339(tenant.lastSeenMs),
    failing_since: tenant.failingSinceMs === undefined ? null : rfc3339(tenant.failingSinceMs),
    stored: tenant.stored === undefined ? null : storedJson(tenant.stored),
    paused: tenant.paused ?? false,
  }
}

function storedJson({ bytes, batches, samples, oldestMs }: NonNullable<TenantStatus['stored']>) {
  return { bytes, batches, samples, oldest: oldestMs === undefined ? null : rfc3339(oldestMs) }
}

export function rejectionJson(rejection: Rejection): RejectionJson {
  return {
    reason: rejection.reason,
    tenant: rejection.tenant ?? null,
    metric: rejection.metric,
    job: rejection.job,
    sender: rejection.sender,
    first: rfc3339(rejection.firstMs),
    last: rfc3339(rejection.lastMs),
    count: rejection.count,
    example: Object.fromEntries(rejection.example),
  }
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString()
}
